"""Tokens -> words: the pieces of an answer that people point at.

Only offsets and the answer's text are used, so words need no tokenizer. A word is a span of whole tokens:
where one token holds the end of one word and the start of the next, they stay together.
"""

import re
import unicodedata
from dataclasses import dataclass

from core.schema.answer import Answer

# Written without spaces (Hangul has some, but its tokens are too short to be read apart from characters):
# Chinese and Japanese characters, kana, bopomofo and Hangul, with their half-width and rare forms.
_CJK = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
_BETWEEN_LETTERS = "'\u2019-\u2010\u2011"  # apostrophes and hyphens
_BETWEEN_DIGITS = ".,"
_JOINER = "\u200d"  # holds emoji together


@dataclass(frozen=True)
class Word:
    """One word of an answer.

    Attributes:
        text: as it reads in the answer, without blanks around it.
        start: its first answer token.
        stop: one past its last one.
    """

    text: str
    start: int
    stop: int


def words_of(answer: Answer) -> tuple[Word, ...]:
    """The words of an answer, in order.

    A word begins after a blank, at a token next to a Chinese, Japanese or Korean character, and where
    letters or digits meet punctuation. An apostrophe or hyphen between letters and a point or comma
    between digits stay inside. Tokens that are fragments of one character share a word.

    Returns:
        Words that do not overlap and hold every character that is not blank. Tokens without any such
        character (blanks, special tokens) are in no word.
    """
    text, words = answer.text, []
    first = last = begin = end = -1  # of the word that is being read: tokens first to last, characters begin to end
    for index, token in enumerate(answer.tokens):
        if not text[token.start : token.stop].strip():
            continue
        shared = token.start < end
        if first >= 0 and (shared or (last == index - 1 and not _breaks(text, token.start))):
            last, end = index, max(end, token.stop)
            continue
        if first >= 0:
            words.append(Word(text[begin:end].strip(), first, last + 1))
        first = last = index
        begin, end = token.start, token.stop
    if first >= 0:
        words.append(Word(text[begin:end].strip(), first, last + 1))
    return tuple(words)


def said_words(answer: Answer) -> tuple[Word, ...]:
    """The words of what follows a thought, in order."""
    return tuple(word for word in words_of(answer) if word.start >= answer.said.start)


def is_punctuation(word: Word) -> bool:
    """Whether a word has nothing but punctuation and signs such as + or $; emoji are no punctuation."""
    return all(
        character.isspace() or (unicodedata.category(character)[0] in "PS" and unicodedata.category(character) != "So")
        for character in word.text
    )


def has_cjk(text: str) -> bool:
    """Whether any Chinese, Japanese or Korean character is in the text."""
    return _CJK.search(text) is not None


def find_phrase(text: str, phrase: str) -> list[tuple[int, int]]:
    """Where `phrase` stands in `text`, whatever its case and blanks: characters (begin, end), apart from each other.

    Where it stands as whole words, only there: "red" is not looked for in "hundred" if there is a "red".
    """
    every = _every(text, phrase)
    return _apart([span for span in every if _is_whole(text, span)] or every)


def find_whole_words(text: str, phrase: str) -> list[tuple[int, int]]:
    """As `find_phrase`, and nowhere where it is but a part of a word: there is no "red" in "hundred".

    Beside Chinese, Japanese and Korean characters, where nothing tells one word from the next, all are whole.
    """
    return _apart([span for span in _every(text, phrase) if _is_whole(text, span)])


def _every(text: str, phrase: str) -> list[tuple[int, int]]:
    pattern = r"\s+".join(re.escape(part) for part in phrase.split())
    # The lookahead finds overlapping ones too: a part of a word must not hide a whole one.
    return [match.span(1) for match in re.finditer(f"(?=({pattern}))", text, re.IGNORECASE)]


def _is_whole(text: str, span: tuple[int, int]) -> bool:
    return not any(_inside_word(text, position) for position in span)


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for span in spans:
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def _inside_word(text: str, position: int) -> bool:
    """Whether the characters before and at `position` are letters or digits of one word.

    False beside Chinese, Japanese and Korean characters, where nothing tells one word from the next.
    """
    if not 0 < position < len(text):
        return False
    return all(_in_words(character) and not _CJK.match(character) for character in text[position - 1 : position + 1])


def _breaks(text: str, position: int) -> bool:
    """Whether a token that begins at `position` > 0 begins a new word."""
    left, right = text[position - 1], text[position]
    if left.isspace() or right.isspace():
        return True
    if unicodedata.category(right)[0] == "M" or _JOINER in (left, right):
        return False  # an accent or a joined emoji belongs to the character before it
    if _CJK.match(left) or _CJK.match(right):
        return True
    if _in_words(left) == _in_words(right):
        return False
    return not (_stays_inside(text, position - 1) or _stays_inside(text, position))


def _stays_inside(text: str, position: int) -> bool:
    """Whether the character at `position` is punctuation inside a word, as in "it's", "well-known" or "3.5"."""
    if not 0 < position < len(text) - 1:
        return False
    left, right = text[position - 1], text[position + 1]
    if text[position] in _BETWEEN_DIGITS:
        return left.isdecimal() and right.isdecimal()
    return text[position] in _BETWEEN_LETTERS and _is_letter(left) and _is_letter(right)


def _is_letter(character: str) -> bool:
    return _in_words(character) and not character.isnumeric() and not _CJK.match(character)


def _in_words(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"
