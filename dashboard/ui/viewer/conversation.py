"""What was said before the question of a run, turn by turn."""

import streamlit as st

from core.schema import ExplainRequest
from core.schema.conversation import Turn
from dashboard.formatting import cut
from dashboard.language import N_, _, counted, listed

SPEAKERS = {"system": N_("System"), "user": N_("User"), "assistant": N_("Model")}
"""Role -> what it is called."""


def conversation_panel(request: ExplainRequest) -> None:
    """The turns, in the order in which the model reads them; nothing is drawn where there is none."""
    turns = request.conversation
    if not turns:
        return
    with st.expander(counted("{count} earlier turn", "{count} earlier turns", len(turns)), key="earlier-turns"):
        for turn in turns:
            st.caption(_speaker(turn))
            if turn.text:
                st.text(cut(turn.text))


def _speaker(turn: Turn) -> str:
    shown = [_("picture {number}", number=number + 1) for number in turn.pictures]
    name = _(SPEAKERS[turn.role])
    return _("{speaker}, with {pictures}", speaker=name, pictures=listed(shown)) if shown else name
