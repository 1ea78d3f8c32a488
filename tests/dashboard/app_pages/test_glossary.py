"""Glossary: every term with its heading, which is the anchor that help texts link to."""

import re

from dashboard.ui.glossary import TERMS
from tests.dashboard.pages import sentences


def test_every_term_has_a_heading_and_its_meaning(visit):
    app = visit("glossary")
    headings = {heading.anchor: heading.value for heading in app.subheader if heading.anchor}
    assert headings == {term.anchor: term.title for term in TERMS.values()}
    shown = sentences(app)
    assert all(term.text in shown for term in TERMS.values())


def test_what_help_texts_link_to_is_there(visit):
    """All of Compute's; those of other pages come from the same two functions."""
    app = visit("compute")
    kinds = (app.selectbox, app.segmented_control, app.number_input, app.toggle)
    linked = {
        anchor for kind in kinds for each in kind for anchor in re.findall(r"\(glossary#([\w-]+)\)", each.help or "")
    }
    assert len(linked) >= 8 and linked <= {term.anchor for term in TERMS.values()}


def test_in_chinese_its_headings_have_the_same_anchors(visit):
    app = visit("glossary")
    anchors = [heading.anchor for heading in app.subheader if heading.anchor]
    app.session_state["language"] = "zh_Hans"
    app.run()
    assert [heading.anchor for heading in app.subheader if heading.anchor] == anchors
    assert {"视觉词元", "综合图", "汇点", "可信度"} <= {heading.value for heading in app.subheader}
