"""Glossary: the terms that the other pages use, each explained once."""

from pathlib import Path

import streamlit as st

from dashboard.language import _
from dashboard.ui import glossary
from dashboard.ui.banners import open_services
from dashboard.ui.link_target import hold_link_target

_WIDTH = 760
"""Pixels: longer lines are hard to read."""


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    st.html(Path(glossary.__file__).with_suffix(".css"))
    st.header(_("Glossary"), anchor=False)
    for title, terms in glossary.GROUPS.items():
        st.subheader(_(title), anchor=False)
        with st.container(key=f"terms-{terms[0].anchor}", width=_WIDTH, gap="small"):
            for term in terms:
                st.subheader(term.title, anchor=term.anchor)  # which help texts link to
                st.markdown(term.text)
    hold_link_target()


page()
