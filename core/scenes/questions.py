"""Ask and answer questions about a picture, in English and Chinese, saying which object each phrase means."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.scenes.drawing import CELLS, COLORS, SHAPES, Drawing
from core.scenes.wording import CELL_NAMES, CELL_NAMES_ZH, COLORS_ZH, KINDS, NUMBERS, PLURALS, SHAPES_ZH, TEMPLATES

_ABSENT = 0.12
"""Share of questions other than exist about something that is not there."""


@dataclass(frozen=True)
class Exchange:
    """A question, its answer and what both speak of; objects are named by their index in the picture.

    Attributes:
        phrases: phrase of the question or the answer -> the objects that it means.
        pointers: (character of the answer, objects to look at in order to write on from there); no
            objects where the answer rests on nothing being there. Used by an auxiliary loss in training.
    """

    kind: str
    question: str
    answer: str
    phrases: dict[str, tuple[int, ...]]
    pointers: tuple[tuple[int, tuple[int, ...]], ...]


def ask(picture: Drawing, kind: str, rng: np.random.Generator) -> Exchange:
    """Ask a question of a kind about a picture.

    Raises:
        ValueError: the kind is not one of `KINDS`.
    """
    if kind not in TEMPLATES:
        raise ValueError(f"unknown kind {kind!r}; choose one of {', '.join(KINDS)}")
    return _ASKERS[kind](picture, kind, rng)


def _from_template(kind: str, rng: np.random.Generator, text: str = "") -> str:
    templates = TEMPLATES[kind]
    return templates[rng.integers(len(templates))].format(text)


def with_article(name: str) -> str:
    """The name after "a" or "an"."""
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _short(kind: str, question: str, answer: str, phrases: list[str], things: tuple[int, ...]) -> Exchange:
    means = {phrase: things for phrase in phrases} if things else {}
    return Exchange(kind, question, answer, means, ((0, things),))


def look(picture: Drawing, rng: np.random.Generator, present: bool) -> tuple[int, int, tuple[int, ...]]:
    """Colour and shape of an object in the picture, or of one that is not there but shares a trait."""
    taken = {(thing.color, thing.shape): index for index, thing in enumerate(picture.things)}
    if present:
        index = int(rng.integers(len(picture.things)))
        return picture.things[index].color, picture.things[index].shape, (index,)
    while True:
        color, shape = int(rng.integers(len(COLORS))), int(rng.integers(len(SHAPES)))
        if picture.things and rng.random() < 0.7:
            thing = picture.things[rng.integers(len(picture.things))]
            color, shape = (thing.color, shape) if rng.random() < 0.5 else (color, thing.shape)
        if (color, shape) not in taken:
            return color, shape, ()


def _where(picture: Drawing, kind: str, rng: np.random.Generator) -> Exchange:
    present = bool(picture.things) and rng.random() >= _ABSENT
    color, shape, things = look(picture, rng, present)
    if kind == "where":
        name, cells, nowhere = f"{COLORS[color]} {SHAPES[shape]}", CELL_NAMES, "nowhere"
    else:
        name, cells, nowhere = COLORS_ZH[color] + SHAPES_ZH[shape], CELL_NAMES_ZH, "图中没有"
    answer = cells[picture.things[things[0]].cell] if things else nowhere
    return _short(kind, _from_template(kind, rng, name), answer, [name, answer], things)


def _trait(picture: Drawing, kind: str, rng: np.random.Generator) -> Exchange:
    """Colour of the only object of a shape, or shape of the only object of a colour."""
    given, wanted = ("shape", "color") if kind == "color" else ("color", "shape")
    names = {"color": COLORS, "shape": SHAPES}
    values = [getattr(thing, given) for thing in picture.things]
    single = [index for index, value in enumerate(values) if values.count(value) == 1]
    if single and rng.random() >= _ABSENT:
        index = single[rng.integers(len(single))]
        name = names[given][values[index]]
        answer = names[wanted][getattr(picture.things[index], wanted)]
        return _short(kind, _from_template(kind, rng, name), answer, [name, answer], (index,))
    absent = [name for value, name in enumerate(names[given]) if value not in values]
    return _short(kind, _from_template(kind, rng, absent[rng.integers(len(absent))]), "none", [], ())


def _at(picture: Drawing, kind: str, rng: np.random.Generator) -> Exchange:
    by_cell = {thing.cell: index for index, thing in enumerate(picture.things)}
    free = [cell for cell in range(CELLS) if cell not in by_cell]
    cells = free if not by_cell or rng.random() < _ABSENT else list(by_cell)
    cell = cells[rng.integers(len(cells))]
    question = _from_template(kind, rng, CELL_NAMES[cell])
    if cell not in by_cell:
        return _short(kind, question, "nothing", [], ())
    thing = picture.things[by_cell[cell]]
    name = f"{COLORS[thing.color]} {SHAPES[thing.shape]}"
    return _short(kind, question, name, [CELL_NAMES[cell], name], (by_cell[cell],))


def _count(picture: Drawing, kind: str, rng: np.random.Generator) -> Exchange:
    form = rng.integers(3)
    present = bool(picture.things) and rng.random() >= _ABSENT
    color, shape, _ = look(picture, rng, present)
    if form == 0:
        name, matches = "objects", [True] * len(picture.things)
    elif form == 1:
        name, matches = f"{COLORS[color]} objects", [thing.color == color for thing in picture.things]
    else:
        name, matches = PLURALS[shape], [thing.shape == shape for thing in picture.things]
    things = tuple(index for index, match in enumerate(matches) if match)
    answer = NUMBERS[len(things)]
    return _short(kind, _from_template(kind, rng, name), answer, [name, answer], things)


def _exist(picture: Drawing, kind: str, rng: np.random.Generator) -> Exchange:
    present = bool(picture.things) and rng.random() < 0.5
    color, shape, things = look(picture, rng, present)
    name, answer = f"{COLORS[color]} {SHAPES[shape]}", "yes" if present else "no"
    return _short(kind, _from_template(kind, rng, with_article(name)), answer, [name, answer], things)


def _describe(picture: Drawing, kind: str, rng: np.random.Generator) -> Exchange:
    """All objects in reading order, the position first: the text so far then says where to read on."""
    english = kind == "describe_en"
    question = _from_template(kind, rng)
    if not picture.things:
        nothing = "There is nothing in this image." if english else "图中什么都没有。"
        return Exchange(kind, question, nothing, {}, ((0, ()),))
    answer, phrases, pointers = "", {}, []
    for index, thing in enumerate(picture.things):
        if english:
            cell, name = CELL_NAMES[thing.cell], f"{COLORS[thing.color]} {SHAPES[thing.shape]}"
            opening, close = "In the " if index == 0 else "; in the ", "."
            joint = " is " + with_article(name).removesuffix(name)
        else:
            cell, name = CELL_NAMES_ZH[thing.cell], COLORS_ZH[thing.color] + SHAPES_ZH[thing.shape]
            opening, joint, close = "" if index == 0 else "，", "有一个", "。"
        # Where one object ends, the eye must already be on the next one, or know that there is none.
        for text in (opening, cell, joint, name):
            pointers.append((len(answer), (index,)))
            answer += text
        phrases |= {cell: (index,), name: (index,)}
    pointers.append((len(answer), ()))
    return Exchange(kind, question, answer + close, phrases, tuple(dict.fromkeys(pointers)))


_ASKERS: dict[str, Callable[[Drawing, str, np.random.Generator], Exchange]] = {
    "where": _where,
    "color": _trait,
    "shape": _trait,
    "at": _at,
    "count": _count,
    "exist": _exist,
    "where_zh": _where,
    "describe_en": _describe,
    "describe_zh": _describe,
}
