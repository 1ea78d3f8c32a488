"""The pictures in the form, large, while there is no map of them; and what to do next."""

from collections.abc import Sequence

import streamlit as st

from dashboard.formatting import visible
from dashboard.jobs.pictures import ChosenPicture
from dashboard.language import counted
from dashboard.session.keys import FormKey
from dashboard.ui import images

SMALLER = 240
"""Height in pixels that each of several pictures takes at most."""


def chosen_pictures_panel(pictures: Sequence[ChosenPicture]) -> None:
    """The pictures, and a sentence that says what to do."""
    st.markdown(next_step(len(pictures), bool((st.session_state.get(FormKey.PROMPT) or "").strip())))
    highest = images.HIGHEST if len(pictures) == 1 else SMALLER
    with st.container(horizontal=True, key="large-pictures"):
        for chosen in pictures:
            st.image(chosen.preview, width=images.picture_width(chosen.size, highest), alt=visible(chosen.name))


def next_step(pictures: int, asked: bool) -> str:
    """What is to be done next about so many pictures.

    Args:
        asked: whether something stands in the prompt.
    """
    if asked:
        return counted(
            "Press **Run** on the left to ask about your picture.",
            "Press **Run** on the left to ask about your {count} pictures.",
            pictures,
        )
    return counted(
        "Ask something about your picture under **Prompt** on the left. Then press **Run**, or Ctrl+Enter in the "
        "prompt.",
        "Ask something about your {count} pictures under **Prompt** on the left. Then press **Run**, or Ctrl+Enter in "
        "the prompt.",
        pictures,
    )
