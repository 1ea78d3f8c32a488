"""Scenes whose truth is known: a picture, a question, its answer and the pixels that both speak of."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.scenes.drawing import Drawing, compose
from core.scenes.questions import Exchange, ask
from core.scenes.wording import KINDS

TRAINING_SEEDS = range(0, 1_000_000)
"""Seeds of pictures that a training run may draw."""
EVALUATION_SEEDS = range(1_000_000, 2_000_000)
"""Seeds of scenes for measuring; no training run has seen them."""

if TRAINING_SEEDS.stop > EVALUATION_SEEDS.start:
    raise RuntimeError("a scene of the evaluation could have been seen in training")


@dataclass(frozen=True)
class Scene:
    """One question about one picture.

    Attributes:
        image: RGB picture; height and width are multiples of 28 pixels.
        question: what is asked, in English or Chinese.
        answer: the only right answer.
        kind: kind of question, one of `KINDS`.
        masks: phrase of the question or the answer -> bool [height, width], the pixels of the objects
            that it means; no entry where it means none.
    """

    image: Image.Image
    question: str
    answer: str
    kind: str
    masks: dict[str, np.ndarray]


def sample(seed: int, kind: str | None = None, objects: int | None = None) -> Scene:
    """Make the scene of a seed; the same arguments give the same pixels and texts on every run.

    Args:
        seed: seed of the numpy generators, not negative.
        kind: kind of question, one of `KINDS`; drawn by lot when None.
        objects: number of objects, 0 to 4; drawn by lot when None.

    Raises:
        ValueError: the kind is unknown or the number of objects is outside 0 to 4.
    """
    rng = np.random.default_rng([seed, 1])
    drawn = KINDS[rng.integers(len(KINDS))]
    picture = compose(seed, objects)
    return as_scene(picture, ask(picture, kind or drawn, rng))


def as_scene(picture: Drawing, exchange: Exchange) -> Scene:
    """Join a picture and one question about it, turning object indices into masks."""
    masks = {
        phrase: np.any([picture.things[index].mask for index in things], axis=0)
        for phrase, things in exchange.phrases.items()
    }
    return Scene(picture.image, exchange.question, exchange.answer, exchange.kind, masks)
