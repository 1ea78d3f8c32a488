"""The part of the form that says how the answer is drawn, and how many answers are."""

import streamlit as st

from core.schema.drawn_answers import TEMPERATURES
from dashboard.jobs.pictures import MOST_AT_ONCE
from dashboard.language import _
from dashboard.session.keys import FormKey
from dashboard.ui.glossary import meaning, see


def answer_fields(may_repeat: bool) -> None:
    """Draws the fields; at a temperature of 0 nothing is drawn by chance, and the others say nothing.

    Args:
        may_repeat: whether several answers to one question can be asked for.
    """
    temperature = st.number_input(
        _("Temperature of the answer"),
        min_value=0.0,
        max_value=TEMPERATURES[1],
        step=0.1,
        key=FormKey.TEMPERATURE,
        persist_state="session",
        help=_(
            "0: the model says the likeliest token each time, and the same again whenever it is asked. Above 0, tokens "
            "are drawn by chance; at 1 as often as the model finds them likely. {see}",
            see=see("temperature"),
        ),
    )
    if not temperature:
        return
    st.number_input(
        _("Top-p of the answer"),
        min_value=0.0,
        max_value=1.0,
        step=0.05,
        key=FormKey.TOP_P,
        persist_state="session",
        help=meaning("top-p"),
    )
    st.number_input(
        _("Seed of the answer"),
        min_value=0,
        max_value=2**31 - 1,
        key=FormKey.ANSWER_SEED,
        persist_state="session",
        help=_("Which answer is drawn. The same seed gives the same answer."),
    )
    if may_repeat:
        st.number_input(
            _("Number of answers"),
            min_value=1,
            max_value=MOST_AT_ONCE,
            key=FormKey.ANSWERS,
            persist_state="session",
            help=_(
                "So many are drawn, with this seed and those after it. Each is a run of its own with its maps; they "
                "come to stand side by side."
            ),
        )
