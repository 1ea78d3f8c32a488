"""The sentences that a model of the scenes may say to anything: descriptions, and that it knows nothing else.

A picture that is no drawn scene is answered by the honest sentence, whatever is asked. A scene of which something
unknown is asked is described: what is said is then true, and each of its words has a place in the picture.
"""

import re

from core.scenes.clip_wording import CHINESE, ENGLISH, MOMENTS, MOMENTS_ZH
from core.scenes.drawing import COLORS, MAX_OBJECTS, SHAPES
from core.scenes.wording import CELL_NAMES, CELL_NAMES_ZH, COLORS_ZH, SHAPES_ZH

HONEST = "I only know drawn scenes of coloured shapes."
HONEST_ZH = "我只认识画出来的彩色图形。"
NOTHING = "There is nothing in this image."
NOTHING_ZH = "图中什么都没有。"

_CHINESE_CHARACTER = re.compile("[\u3400-\u9fff]")


def is_chinese(text: str) -> bool:
    """Whether a prompt is to be answered in Chinese: one with a Chinese character in it; English is for all others."""
    return bool(_CHINESE_CHARACTER.search(text))


def honest(prompt: str) -> str:
    """The sentence for a picture that is no drawn scene, in the prompt's language."""
    return HONEST_ZH if is_chinese(prompt) else HONEST


def is_grammatical(text: str, *, chinese: bool) -> bool:
    """Whether a text is one of the allowed sentences of a language, to the letter.

    Allowed are the honest sentence, that there is nothing, and descriptions of one to four objects. Both grammars are
    regular, so that no eye is needed; whether a description is true is another question.
    """
    return bool((_GRAMMAR_ZH if chinese else _GRAMMAR).fullmatch(text))


def _any(words: tuple[str, ...]) -> str:
    return "(?:" + "|".join(map(re.escape, words)) + ")"


def _english() -> re.Pattern[str]:
    vowel = tuple(name for name in COLORS if name[0] in "aeiou")
    others = tuple(name for name in COLORS if name not in vowel)
    cell = _any(CELL_NAMES)
    name = f"(?:an {_any(vowel)}|a {_any(others)}) {_any(SHAPES)}"
    does = f"(?: that (?:moves to the {cell}|(?:appears|vanishes) {_any(MOMENTS)}))?"
    item = f"n the {cell} is {name}{does}"
    more = f"(?:; i{item}){{0,{MAX_OBJECTS - 1}}}"
    return re.compile(f"{_any((HONEST, NOTHING, ENGLISH.nothing))}|I{item}{more}\\.")


def _chinese() -> re.Pattern[str]:
    cell = _any(CELL_NAMES_ZH)
    does = f"(?:移动到{cell}|{_any(MOMENTS_ZH)}(?:出现|消失))?"
    item = f"{cell}有一个{_any(COLORS_ZH)}{_any(SHAPES_ZH)}{does}"
    more = f"(?:，{item}){{0,{MAX_OBJECTS - 1}}}"
    return re.compile(f"{_any((HONEST_ZH, NOTHING_ZH, CHINESE.nothing))}|{item}{more}。")


_GRAMMAR, _GRAMMAR_ZH = _english(), _chinese()
