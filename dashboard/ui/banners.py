"""Sentences that several pages show: what is wrong with the server, and what its models cannot do."""

from collections.abc import Mapping

import streamlit as st

from core import ExplainError
from core.schema.model_parts import Part
from core.schema.request import IMPORTED
from dashboard import resources
from dashboard.language import N_, _, listed, sentence
from dashboard.map_words import about_method

EMBEDDED_LIMITS = N_(
    "The embedded model knows only drawn scenes and clips of coloured shapes; to anything else it answers just that."
)
FULL_MODELS = N_("For a full Qwen2.5-VL, set SMOOTHCAM_MODELS to its folder or hub id on the server.")


def open_services() -> None:
    """Opens settings and storage; says on the page what is wrong, and ends it where nothing can work."""
    try:
        if runs := resources.migrating():
            st.info(
                _(
                    "The history of {count:,} runs is being brought up to this version of the program, which takes a "
                    "few seconds at most for each ten thousand. Nothing is lost. Reload this page in a moment.",
                    count=runs,
                )
            )
            st.stop()
        problem = resources.storage().problem
    except ExplainError as error:
        st.error(sentence(str(error)))
        st.stop()
    if problem:
        st.warning(sentence(problem))


def imported_banner(origins: Mapping[str, str]) -> None:
    """Says of what is on the page that it was imported, wherever it is shown.

    Args:
        origins: what each run is called on the page ("" for the only one) -> its origin, "" where it was computed here.
    """
    imported = [name for name, origin in origins.items() if origin]
    if imported:
        said = sentence(IMPORTED)
        if any(imported):
            said = _(
                "Imported ({runs}): computed elsewhere; the numbers cannot be checked here.", runs=listed(imported)
            )
        st.warning(said, icon=":material/move_to_inbox:")


def about_choice(method: str, part: Part = "decoder") -> None:
    """The honest lines about the method and the part of the model in the form."""
    if said := about_method(method, part):
        st.warning(said)
