"""What Streamlit's own widgets are told to say."""

import re
from pathlib import Path

import streamlit

from dashboard.language import speaking
from dashboard.ui.page_language import words

STATIC = Path(streamlit.__file__).parent / "static" / "static" / "js"


def test_in_english_streamlit_says_what_it_says():
    assert words() == {}


def test_every_word_is_said_in_chinese():
    with speaking("zh_Hans"):
        said = words()
    assert len(said) >= 6
    assert all(re.search("[\u4e00-\u9fff]", text) for text in said.values())
    assert all(("{count}" in english) == ("{count}" in text) for english, text in said.items())


def test_streamlit_still_says_so():
    """Another version may call its button otherwise; then the words have to follow."""
    scripts = "".join(path.read_text("utf-8") for path in STATIC.glob("*.js") if path.stat().st_size < 100_000)
    assert [text for text in ("Drag and drop files here", "per file", "Press Enter to ") if text not in scripts] == []
