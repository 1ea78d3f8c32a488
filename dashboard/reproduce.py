"""How a run is computed again elsewhere, and where it is looked at."""

import io
from urllib.parse import urlencode

import streamlit as st
from PIL import Image

from core.checkpoints import EMBEDDED
from core.export import command, python_lines
from core.images import FORMATS
from dashboard.services import ShownRun


def picture_name(run: ShownRun) -> str:
    """What the run's picture is called in a ZIP: by its kind, never by the name that it came with."""
    with Image.open(io.BytesIO(run.chosen.data), formats=FORMATS) as picture:
        return f"picture.{picture.format.lower()}"


def command_of(run: ShownRun, picture: str) -> str:
    """The command line that computes the run again."""
    return command(run.result, picture, _model(run))


def python_of(run: ShownRun, picture: str) -> str:
    """The lines of Python that compute the run again."""
    return python_lines(run.result, picture, _model(run))


def _model(run: ShownRun) -> str | None:
    return None if run.row is None or run.row.model_name == EMBEDDED else run.row.model_name


def address() -> str:
    """The address of this page with everything that the view's widgets hold."""
    shown = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return f"{st.context.url or ''}?{urlencode(shown)}"
