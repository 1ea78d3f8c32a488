"""The answer as chips: how sure the model was of each piece, and a click that asks about it alone.

Chips are a component of their own, since Streamlit's buttons take no colour of their own and read their labels as
markdown. Its script sets every text as text; what it sends back is checked here like anything from outside.
"""

from dataclasses import asdict, dataclass
from functools import partial
from math import prod
from pathlib import Path
from typing import Any

import streamlit as st

from core import ExplainResult, InputError
from core.interventions.reliance_report import DECISIVE, Reliance, WordReliance
from core.schema.target import Target
from core.schema.words import words_of
from dashboard.formatting import literal, short
from dashboard.language import N_, _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.ask import ask_about
from dashboard.services.interventions import reliance_of
from dashboard.session import clicks, state
from dashboard.ui.drawing.scripts import VALUES, joined
from dashboard.ui.glossary import see
from dashboard.ui.viewer.studies.interventions.reliance_words import rests_of, said_of

KINDS = ("tokens", "words")
_KEY = "chips"
_LONGEST = 40
_BLANKS = {"\n": "\u23ce", "\t": "\u21e5", " ": "\u2423"}
_WORDS = {
    "tokens": N_("Tokens"),
    "words": N_("Words"),
    "about": N_("Show the answer in words or in tokens. Click a piece to explain it alone; orange: unsure, blue: sure"),
    "ofTokens": N_("Tokens of the answer"),
    "ofWords": N_("Words of the answer"),
    "whole": N_("Whole answer"),
    "thought": N_("Thought"),
    "openThought": N_("Show what the model thought before it answered"),
    "closeThought": N_("Hide what the model thought before it answered"),
    "token": N_("{text}, token {number}, probability {probability}. Explain it alone"),
    "word": N_("{text}, word, probability {probability}. Explain it alone"),
    "card": N_("About {text}"),
    "said": N_("Said with probability {probability}"),
    "alone": N_("Explain \u201c{text}\u201d alone"),
    "why": N_("Why this, and not"),
    "whyBegin": N_("Why did it begin so, and not with"),
    "rival": N_("Why this and not {text}, probability {probability}"),
    "by": N_("Colour the chips by"),
    "byProbability": N_("Probability"),
    "byPicture": N_("Rests on the picture"),
    "byQuestion": N_("Rests on the question"),
    "bySoFar": N_("Rests on the answer so far"),
    "rests": N_("{text}: {by}, {value} nats. Explain it alone"),
    "parts": N_("Picture {picture}, question {question}, answer so far {so_far} nats"),
    "top": N_("{value} nats or more"),
}
_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_chips",
    html='<div class="line"><div class="chips" role="toolbar"></div><span class="legend" aria-hidden="true">0<i></i>'
    '<b></b></span><select class="by"></select><button type="button" class="kind"></button></div>'
    '<div class="card" role="group" popover="manual"></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=joined(VALUES, _HERE.with_suffix(".js")),
)


@dataclass(frozen=True)
class Rival:
    """What might have stood where a token stands.

    Attributes:
        can_be_asked: whether "why this and not that" has an answer: not where it reads the same.
    """

    text: str
    probability: float
    can_be_asked: bool


@dataclass(frozen=True)
class Rests:
    """What a chip rests on, in nats (see `WordReliance`), and a sentence that says it."""

    picture: float
    question: float
    so_far: float
    said: str


@dataclass(frozen=True)
class Piece:
    """One chip: a token, or the tokens of a word.

    Attributes:
        start, stop: its first token, and one past its last.
        probability: of all its tokens, as the model said them.
        explained: whether the run on display explains it.
        thought: whether it is part of a thought, which is shown apart.
        rivals: of its first token, likeliest first.
        rests: what it rests on; None where that was not measured.
    """

    text: str
    start: int
    stop: int
    probability: float
    explained: bool
    thought: bool
    rivals: tuple[Rival, ...]
    rests: Rests | None = None


def pieces_of(result: ExplainResult, kind: str, reliance: Reliance | None = None) -> list[Piece]:
    """The answer's tokens or words, in order.

    Args:
        reliance: what the answer rests on, where that was measured.
    """
    spans = [(token.text, i, i + 1) for i, token in enumerate(result.tokens)]
    if kind == "words":
        spans = [(word.text, word.start, word.stop) for word in words_of(result.answer)]
    try:
        explained = result.request.target.indices(result.answer)
    except InputError:
        explained = range(0)  # an answer stored without the positions of its tokens
    return [
        Piece(
            text=_chip_text(text),
            start=start,
            stop=stop,
            probability=prod(token.probability for token in result.tokens[start:stop]),
            explained=any(token in explained for token in range(start, stop)),
            thought=start < result.answer.thought,
            rivals=tuple(
                Rival(_chip_text(rival), probability, _can_be_asked(rival, result.tokens[start].text))
                for rival, probability in result.tokens[start].alternatives
            ),
            rests=None if reliance is None else _rests(rests_of(reliance, start, stop)),
        )
        for text, start, stop in spans
    ]


def target_of(result: ExplainResult, asked: Any) -> Target | None:
    """What a click asks for; None for anything that no chip sends.

    Args:
        asked: {"whole": true}, {"span": [start, stop]} or {"token": position, "rival": its number}.
    """
    old, count = result.request.target, len(result.tokens)
    if not isinstance(asked, dict):
        return None
    if asked.get("whole") is True:
        return Target.answer(score=old.score, sentence=old.sentence)
    span = asked.get("span")
    if isinstance(span, list) and len(span) == 2 and all(type(end) is int for end in span):
        start, stop = span
        is_span = 0 <= start < stop <= count
        return Target.tokens(start, stop, score=old.score, sentence=old.sentence) if is_span else None
    position, number = asked.get("token"), asked.get("rival")
    if type(position) is not int or type(number) is not int or not 0 <= position < count:
        return None
    said = result.tokens[position]
    if not 0 <= number < len(said.alternatives):
        return None
    rival = said.alternatives[number][0]
    return Target.contrast(position, rival, sentence=old.sentence) if _can_be_asked(rival, said.text) else None


def chips_panel(run: LoadedRun) -> None:
    """The chips of a run's answer, in one line. A click asks anew; what is stored opens at once."""
    reliance = reliance_of(run)
    pieces = {kind: [asdict(piece) for piece in pieces_of(run.result, kind, reliance)] for kind in KINDS}
    if not pieces["tokens"]:
        st.text(_("(The model said nothing.)"))
        return
    if run.result.answer.is_unfinished_thought:
        st.caption(
            _(
                "The model was still thinking where its answer was cut off, and the thought is explained. Allow a "
                "longer answer under Advanced, or ask about a sentence of yours. {see}",
                see=see("thought"),
            )
        )
    words = {name: _(text) for name, text in _WORDS.items()}
    is_whole = run.request.target.kind == "answer"
    data = {"whole": is_whole, "pieces": pieces, "words": words, "decisive": DECISIVE}
    _component(key=_KEY, data=data, on_asked_change=partial(_asked, run))
    refusal = state.take_refusal()
    if refusal:
        st.error(literal(sentence(refusal)))


@clicks.whole
def _asked(run: LoadedRun) -> None:
    target = target_of(run.result, st.session_state[_KEY].get("asked"))
    if target is not None:
        ask_about(run, target)


def _rests(word: WordReliance) -> Rests:
    return Rests(round(word.picture, 3), round(word.question, 3), round(word.so_far, 3), said_of(word))


def _can_be_asked(rival: str, said: str) -> bool:
    return bool(rival.strip()) and "\ufffd" not in rival and rival.strip() != said.strip()


def _chip_text(text: str) -> str:
    return short(text, _LONGEST) or "".join(_BLANKS.get(character, "\u2423") for character in text[:3]) or "\u2205"
