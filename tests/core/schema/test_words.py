"""Words: worked examples, and that nothing is lost or said twice however a text falls into tokens."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.inputs.token_text import text_and_spans
from core.schema import Answer, Token
from core.schema.words import Word, find_phrase, find_whole_words, has_cjk, is_punctuation, words_of
from tests.core.answers import byte_ids, make_answer

WRITING = ["red", "hundred", "it's", "3.5", "1,000", "well-known", " ", "  ", "\n", "-", "--", ".", ",", "'", "’", "("]
WRITING += [
    "红色",
    "的",
    "。",
    "「",
    "カメラ",
    "か\u3099",
    "한국어",
    "Привет",
    "naïve",
    "e\u0301",
    "ไทย",
    "عرب",
    "🙂",
    "👩\u200d🚀",
]
WRITING += ["_", "²", "\u200b", "\ufffd", "\x00", "𠀀"]
few_examples = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def from_ids(tokenizer, ids: list[int]) -> Answer:
    """The answer of vocabulary ids, as the engine places them."""
    text, spans = text_and_spans(tokenizer, ids)
    return Answer(
        text, tuple(Token(i, tokenizer.decode([i]), 0.5, (), *span) for i, span in zip(ids, spans, strict=True))
    )


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (["A", " hund", "red", " cir", "cle", "."], ["A", "hundred", "circle", "."]),
        (["It", "'", "s", " well", "-", "known"], ["It's", "well-known"]),
        (["don", "’t"], ["don’t"]),
        (["x", " '", "it", "'", "."], ["x", "'", "it", "'."]),  # quotation marks are no apostrophes
        (["the", " cats", "'", " tail"], ["the", "cats", "'", "tail"]),
        (["a", "-", "-", "b", " -", "c"], ["a", "--", "b", "-", "c"]),
        (["3", ".", "5", "%", " 1", ",", "000", ".", " a", ".", "b"], ["3.5", "%", "1,000", ".", "a", ".", "b"]),
        (["on", " ", "  ", "\n", "the", "\n\n", "left "], ["on", "the", "left"]),
        (["left ", "side"], ["left", "side"]),
        (["(", "red", ")", " (", "blue"], ["(", "red", ")", "(", "blue"]),
        (["红色", "的", "圆", "。"], ["红色", "的", "圆", "。"]),
        (["red", "色", "blue", "-", "色"], ["red", "色", "blue", "-", "色"]),
        (["か", "\u3099", "き"], ["か\u3099", "き"]),
        (["cafe", "\u0301", "s"], ["cafe\u0301s"]),
        (["👩", "\u200d", "🚀", "a"], ["👩\u200d🚀", "a"]),
        (["При", "вет", "!"], ["Привет", "!"]),
        (["snake", "_", "case"], ["snake_case"]),
        (["hun", "<|im_end|>", "dred", "<|im_end|>"], ["hun", "dred"]),
        (["<|im_end|>"], []),
        ([" ", "\n"], []),
        ([".", "red circle", "s"], [".", "red circles"]),  # a token is never split
        (['"The', " left", '."'], ['"The', "left", '."']),
    ],
)
def test_worked_examples(tokens, words):
    answer = make_answer(*tokens)
    assert [word.text for word in words_of(answer)] == words
    check_words(answer)


def test_spans_are_those_of_tokens():
    answer = make_answer("A", " hund", "red", " ", "circle", "<|im_end|>")
    assert words_of(answer) == (Word("A", 0, 1), Word("hundred", 1, 3), Word("circle", 4, 5))


def test_fragments_of_one_character_are_one_word():
    tokens = [Token(0, "\ufffd", 0.5, (), 0, 2), Token(1, "\ufffd", 0.5, (), 1, 2), Token(2, "圆", 0.5, (), 2, 3)]
    assert words_of(Answer(" 的圆", tuple(tokens))) == (Word("的", 0, 2), Word("圆", 2, 3))


def test_punctuation():
    assert all(is_punctuation(Word(text, 0, 1)) for text in [".", "...", "。", "「", "--", "+", "$", ". ("])
    assert not any(is_punctuation(Word(text, 0, 1)) for text in ["a", "it's", "3.5", "的", "🙂", '"The', "\ufffd"])


@pytest.mark.parametrize("text", ["红", "an 圆", "かな", "한", "ｶ", "𠀀", "㐀", "ㄅ"])
def test_scripts_without_spaces_are_known(text):
    assert has_cjk(text)


@pytest.mark.parametrize("text", ["", "red", "naïve", "Привет", "ไทย", "عرب", "🙂", "、"])
def test_other_scripts_and_signs_are_not_among_them(text):
    assert not has_cjk(text)


@pytest.mark.parametrize(
    ("text", "phrase", "spans"),
    [
        ("hundred Red, red", "red", [(8, 11), (13, 16)]),
        ("hundred", "red", [(4, 7)]),
        ("red-hot 红red色", "red", [(0, 3), (9, 12)]),
        ("cafe\u0301 cafe", "cafe", [(6, 10)]),
        ("a\n b a  B", "A b", [(0, 4), (5, 9)]),
        ("aaaaa", "aa", [(0, 2), (2, 4)]),
        ("ba a a", "a a", [(3, 6)]),
        ("a.b axb", "a.b", [(0, 3)]),
        ("nothing", "blue", []),
    ],
)
def test_finding_a_phrase(text, phrase, spans):
    assert find_phrase(text, phrase) == spans


@few_examples
@given(st.lists(st.lists(st.sampled_from(WRITING) | st.text(max_size=3), min_size=1, max_size=4).map("".join)))
def test_any_text_in_whole_characters(pieces):
    check_words(make_answer(*(piece.replace("<", "(") for piece in pieces)))


@few_examples
@given(st.lists(st.tuples(st.sampled_from(["whole", "bytes"]), st.sampled_from(WRITING)), max_size=12))
def test_any_text_in_fragments(explainer, pieces):
    """Each piece as the tokenizer has it or byte by byte: words depend on fragments no more than on tokens."""
    tokenizer = explainer.loaded.processor.tokenizer
    ids = []
    for how, piece in pieces:
        ids += byte_ids(tokenizer, piece.encode()) if how == "bytes" else tokenizer(piece)["input_ids"]
    answer = from_ids(tokenizer, ids)
    assert answer.text == tokenizer.decode(ids).strip()
    check_words(answer)


@few_examples
@given(st.data())
def test_any_tokens_at_all(explainer, data):
    """Special tokens and bytes that make no character included."""
    tokenizer = explainer.loaded.processor.tokenizer
    check_words(from_ids(tokenizer, data.draw(st.lists(st.integers(0, len(tokenizer) - 1), max_size=12))))


def check_words(answer: Answer) -> None:
    """Every character that is not blank is in one word, and words ascend without overlap."""
    words = words_of(answer)
    covered = []
    for word in words:
        assert 0 <= word.start < word.stop <= len(answer.tokens)
        inside = [token for token in answer.tokens[word.start : word.stop] if token.start < token.stop]
        begin, end = min(token.start for token in inside), max(token.stop for token in inside)
        assert word.text == answer.text[begin:end].strip() != ""
        covered += range(begin, end)
    assert all(left.stop <= right.start for left, right in zip(words, words[1:], strict=False))
    assert len(covered) == len(set(covered))
    blank = [position for position in range(len(answer.text)) if position not in covered]
    assert not answer.text or not "".join(answer.text[position] for position in blank).strip()


@pytest.mark.parametrize(
    ("text", "phrase", "places"),
    [
        ("a hundred", "red", []),
        ("a hundred red ones", "red", [(10, 13)]),
        ("红色圆形", "圆形", [(2, 4)]),
        ("Red red-RED", "red", [(0, 3), (4, 7), (8, 11)]),
        ("a  wine\nglass", "wine glass", [(3, 13)]),
    ],
)
def test_whole_words_are_found_and_parts_of_words_are_not(text, phrase, places):
    assert find_whole_words(text, phrase) == places
