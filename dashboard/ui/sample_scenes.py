"""The sample scenes, and the pixels that words about them mean."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core import ExplainResult
from core.schema.words import find_phrase
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.sample_scenes import FORMER_SCENES, SCENES, draw_scene

_AROUND = " .,;。，；"
"""Characters around words that mean nothing in the picture."""


@dataclass(frozen=True, eq=False)
class SampleScene:
    """A sample scene with the question that goes with it.

    Attributes:
        answer: the right one; `masks` holds everything that it speaks of.
        masks: phrase of an answer -> the pixels that it means, bool [height, width].
    """

    chosen: ChosenPicture
    question: str
    answer: str
    masks: dict[str, np.ndarray]

    def mask_of(self, text: str, begin: int, end: int) -> np.ndarray | None:
        """The pixels that characters begin to end of an answer mean; None where nobody knows them.

        A phrase means its object, and so does each word of it. Several phrases together mean all of theirs, which is
        known of the right answer alone: another one may also speak of things that the question was not about.
        """
        begin += len(text[begin:end]) - len(text[begin:end].lstrip(_AROUND))
        end = begin + len(text[begin:end].rstrip(_AROUND))
        if begin >= end:
            return None
        found = [
            (first, last, mask) for phrase, mask in self.masks.items() for first, last in find_phrase(text, phrase)
        ]
        meant = [mask for first, last, mask in found if first <= begin < end <= last]
        if not meant and text.strip(_AROUND) == self.answer.strip(_AROUND):
            meant = [mask for first, last, mask in found if first < end and begin < last]
        return np.any(meant, axis=0) if meant else None


@st.cache_resource(show_spinner=False)
def scenes() -> tuple[SampleScene, ...]:
    """The sample scenes, drawn once."""
    return tuple(map(_scene, range(len(SCENES))))


@st.cache_resource(show_spinner=False)
def _known() -> tuple[SampleScene, ...]:
    return (*scenes(), *(_scene(len(SCENES) + number) for number in range(len(FORMER_SCENES))))


def true_mask(result: ExplainResult) -> np.ndarray | None:
    """The pixels that the explained words mean, bool [height, width]; None where nobody knows them.

    They are known for answers about sample scenes alone, each asked about by itself: among several pictures the words
    may mean something in another one.
    """
    if result.request.images:
        return None
    scene = next((each for each in _known() if each.chosen.digest == result.request.image), None)
    explained = result.request.target.indices(result.answer)
    if scene is None or not explained:
        return None
    tokens = result.tokens
    return scene.mask_of(result.answer.text, tokens[explained[0]].start, tokens[explained[-1]].stop)


def _scene(number: int) -> SampleScene:
    drawn = draw_scene(number)
    return SampleScene(drawn.chosen, drawn.scene.question, drawn.scene.answer, drawn.scene.masks)
