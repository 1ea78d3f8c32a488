"""Sentences that several pages show: what is wrong with the server, and what its models cannot do."""

import streamlit as st

from core import METHODS, ExplainError
from core.models.checkpoints import EMBEDDED
from dashboard import resources

EMBEDDED_SENTENCE = (
    "The embedded model knows only drawn scenes of coloured shapes; a photograph runs, but is answered with "
    "inventions. For a full Qwen2.5-VL, set SMOOTHCAM_MODELS to its folder or hub id on the server."
)


def open_services() -> None:
    """Opens settings and storage; says on the page what is wrong, and ends it where nothing can work."""
    try:
        problem = resources.storage().problem
    except ExplainError as error:
        st.error(str(error))
        st.stop()
    if problem:
        st.warning(problem)


def about_choice(model: str, method: str) -> None:
    """The honest lines about the model and the method in the form."""
    if model == EMBEDDED:
        st.caption(EMBEDDED_SENTENCE)
    if method == "gradcam":
        st.warning(f"{METHODS['gradcam'].title}: {METHODS['gradcam'].sentence}")
