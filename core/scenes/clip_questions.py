"""Ask and answer questions about a clip, saying which object at which time step each phrase means."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.scenes.clip_wording import CHINESE, CLIP_KINDS, CLIP_TEMPLATES, ENGLISH, Language, name_zh
from core.scenes.clips import Clip
from core.scenes.drawing import COLORS, SHAPES
from core.scenes.questions import Exchange, ask, look, with_article
from core.scenes.sentences import NOTHING, NOTHING_ZH
from core.scenes.wording import SHORT_KINDS

_ABSENT = 0.12
"""Share of questions about something that is not there."""

Sight = tuple[int, int]
"""An object, by its index in the clip, at one time step."""


@dataclass(frozen=True)
class ClipExchange:
    """A question about a clip, its answer and what both speak of.

    Attributes:
        phrases: phrase of the question or the answer -> the sights that it means. The answer means what decides it:
            of when something appears, the object in the first step that shows it; of when it vanishes, in the last.
        pointers: (character of the answer, sights to look at in order to write on from there); none where the
            answer rests on nothing being there. Used by an auxiliary loss in training.
    """

    kind: str
    question: str
    answer: str
    phrases: dict[str, tuple[Sight, ...]]
    pointers: tuple[tuple[int, tuple[Sight, ...]], ...]


def ask_clip(clip: Clip, kind: str, rng: np.random.Generator) -> ClipExchange:
    """Ask a question of a kind about a clip: one of `CLIP_KINDS`, or one of the short ones about pictures.

    Questions about pictures mean a clip as a whole: an object counts that is ever there, and is where it is first seen.

    Raises:
        ValueError: the kind is neither.
    """
    if kind in SHORT_KINDS:
        return over_time(ask(clip, kind, rng), clip)
    if kind not in CLIP_TEMPLATES:
        raise ValueError(f"unknown kind {kind!r}; choose one of {', '.join((*CLIP_KINDS, *SHORT_KINDS))}")
    return _ASKERS[kind.removesuffix("_zh")](clip, kind, rng)


def over_time(exchange: Exchange, clip: Clip) -> ClipExchange:
    """A question about a picture, asked about a clip with the same objects, each where it is first seen."""

    def sights(things: tuple[int, ...]) -> tuple[Sight, ...]:
        return tuple(sight for thing in things for sight in _at_home(clip, thing))

    phrases = {phrase: sights(things) for phrase, things in exchange.phrases.items()}
    pointers = tuple((character, sights(things)) for character, things in exchange.pointers)
    return ClipExchange(exchange.kind, exchange.question, exchange.answer, phrases, pointers)


def moment(step: int, steps: int) -> int:
    """Which of the three moments a step is: 0 the beginning, 1 the middle, 2 the end."""
    return 0 if step == 0 else 2 if step == steps - 1 else 1


def _at_home(clip: Clip, thing: int) -> tuple[Sight, ...]:
    """An object in the steps in which it is in the cell where it is first seen."""
    actor = clip.things[thing]
    return tuple((thing, step) for step in actor.seen if actor.cells[step] == actor.cell)


def _ever(clip: Clip, thing: int) -> tuple[Sight, ...]:
    return tuple((thing, step) for step in clip.things[thing].seen)


def _language(kind: str) -> Language:
    return CHINESE if kind.endswith("_zh") else ENGLISH


def _name(color: int, shape: int, language: Language) -> str:
    return name_zh(color, shape) if language is CHINESE else f"{COLORS[color]} {SHAPES[shape]}"


def _from_template(kind: str, rng: np.random.Generator, *names: str) -> str:
    templates = CLIP_TEMPLATES[kind]
    return templates[rng.integers(len(templates))].format(*names)


def _about_one(clip: Clip, kind: str, rng: np.random.Generator) -> ClipExchange:
    """When one object appears or vanishes, where it is at the beginning or the end, whether it moves."""
    language = _language(kind)
    color, shape, things = look(clip, rng, bool(clip.things) and rng.random() >= _ABSENT)
    name = _name(color, shape, language)
    answer, deciding = _DECIDE[kind.removesuffix("_zh")](clip, things[0] if things else None, language)
    phrases = {answer: deciding} if deciding else {}
    if things:
        phrases[name] = _ever(clip, things[0])
    return ClipExchange(kind, _from_template(kind, rng, name), answer, phrases, ((0, deciding),))


def _appear(clip: Clip, thing: int | None, language: Language) -> tuple[str, tuple[Sight, ...]]:
    if thing is None:
        return language.never_appears, ()
    first = clip.things[thing].seen[0]
    return language.moments[moment(first, clip.steps)], ((thing, first),)


def _vanish(clip: Clip, thing: int | None, language: Language) -> tuple[str, tuple[Sight, ...]]:
    if thing is None:
        return language.never_vanishes, ()
    gone, last = clip.things[thing].gone, (thing, clip.things[thing].seen[-1])
    return language.never_vanishes if gone is None else language.moments[moment(gone, clip.steps)], (last,)


def _begin(clip: Clip, thing: int | None, language: Language) -> tuple[str, tuple[Sight, ...]]:
    return _where(clip, thing, language, 0)


def _end(clip: Clip, thing: int | None, language: Language) -> tuple[str, tuple[Sight, ...]]:
    return _where(clip, thing, language, clip.steps - 1)


def _where(clip: Clip, thing: int | None, language: Language, step: int) -> tuple[str, tuple[Sight, ...]]:
    cell = None if thing is None else clip.things[thing].cells[step]
    if thing is None or cell is None:
        return language.nowhere, ()
    return language.cells[cell], ((thing, step),)


def _move(clip: Clip, thing: int | None, language: Language) -> tuple[str, tuple[Sight, ...]]:
    if thing is None:
        return language.stays, ()
    actor = clip.things[thing]
    if not actor.moves:
        return language.stays, _ever(clip, thing)
    cell = actor.cells[actor.seen[-1]]
    assert cell is not None
    return language.moves.format(language.cells[cell]), ((thing, actor.seen[-1]),)


def _first(clip: Clip, kind: str, rng: np.random.Generator) -> ClipExchange:
    """Which of two objects comes first: of two that come at different steps, or of one that never does."""
    language = _language(kind)
    pairs = [
        (one, other)
        for one, sooner in enumerate(clip.things)
        for other, later in enumerate(clip.things)
        if sooner.seen[0] < later.seen[0]
    ]
    if not clip.things:
        one, other = look(clip, rng, False)[:2], look(clip, rng, False)[:2]
        while other == one:
            other = look(clip, rng, False)[:2]
        names = (_name(*one, language), _name(*other, language))
        return ClipExchange(kind, _from_template(kind, rng, *names), language.neither, {}, ((0, ()),))
    if pairs and rng.random() >= _ABSENT:
        winner, loser = pairs[rng.integers(len(pairs))]
        others = _name(clip.things[loser].color, clip.things[loser].shape, language)
        phrases = {others: _ever(clip, loser)}
    else:
        winner = int(rng.integers(len(clip.things)))
        others = _name(*look(clip, rng, False)[:2], language)
        phrases = {}
    actor = clip.things[winner]
    answer = _name(actor.color, actor.shape, language)
    names = (answer, others) if rng.random() < 0.5 else (others, answer)
    deciding = ((winner, actor.seen[0]),)
    return ClipExchange(
        kind, _from_template(kind, rng, *names), answer, {answer: deciding, **phrases}, ((0, deciding),)
    )


def _happens(clip: Clip, kind: str, rng: np.random.Generator) -> ClipExchange:
    """All objects in reading order of where they are first seen, each with what it does."""
    language, question = _language(kind), _from_template(kind, rng)
    answer, pointers = describe_clip(clip, language)
    phrases = {}
    for index, actor in enumerate(clip.things):
        phrases[language.cells[actor.cell]] = phrases[_name(actor.color, actor.shape, language)] = _at_home(clip, index)
    return ClipExchange(kind, question, answer, phrases, pointers)


def describe_clip(clip: Clip, language: Language) -> tuple[str, tuple[tuple[int, tuple[Sight, ...]], ...]]:
    """The description of a clip, and its pointers. Of what only stays, it says what is said of a picture."""
    if not clip.things:
        nothing = language.nothing
        if clip.is_picture:
            nothing = NOTHING if language is ENGLISH else NOTHING_ZH
        return nothing, ((0, ()),)
    answer, pointers = "", []
    for index, actor in enumerate(clip.things):
        name, cell = _name(actor.color, actor.shape, language), language.cells[actor.cell]
        if language is ENGLISH:
            opening, joint = "In the " if index == 0 else "; in the ", " is " + with_article(name).removesuffix(name)
        else:
            opening, joint = "" if index == 0 else "，", "有一个"
        # Where one object ends, the eye must already be on the next one, or know that there is none.
        home = _at_home(clip, index)
        for text in (opening, cell, joint, name):
            pointers.append((len(answer), home))
            answer += text
        does, sight = _does(clip, index, language)
        if does:
            # Both what it does and, behind that, when or where to.
            pointers.append((len(answer), sight))
            answer += does
    pointers.append((len(answer), ()))
    return answer + ("." if language is ENGLISH else "。"), tuple(dict.fromkeys(pointers))


def _does(clip: Clip, index: int, language: Language) -> tuple[str, tuple[Sight, ...]]:
    """How the description goes on behind an object that does something, and the sights that show it."""
    actor = clip.things[index]
    if actor.moves:
        cell = actor.cells[actor.seen[-1]]
        assert cell is not None
        return language.moving.format(language.cells[cell]), ((index, actor.seen[-1]),)
    if actor.seen[0] > 0:
        return language.appearing.format(language.moments[moment(actor.seen[0], clip.steps)]), ((index, actor.seen[0]),)
    if actor.gone is not None:
        return language.vanishing.format(language.moments[moment(actor.gone, clip.steps)]), ((index, actor.seen[-1]),)
    return "", ()


_DECIDE: dict[str, Callable[[Clip, int | None, Language], tuple[str, tuple[Sight, ...]]]] = {
    "appear": _appear,
    "vanish": _vanish,
    "begin": _begin,
    "end": _end,
    "move": _move,
}
_ASKERS: dict[str, Callable[[Clip, str, np.random.Generator], ClipExchange]] = {
    **dict.fromkeys(_DECIDE, _about_one),
    "first": _first,
    "happens": _happens,
}
