"""Clips whose truth is known: frames, a question, its answer, and the pixels and steps that both speak of."""

from dataclasses import dataclass

import numpy as np

from core.scenes.clip_questions import ask_clip
from core.scenes.clip_wording import CLIP_KINDS
from core.scenes.clips import compose_clip


@dataclass(frozen=True, eq=False)
class ClipScene:
    """One question about one clip; seeds for training and for measuring are those of `core.scenes.scene`.

    Attributes:
        frames: uint8 [n, height, width, 3], two for each time step; height and width are multiples of 28 pixels.
        rate: frames per second.
        question: what is asked, in English or Chinese.
        answer: the only right answer.
        kind: kind of question, one of `CLIP_KINDS`.
        masks: phrase of the question or the answer -> bool [steps, height, width], the pixels that it means; no
            entry where it means none.
    """

    frames: np.ndarray
    rate: float
    question: str
    answer: str
    kind: str
    masks: dict[str, np.ndarray]


def sample_clip(seed: int, kind: str | None = None, objects: int | None = None, steps: int | None = None) -> ClipScene:
    """Make the clip of a seed and ask about it; the same arguments give the same pixels and texts on every run.

    Args:
        seed: seed of the numpy generators, not negative.
        kind: kind of question, one of `CLIP_KINDS`; drawn by lot when None.
        objects: number of objects, 0 to 4; drawn by lot when None.
        steps: time steps, 2 to 8; up to 4 are drawn by lot when None.

    Raises:
        ValueError: the kind is unknown, or the number of objects or steps out of range.
    """
    rng = np.random.default_rng([seed, 3])
    drawn = CLIP_KINDS[rng.integers(len(CLIP_KINDS))]
    clip = compose_clip(seed, objects, steps)
    exchange = ask_clip(clip, kind or drawn, rng)
    masks = {}
    for phrase, sights in exchange.phrases.items():
        masks[phrase] = np.zeros((clip.steps, *clip.frames.shape[1:3]), bool)
        for thing, step in sights:
            masks[phrase][step] |= clip.things[thing].masks[step]
    return ClipScene(clip.frames, clip.rate, exchange.question, exchange.answer, exchange.kind, masks)
