"""A run's question of another model: of the base of a tuned one, or of one that was tuned from it."""

import streamlit as st

from dashboard.formatting import literal, short
from dashboard.language import _
from dashboard.loaded_run import LoadedRun
from dashboard.services.ask import OtherModel, ask_beside, other_models
from dashboard.session import clicks


def other_models_panel(run: LoadedRun) -> None:
    """A button that compares the run with the same of another model; nothing where there is no other of its kind."""
    others = other_models(run)
    if len(others) == 1 or (others and others[0].is_base):
        _button(run, others.pop(0))
    if others:
        with st.popover(_("Compare with another model"), icon=":material/difference:", type="tertiary"):
            for each in others:
                _button(run, each)


def _button(run: LoadedRun, other: OtherModel) -> None:
    name = literal(short(other.name, 40))
    asked = st.button(
        _("Compare with the base model") if other.is_base else _("Compare with {model}", model=name),
        key=f"beside-{other.fingerprint[:16]}",
        icon=":material/difference:",
        type="tertiary",
        on_click=clicks.whole(ask_beside),
        args=(run, other.fingerprint),
        help=_(
            "Explains this answer by both models, on the same picture and prompt, and opens the difference of their "
            "maps in Compare."
        ),
    )
    if asked:
        st.rerun()  # what is asked is shown outside of this fragment
