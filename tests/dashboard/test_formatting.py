"""Texts for people."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cache import look_up
from core.schema.run_requests import whole_run
from dashboard.formatting import (
    cut,
    duration,
    literal,
    method_title,
    method_words,
    sample_words,
    short,
    size,
    stars,
    visible,
    what_is_left,
    when,
)
from dashboard.language import speaking


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (1023, "1,023 B"), (1024, "1.0 KB"), (3 * 2**19, "1.5 MB"), (2**30, "1.0 GB"), (2**41, "2,048.0 GB")],
)
def test_bytes_are_told_in_the_largest_unit_that_is_reached(count, words):
    assert size(count) == words


def test_times_are_told_in_seconds_then_minutes():
    assert [duration(seconds) for seconds in (0.4, 89.4, 90, 3600)] == ["0 s", "89 s", "2 min", "60 min"]
    assert when(0) == "1970-01-01 00:00 UTC"


def test_long_text_is_cut_and_says_so():
    assert short("  one\n two ", 7) == "one two" and short("one two", 6) == "one t…"
    assert cut("x" * 600) == "x" * 600
    assert cut("x" * 1234, 3) == "xxx … (1,234 characters)"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a *b* _c_", r"a \*b\* \_c\_"),
        ("[x](http://y)", r"\[x\]\(http\://y\)"),
        (":red[x]", r"\:red\[x\]"),
        ("- list", r"\- list"),
        ("www.example.org", r"www\.example.org"),
        ("12:30 is fine", r"12\:30 is fine"),
        ("two\nlines", "two lines"),
    ],
)
def test_text_of_people_is_never_markdown(text, escaped):
    assert literal(text) == escaped


def test_a_method_is_called_by_its_title_and_by_its_part():
    assert method_title("gradient_deviation") == "Gradient deviation"
    assert method_title("of another version") == "of another version"
    assert method_words("gradient_deviation", "tower") == "Gradient deviation, vision tower"
    assert (stars(0), stars(3)) == ("", "★★★")


def test_samples_are_counted_in_words(ask, explain):
    result = explain(ask(num_samples=1, noise_std=0.25).request)
    assert sample_words(result) == "1 sample with noise 0.25"
    assert sample_words(replace(result, num_samples=4)) == "4 samples with noise 0.25"
    assert sample_words(explain(ask(noise_std=0.0, num_samples=1).request)) == "no noise"


def test_what_is_left_counts_maps_and_samples(ask, explain, storage):
    def left(**changes):
        return what_is_left(look_up(storage.results, whole_run(ask(**changes).request)))

    assert left() == ""
    storage.results.put(explain(ask(layers=(0, 1)).request))
    assert left() == "2 of 9 maps stored, 7 to compute"
    assert left(num_samples=30) == "2 of 9 maps begun, 30 samples to compute"


READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def read(markdown: str) -> str:
    """What somebody sees of it; markup of any kind is a failure."""
    (opened, inline, closed) = READER.parse(markdown)
    assert (opened.type, closed.type) == ("paragraph_open", "paragraph_close"), markdown
    assert {token.type for token in inline.children} <= {"text", "text_special"}, markdown
    return "".join(token.content for token in inline.children)


@pytest.mark.parametrize(
    "text",
    [
        "1. first",
        "12) twelfth",
        "- one",
        "+ one",
        "= one",
        "# head",
        "> said",
        "1.5 is",
        "...",
        "a\\b",
        "&amp;",
        "a  b",
    ],
)
def test_what_would_be_markup_is_read_as_it_was_typed(text):
    assert read(literal(text)) == " ".join(text.split())


@given(st.text(st.sampled_from("1a.)-+=*_`~#>|<[]()!\\&;:@$ /\n"), min_size=1, max_size=12).filter(str.strip))
def test_any_text_is_read_as_it_was_typed(text):
    assert read(literal(text)) == " ".join(text.split())


def test_what_cannot_be_seen_is_named_wherever_text_is_made_short_or_literal():
    assert literal("photo\u202egnp") == "photo⟪U+202E⟫gnp"
    assert short("a\u2028b \u200bc", 30) == "a⟪U+2028⟫b ⟪U+200B⟫c"
    assert cut("a\u202eb") == "a⟪U+202E⟫b" and cut("\u202e" * 3, 1) == "⟪U+202E⟫ … (3 characters)"
    assert visible("a\u202eb\n") == "a⟪U+202E⟫b\n"


def test_counts_and_times_are_said_in_the_language_that_is_spoken(explain, ask):
    result = explain(ask(num_samples=4).request)
    with speaking("zh_Hans"):
        assert (duration(5), duration(600)) == ("5 秒", "10 分钟")
        assert sample_words(result) == f"4 个样本，噪声 {result.request.noise_std:g}"
        assert cut("x" * 700).endswith("（共 700 个字符）") and method_words("gradcam", "tower").endswith("，视觉塔")
