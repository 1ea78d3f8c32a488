"""Why an upload was refused, said on the page that sent it."""

from pathlib import Path

import streamlit as st

from dashboard.session import clicks, state
from dashboard.session.refusals import in_words

_component = st.components.v2.component(
    "smooth_gradcam_upload_refused", js=Path(__file__).with_name("upload_refused.js").read_text("utf-8")
)


def upload_refusal() -> None:
    """Shows, once, why the server has refused the last upload; listens for refusals while the page is open."""
    _component(key="upload-refused", on_refused_change=_heard, height=1)
    session = state.session()
    refusal, session.upload_refusal = session.upload_refusal, None
    if refusal:
        st.error(in_words(refusal))


@clicks.whole
def _heard() -> None:
    """A refusal makes the page run again, which shows it; there is nothing else to do."""
