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
from core.schema.target import Target
from core.schema.words import words_of
from dashboard.formatting import short
from dashboard.loaded_run import LoadedRun
from dashboard.services.ask import ask_about
from dashboard.session import state
from dashboard.session.keys import ViewKey

KINDS = ("tokens", "words")
_KEY = "chips"
_LONGEST = 40
_BLANKS = {"\n": "\u23ce", "\t": "\u21e5", " ": "\u2423"}
_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_chips",
    html='<div class="chips" role="toolbar"></div><div class="card" role="group" popover="manual"></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
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
class Piece:
    """One chip: a token, or the tokens of a word.

    Attributes:
        start, stop: its first token, and one past its last.
        probability: of all its tokens, as the model said them.
        explained: whether the run on display explains it.
        rivals: of its first token, likeliest first.
    """

    text: str
    start: int
    stop: int
    probability: float
    explained: bool
    rivals: tuple[Rival, ...]


def pieces_of(result: ExplainResult, kind: str) -> list[Piece]:
    """The answer's tokens or words, in order."""
    spans = [(token.text, i, i + 1) for i, token in enumerate(result.tokens)]
    if kind == "words":
        spans = [(word.text, word.start, word.stop) for word in words_of(result.answer)]
    try:
        explained = result.request.target.indices(result.answer)
    except InputError:
        explained = range(0)  # an answer stored without the positions of its tokens
    return [
        Piece(
            text=_visible(text),
            start=start,
            stop=stop,
            probability=prod(token.probability for token in result.tokens[start:stop]),
            explained=any(token in explained for token in range(start, stop)),
            rivals=tuple(
                Rival(_visible(rival), probability, _can_be_asked(rival, result.tokens[start].text))
                for rival, probability in result.tokens[start].alternatives
            ),
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
    """The chips of a run's answer. A click asks anew; what is stored opens at once."""
    with st.container(horizontal=True, vertical_alignment="center", key="chips-head"):
        kind = st.segmented_control(
            "Answer in",
            KINDS,
            default="tokens",
            required=True,
            key=ViewKey.PIECES,
            bind="query-params",
            label_visibility="collapsed",
        )
        st.caption(
            "Click one to explain it alone. Orange: unsure, blue: sure.",
            width="content",
            help="Point at a piece, or go to it with Tab and the arrow keys, to see how probable it was and what else "
            "the model considered; choose one of those to ask why it said this and not that. The bar under a piece "
            "is as long as its probability.",
        )
    pieces = pieces_of(run.result, kind)
    if not pieces:
        st.caption("The answer has no words.")
        return
    data = {
        "kind": kind,
        "whole": run.request.target.kind == "answer",
        "pieces": [asdict(piece) for piece in pieces],
    }
    _component(key=_KEY, data=data, on_asked_change=partial(_asked, run))
    refusal = state.take_refusal()
    if refusal:
        st.error(refusal)


def _asked(run: LoadedRun) -> None:
    target = target_of(run.result, st.session_state[_KEY].get("asked"))
    if target is not None:
        ask_about(run, target)


def _can_be_asked(rival: str, said: str) -> bool:
    return bool(rival.strip()) and "\ufffd" not in rival and rival.strip() != said.strip()


def _visible(text: str) -> str:
    return short(text, _LONGEST) or "".join(_BLANKS.get(character, "\u2423") for character in text[:3]) or "\u2205"
