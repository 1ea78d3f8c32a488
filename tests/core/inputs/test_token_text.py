"""Where each token stands in the text: by hand, and for any bytes and any tokens."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.inputs.token_text import ids_within, reader, text_and_spans
from tests.core.answers import byte_ids

few_examples = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def tokenizer(explainer):
    return explainer.loaded.processor.tokenizer


def test_spans_by_hand(tokenizer):
    def told(ids):
        text, spans = text_and_spans(tokenizer, ids)
        return text, [text[start:stop] for start, stop in spans]

    end = tokenizer.eos_token_id
    assert told([]) == ("", [])
    assert told([end]) == ("", [""])
    ids = tokenizer("\n red circle ")["input_ids"]
    assert [tokenizer.decode([i]) for i in ids] == ["\n", " red", " circle", " "]
    assert told(ids) == ("red circle", ["", "red", " circle", ""])
    assert told([*byte_ids(tokenizer, "é".encode()), end, *tokenizer("red")["input_ids"]]) == (
        "éred",
        ["é", "é", "", "red"],
    )
    smile = byte_ids(tokenizer, "🙂".encode())
    assert told(smile + smile) == ("🙂🙂", ["🙂"] * 8)
    # An end within a character is not in the text, so it does not part the character.
    assert told([smile[0], end, *smile[1:]]) == ("🙂", ["🙂", "", "🙂", "🙂", "🙂"])
    # Bytes that make no character: a beginning without end, and an end without beginning.
    assert told([smile[0], *tokenizer("red")["input_ids"]]) == ("\ufffdred", ["\ufffd", "red"])
    assert told([smile[2], smile[2]]) == ("\ufffd\ufffd", ["\ufffd", "\ufffd"])
    assert told(smile[:3]) == ("\ufffd", ["\ufffd"] * 3)
    assert told([smile[0], *smile]) == ("\ufffd🙂", ["\ufffd"] + ["🙂"] * 4)


class Syllables:
    """Tokens that hold the end of one character and the beginning of the next, as large vocabularies have."""

    pieces = (b" \xe7", b"\x9a\x84", b"\x84\xe7", b"\x9a", b"ab", b"\x84c")

    def __call__(self, text, add_special_tokens):
        return {"input_ids": [4]}

    def decode(self, ids, skip_special_tokens):
        return b"".join(self.pieces[i] for i in ids).decode("utf-8", "replace")


def test_tokens_across_characters():
    text, spans = text_and_spans(Syllables(), [4, 0, 1, 0, 3, 2, 3, 5])
    assert text == "ab 的 的的c"
    assert [text[start:stop] for start, stop in spans] == ["ab", " 的", "的", " 的", "的", "的的", "的", "的c"]


@few_examples
@given(st.lists(st.binary(max_size=6) | st.text(max_size=4).map(str.encode), max_size=8))
def test_any_bytes_have_their_spans(explainer, pieces):
    tokenizer = explainer.loaded.processor.tokenizer
    check_spans(tokenizer, byte_ids(tokenizer, b"".join(pieces)))


@few_examples
@given(st.data())
def test_any_tokens_have_their_spans(explainer, data):
    tokenizer = explainer.loaded.processor.tokenizer
    check_spans(tokenizer, data.draw(st.lists(st.integers(0, len(tokenizer) - 1), max_size=20)))


def check_spans(tokenizer, ids):
    """The text is the tokenizer's, ordinary tokens stand where they read so, and nothing is left out."""
    text, spans = text_and_spans(tokenizer, ids)
    assert text == tokenizer.decode(ids, skip_special_tokens=True).strip()
    ordinary = [span for token, span in zip(ids, spans, strict=True) if token not in tokenizer.all_special_ids]
    assert ordinary == sorted(ordinary)
    covered = set()
    for token, (start, stop) in zip(ids, spans, strict=True):
        own, here = tokenizer.decode([token]), text[start:stop]
        assert 0 <= start <= stop <= len(text)
        covered |= set(range(start, stop))
        if token in tokenizer.all_special_ids:
            assert start == stop
        elif "\ufffd" in own:
            assert len(here) <= len(own)
        elif 0 < start and stop < len(text):
            assert here == own
        else:
            assert here.strip() == own.strip()  # blanks at the ends of the text are taken away
    assert covered == set(range(len(text)))


def test_spans_take_time_linear_in_the_tokens():
    class Counting(Syllables):
        read = 0

        def decode(self, ids, skip_special_tokens):
            self.read += len(ids)
            return super().decode(ids, skip_special_tokens)

    for ids in ([4], [0, 1], [5], [0], [3]):
        tokenizer = Counting()
        text_and_spans(tokenizer, ids * 1000)
        assert tokenizer.read <= 4 * 1000 * len(ids)


class Llama:
    """Words with the blanks before them; a text that begins gets a blank, and loses it when it is read."""

    words = ("a", " a", "red", " red", "\n", "<s>")

    def __call__(self, text, add_special_tokens=False, split_special_tokens=True):
        ids, text = [], text if text.startswith("\n") else " " + text
        while text:
            best = max((word for word in self.words if text.startswith(word)), key=len)
            ids.append(self.words.index(best))
            text = text[len(best) :]
        return {"input_ids": ids}

    def decode(self, ids, skip_special_tokens):
        shown = [self.words[i] for i in ids if not (skip_special_tokens and self.words[i] == "<s>")]
        return "".join(shown).removeprefix(" ")


def test_a_blank_at_the_beginning_of_a_text_is_read_all_the_same():
    llama = Llama()
    assert llama.decode([3], True) == "red"
    assert reader(llama)([3]) == " red" and reader(llama)([2, 3]) == "red red" and reader(llama)([5]) == ""
    assert reader(llama, skip_special_tokens=False)([5]) == "<s>"


def test_a_text_within_another_gets_no_blank_before_it():
    assert Llama()("red")["input_ids"] == [3]
    assert ids_within(Llama(), "red") == [2] and ids_within(Llama(), " red") == [3]


def test_special_tokens_in_a_text_are_plain_text(tokenizer):
    ids = ids_within(tokenizer, "a <|im_end|>")
    assert not set(ids) & set(tokenizer.all_special_ids) and tokenizer.decode(ids) == "a <|im_end|>"
