"""The order in which training meets pictures and questions: one packed batch per step, by seed."""

import numpy as np
from torch.utils.data import Dataset
from transformers import BaseImageProcessor, PreTrainedTokenizerBase

from core.embedded.training.packing import PackedBatch, pack
from core.scenes.drawing import GRIDS, SMALL_GRIDS, compose
from core.scenes.questions import ask
from core.scenes.scene import TRAINING_SEEDS
from core.scenes.wording import SHORT_KINDS

PICTURES_PER_STEP = 16
SHORT_QUESTIONS = 6
"""Short questions per picture, each of another kind; one description joins them."""
ENGLISH_SHARE = 0.6
EASY_SHARE = 0.15
"""Share of the run, at its start, with small pictures of one or two objects."""

_EASY_OBJECTS = (0.0, 0.5, 0.5, 0.0, 0.0)
_ALL_OBJECTS = (0.04, 0.14, 0.22, 0.28, 0.32)


class Curriculum(Dataset):
    """Batch of each training step; the same seed and step give the same batch.

    Args:
        steps: length of the whole run.
        seed: seed of the run.
    """

    def __init__(
        self,
        steps: int,
        seed: int,
        tokenizer: PreTrainedTokenizerBase,
        image_processor: BaseImageProcessor,
    ) -> None:
        self._steps = steps
        self._seed = seed
        self._tokenizer = tokenizer
        self._image_processor = image_processor

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> PackedBatch:
        rng = np.random.default_rng([self._seed, step])
        easy = step < EASY_SHARE * self._steps
        grids, odds = (SMALL_GRIDS, _EASY_OBJECTS) if easy else (GRIDS, _ALL_OBJECTS)
        grid = grids[rng.integers(len(grids))]
        seeds = rng.integers(TRAINING_SEEDS.start, TRAINING_SEEDS.stop, PICTURES_PER_STEP)
        objects = rng.choice(len(odds), PICTURES_PER_STEP, p=odds)
        pictures = [compose(int(seed), int(number), grid) for seed, number in zip(seeds, objects, strict=True)]
        exchanges = []
        for picture in pictures:
            kinds = list(rng.permutation(SHORT_KINDS)[:SHORT_QUESTIONS])
            kinds.append("describe_en" if rng.random() < ENGLISH_SHARE else "describe_zh")
            exchanges.append([ask(picture, kind, rng) for kind in kinds])
        return pack(pictures, exchanges, self._tokenizer, self._image_processor)
