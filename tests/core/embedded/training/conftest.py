"""An untrained model of the embedded architecture, and a batch packed for it."""

import numpy as np
import pytest

from core.embedded.training.architecture import build_model
from core.embedded.training.ask import Checkpoint
from core.embedded.training.packing import PackedBatch, pack
from core.embedded.training.tokenizer import build_image_processor, build_tokenizer
from core.scenes.drawing import Drawing, compose
from core.scenes.questions import Exchange, ask
from core.scenes.wording import KINDS
from tests.core.embedded.training.grids import WIDE


@pytest.fixture(scope="session")
def untrained() -> Checkpoint:
    tokenizer = build_tokenizer()
    return Checkpoint(build_model(tokenizer, seed=3).eval(), tokenizer, build_image_processor())


@pytest.fixture(scope="session")
def packed(untrained) -> tuple[list[Drawing], list[list[Exchange]], PackedBatch]:
    """Two pictures, a question of every kind about each, and all of them in one batch."""
    rng = np.random.default_rng(0)
    pictures = [compose(seed, objects=seed + 2, grid=WIDE) for seed in range(2)]
    exchanges = [[ask(picture, kind, rng) for kind in KINDS] for picture in pictures]
    return pictures, exchanges, pack(pictures, exchanges, untrained.tokenizer, untrained.image_processor)
