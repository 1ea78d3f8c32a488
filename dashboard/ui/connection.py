"""Says on every page, in plain words, that the server does not answer any more, and what to do."""

from pathlib import Path

import streamlit as st

from dashboard.language import N_, _

SENTENCE = N_(
    "The server does not answer. What it was computing is kept, and this page goes on by itself as soon as the server "
    "is there again. If that takes longer than a minute, check your network, or ask whoever runs the server to start "
    "it."
)

_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_connection",
    html='<div class="gone" role="alert" hidden></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def connection_watch() -> None:
    """Watches while the page is open; shows nothing as long as the server answers."""
    _component(key="connection-watch", data={"sentence": _(SENTENCE)}, height=1)
