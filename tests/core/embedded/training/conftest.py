"""An untrained model of the embedded architecture, and batches of pictures and of clips packed for it."""

from dataclasses import dataclass

import numpy as np
import pytest

from core.embedded.training.architecture import build_model
from core.embedded.training.ask import Checkpoint
from core.embedded.training.packing import PackedBatch, pack
from core.embedded.training.tokenizer import build_image_processor, build_tokenizer
from core.scenes.clip_questions import ClipExchange, ask_clip, over_time
from core.scenes.clip_wording import CLIP_KINDS
from core.scenes.clips import Clip, compose_clip, still
from core.scenes.drawing import compose
from core.scenes.questions import ask
from core.scenes.wording import KINDS
from tests.core.embedded.training.grids import STEPS, WIDE


@dataclass(frozen=True)
class Packed:
    """What was packed, and the batch that it became."""

    clips: list[Clip]
    exchanges: list[list[ClipExchange]]
    batch: PackedBatch


@pytest.fixture(scope="session")
def untrained() -> Checkpoint:
    tokenizer = build_tokenizer()
    return Checkpoint(build_model(tokenizer, seed=3).eval(), tokenizer, build_image_processor())


@pytest.fixture(scope="session")
def packed(untrained) -> Packed:
    """Two pictures, a question of every kind about each, and all of them in one batch."""
    rng = np.random.default_rng(0)
    pictures = [compose(seed, objects=seed + 2, grid=WIDE) for seed in range(2)]
    clips = [still(picture) for picture in pictures]
    exchanges = [
        [over_time(ask(picture, kind, rng), clip) for kind in KINDS]
        for picture, clip in zip(pictures, clips, strict=True)
    ]
    return Packed(clips, exchanges, pack(clips, exchanges, untrained.tokenizer, untrained.image_processor))


@pytest.fixture(scope="session")
def packed_clips(untrained) -> Packed:
    """Two clips, English questions of every kind about one and Chinese ones about the other, all in one batch."""
    rng = np.random.default_rng(0)
    clips = [compose_clip(seed, objects=2, steps=STEPS, grid=WIDE) for seed in (2, 3)]
    clips = [Clip(clip.frames, 1.0, clip.things) for clip in clips]
    languages = CLIP_KINDS[: len(CLIP_KINDS) // 2], CLIP_KINDS[len(CLIP_KINDS) // 2 :]
    exchanges = [[ask_clip(clip, kind, rng) for kind in kinds] for clip, kinds in zip(clips, languages, strict=True)]
    return Packed(clips, exchanges, pack(clips, exchanges, untrained.tokenizer, untrained.image_processor))


@pytest.fixture(params=["packed", "packed_clips"])
def either(request) -> Packed:
    """The pictures, then the clips."""
    return request.getfixturevalue(request.param)
