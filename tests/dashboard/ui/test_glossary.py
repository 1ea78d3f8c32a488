"""The glossary: every term once, in the words that docs/architecture.md has for it."""

import re
from pathlib import Path

from dashboard.language import speaking
from dashboard.ui.glossary import GROUPS, TERMS, meaning, see

ROOT = Path(__file__).resolve().parents[3]


def documented() -> dict[str, str]:
    """The terms of docs/architecture.md, and what they mean there."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("\n## Glossary\n")[2]
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", text, re.M)
    return {name: means for name, means in rows if name not in ("term", "---")}


def test_every_term_means_what_the_documentation_says():
    known = documented()
    assert len(known) > 40
    assert {
        name: known.get(name, "")
        for name, term in TERMS.items()
        if known.get(name, "")[: len(term.means)] != term.means
    } == {}


def test_a_term_stands_there_once():
    names = [term.name for terms in GROUPS.values() for term in terms]
    assert len(names) == len(set(names)) == len(TERMS) >= 18


def test_the_terms_that_people_meet_are_explained():
    met = (
        "visual token, decoder layer, vision tower, patch, heat, method, combined map, noise sample, standard error, "
        "sink, score, tap, trust, origin"
    )
    assert set(met.split(", ")) <= set(TERMS)


def test_a_help_text_says_what_a_term_means_and_where_to_read_on():
    assert meaning("tap").startswith("The input or the output of a layer that is read. ")
    assert meaning("tap").endswith(" Glossary: [tap](glossary#tap).")
    assert see("visual token", "cell") == "Glossary: [visual token](glossary#visual-token), [cell](glossary#cell)."


def test_every_term_is_explained_in_chinese_below_the_same_address():
    english = {name: (term.anchor, term.text) for name, term in TERMS.items()}
    with speaking("zh_Hans"):
        for name, term in TERMS.items():
            assert term.anchor == english[name][0] and term.title != term.name
            assert all(re.search("[\u4e00-\u9fff]", text) for text in (term.title, term.text))
            assert not set(english[name][1].split(". ")) & set(term.text.split("。"))
        assert see("visual token", "cell") == "术语表：[视觉词元](glossary#visual-token)、[单元格](glossary#cell)。"
