"""The part of the form that says over how many noisy copies of the picture a map is averaged."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.engine.early_stopping import FEWEST, RELIABLE
from core.schema import MAX_SAMPLES
from dashboard.language import N_, _
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import CUSTOM, SAMPLE_PRESETS
from dashboard.ui.glossary import meaning, see

_SAMPLE_TITLES = {
    "Quick 4": N_("Quick 4"),
    "Standard 10": N_("Standard 10"),
    "High 30": N_("High 30"),
    CUSTOM: N_("Custom"),
}


def samples_of(form: Mapping[FormKey, Any]) -> int:
    """The number of noise samples that the fields hold."""
    choice = form[FormKey.SAMPLES]
    return int(form[FormKey.CUSTOM_SAMPLES]) if choice == CUSTOM else SAMPLE_PRESETS[choice]


def noise_fields(may_settle: bool) -> None:
    """Draws the fields.

    Args:
        may_settle: whether a run may end early.
    """
    _sample_field()
    if may_settle:
        _settle_field()
    st.number_input(
        _("Noise"),
        min_value=0.0,
        max_value=10.0,
        step=0.05,
        key=FormKey.NOISE,
        persist_state="session",
        help=_(
            "Standard deviation of the noise added to the normalised pixels, whose own is near 1. More noise smooths "
            "the map and blurs small things; 0 gives the plain, unsmoothed map."
        ),
    )
    st.number_input(
        _("Seed"),
        min_value=0,
        max_value=2**31 - 1,
        key=FormKey.SEED,
        persist_state="session",
        help=_("Which noise is drawn. The same seed gives the same numbers; another one shows how stable a map is."),
    )


def _sample_field() -> None:
    choice = st.selectbox(
        _("Noise samples"),
        (*SAMPLE_PRESETS, CUSTOM),
        format_func=lambda choice: _(_SAMPLE_TITLES[choice]),
        key=FormKey.SAMPLES,
        persist_state="session",
        help=meaning("noise sample"),
    )
    if choice == CUSTOM:
        st.number_input(
            _("Number of samples"),
            min_value=1,
            max_value=MAX_SAMPLES,
            key=FormKey.CUSTOM_SAMPLES,
            persist_state="session",
        )


def _settle_field() -> None:
    st.toggle(
        _("Stop early when steady"),
        key=FormKey.SETTLE,
        persist_state="session",
        help=_(
            "Ends the run before its last noise sample once the standard error says that more of them would not change "
            "which cells are hotter than which: rank correlation {likeness:g} with a repeat of the run, in half of the "
            "layers at least. Looked at after each chunk of samples, from sample {fewest} on. What comes of it is a "
            "run of so many samples. {see}",
            likeness=RELIABLE,
            fewest=FEWEST,
            see=see("standard error"),
        ),
    )
