"""What cannot be seen is named; what people write in any script stays as it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.schema.visible_text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("photo\u202egnp.exe", "photo⟪U+202E⟫gnp.exe"),
        ("\u2066a\u2069", "⟪U+2066⟫a⟪U+2069⟫"),
        ("a\u200eb\u200fc\u061c", "a⟪U+200E⟫b⟪U+200F⟫c⟪U+061C⟫"),
        ("re\u200bd", "re⟪U+200B⟫d"),
        ("re\u200dd", "re⟪U+200D⟫d"),
        ("\ufeffred", "⟪U+FEFF⟫red"),
        ("re\xadd", "re⟪U+00AD⟫d"),
        ("nothing\rhidden", "nothing⟪U+000D⟫hidden"),
        ("a\x00b\x1b[31mc\x7f\x85", "a⟪U+0000⟫b⟪U+001B⟫[31mc⟪U+007F⟫⟪U+0085⟫"),
        ("a\u2028b\u2029", "a⟪U+2028⟫b⟪U+2029⟫"),
        ("a\U000e0041\U000e0042", "a⟪U+E0041⟫⟪U+E0042⟫"),
        ("a\ufe0f\U000e0101", "a⟪U+FE0F⟫⟪U+E0101⟫"),
        ("\u3164\uffa0", "⟪U+3164⟫⟪U+FFA0⟫"),
        ("\ud83d", "⟪U+D83D⟫"),
        ("😀\ufe0f\ufe0f", "😀\ufe0f⟪U+FE0F⟫"),
        ("😀\u200d", "😀⟪U+200D⟫"),
        ("می\u200c\u200c", "می⟪U+200C⟫⟪U+200C⟫"),
        ("\U0001f3f4\U000e0068\U000e0069\U000e007f", "\U0001f3f4⟪U+E0068⟫⟪U+E0069⟫⟪U+E007F⟫"),
    ],
)
def test_what_cannot_be_seen_is_named(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Where is the red circle?\n\tThere.",
        "one\r\ntwo",
        "左上的圆 赤い丸 빨간 원",
        "שלום עולם",
        "مرحبا بالعالم",
        "می\u200cخواهم",  # Persian, with a joiner that keeps two letters apart
        "क्\u200dष क्\u200cष",  # Hindi
        "ශ්\u200dරී",  # Sinhala
        "👩\u200d👩\u200d👧\u200d👦 👩🏽\u200d🚀 ❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈",
        "☀\ufe0f ☎\ufe0e 1\ufe0f\u20e3 #\ufe0f\u20e3 🇩🇪",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
        "葛\U000e0100城",
        "e\u0301 ñ a\u00a0b",
    ],
)
def test_what_people_write_stays(text):
    assert visible(text) == text


@given(st.text())
def test_what_is_shown_is_shown_the_same_again_and_hides_nothing(text):
    shown = visible(text)
    assert visible(shown) == shown
    for character in shown:
        if character not in "\n\t\r" and unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            pytest.fail(f"{character!r} is hidden")


@given(st.sampled_from([chr(number) for number in range(0x110000) if unicodedata.category(chr(number)) == "Cf"]))
def test_every_format_character_between_latin_letters_is_named(character):
    # Signs that are seen, though Unicode calls them that: they stand before Arabic and Kaithi digits, and hieroglyphs.
    seen = unicodedata.name(character, "").startswith(("ARABIC ", "SYRIAC ", "KAITHI ", "EGYPTIAN "))
    assert (visible(f"a{character}b") == f"a{character}b") == (seen and character != "\u061c")
