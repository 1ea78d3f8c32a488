"""The order in which training meets pictures, clips and questions: one packed batch per step, by seed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from torch.utils.data import Dataset
from transformers import BaseImageProcessor, PreTrainedTokenizerBase

from core.embedded.training.packing import PackedBatch, pack
from core.scenes.clip_questions import ClipExchange, ask_clip, describe_clip, over_time
from core.scenes.clip_wording import CHINESE, CLIP_KINDS, ENGLISH, SHORT_CLIP_KINDS
from core.scenes.clips import (
    MAX_STEPS,
    MAX_TOKENS,
    RATES,
    USUAL_STEPS,
    USUAL_TOKENS,
    Clip,
    clip_grids,
    compose_clip,
    still,
)
from core.scenes.drawing import GRIDS, SMALL_GRIDS, TOKEN_SIDE, Drawing, compose
from core.scenes.questions import ask
from core.scenes.scene import TRAINING_SEEDS
from core.scenes.sentences import honest, is_chinese
from core.scenes.unfamiliar.pairs import any_prompt
from core.scenes.unfamiliar.pictures import unfamiliar
from core.scenes.unfamiliar.prompts import unknown_prompt
from core.scenes.wording import KINDS, SHORT_KINDS

PICTURES_PER_STEP = 16
SHORT_QUESTIONS = 6
"""Short questions per picture, each of another kind; one description joins them, so also of a clip."""
ENGLISH_SHARE = 0.6
CLIP_SHARE = 0.55
"""Share of steps that meet clips."""
LARGE_SHARE = 0.25
"""Share of these with up to twice the steps and tokens: people's films are longer and larger than the usual clip."""
STRANGE_SHARE = 0.2
"""Share of pictures and clips of a step that are no drawn scene."""
UNKNOWN_SHARE = 0.35
"""Share of descriptions that answer an unknown prompt."""
STRANGE, UNKNOWN = "strange", "unknown"
"""Kinds of exchanges that are none of the scenes': about what is no scene, and an unknown prompt about a scene."""

_EASY_OBJECTS = (0.0, 0.5, 0.5, 0.0, 0.0)
_ALL_OBJECTS = (0.04, 0.14, 0.22, 0.28, 0.32)
_TIMELY_SHARE = 0.15
"""Share of pictures that are asked a clip's question instead of one of theirs."""
_CLIP_TOKENS = 1500
"""Visual tokens of a step of clips, so that it takes about as long as one of pictures."""
_QUICK_RATES = (2.0, 4.0)
"""Rates of long clips. Slower ones last so long that the stock model's generation goes on from later positions than it
read the prompt at, unless the prompt is long."""
_OWN_QUESTIONS = 4
"""Of the short questions about a clip, those of clips; the others are those of pictures."""
_STRANGE_PROMPTS = 4


class Curriculum(Dataset):
    """Batch of each training step; the same seed and step give the same batch.

    Args:
        steps: length of the whole run.
        seed: seed of the run.
        photographs: files to take crops of.
        easy_steps: steps at the start with small pictures of one or two objects and nothing else.
    """

    def __init__(
        self,
        steps: int,
        seed: int,
        tokenizer: PreTrainedTokenizerBase,
        image_processor: BaseImageProcessor,
        photographs: Sequence[Path] = (),
        easy_steps: int = 0,
    ) -> None:
        self._steps = steps
        self._seed = seed
        self._tokenizer = tokenizer
        self._image_processor = image_processor
        self._photographs = tuple(photographs)
        self._easy_steps = easy_steps

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> PackedBatch:
        rng = np.random.default_rng([self._seed, step])
        if step < self._easy_steps:
            seen, exchanges = _pictures(rng, SMALL_GRIDS, _EASY_OBJECTS, 0.0, ())
        elif rng.random() < CLIP_SHARE:
            seen, exchanges = _clips(rng, self._photographs)
        else:
            seen, exchanges = _pictures(rng, GRIDS, _ALL_OBJECTS, STRANGE_SHARE, self._photographs)
        return pack(seen, exchanges, self._tokenizer, self._image_processor)


Step = tuple[list[Clip], list[list[ClipExchange]]]


def _seeds(rng: np.random.Generator, count: int) -> list[int]:
    return rng.integers(TRAINING_SEEDS.start, TRAINING_SEEDS.stop, count).tolist()


def _pictures(
    rng: np.random.Generator,
    grids: Sequence[tuple[int, int]],
    odds: Sequence[float],
    strange_share: float,
    photographs: Sequence[Path],
) -> Step:
    grid = grids[rng.integers(len(grids))]
    objects = rng.choice(len(odds), PICTURES_PER_STEP, p=odds).tolist()
    seen, exchanges = [], []
    for index, (seed, number) in enumerate(zip(_seeds(rng, PICTURES_PER_STEP), objects, strict=True)):
        # The first one is always a scene, or the losses about objects would have nothing to look at.
        if index and rng.random() < strange_share:
            seen.append(unfamiliar(rng, grid[0] * TOKEN_SIDE, grid[1] * TOKEN_SIDE, photographs))
            exchanges.append(_about_strange(rng, KINDS))
        else:
            picture = compose(seed, number, grid)
            seen.append(still(picture))
            exchanges.append(_about_picture(rng, picture, seen[-1], simple=strange_share == 0))
    return seen, exchanges


def _about_picture(rng: np.random.Generator, picture: Drawing, clip: Clip, *, simple: bool) -> list[ClipExchange]:
    kinds = rng.permutation(SHORT_KINDS)[:SHORT_QUESTIONS].tolist()
    asked = [over_time(ask(picture, kind, rng), clip) for kind in kinds]
    if not simple and rng.random() < _TIMELY_SHARE:
        asked[-1] = ask_clip(clip, SHORT_CLIP_KINDS[rng.integers(len(SHORT_CLIP_KINDS))], rng)
    if not simple and rng.random() < UNKNOWN_SHARE:
        return [*asked, _about_unknown(rng, clip)]
    kind = "describe_en" if rng.random() < ENGLISH_SHARE else "describe_zh"
    return [*asked, over_time(ask(picture, kind, rng), clip)]


def _clips(rng: np.random.Generator, photographs: Sequence[Path]) -> Step:
    large = rng.random() < LARGE_SHARE
    steps = int(rng.integers(2, (MAX_STEPS if large else USUAL_STEPS) + 1))
    grids = clip_grids(steps, MAX_TOKENS if large else USUAL_TOKENS)
    grid = grids[rng.integers(len(grids))]
    rates = RATES if steps <= USUAL_STEPS else _QUICK_RATES
    rate = float(rates[rng.integers(len(rates))])
    count = max(3, round(_CLIP_TOKENS / (steps * grid[0] * grid[1])))
    seen, exchanges = [], []
    for index, seed in enumerate(_seeds(rng, count)):
        if index and rng.random() < STRANGE_SHARE:
            height, width = grid[0] * TOKEN_SIDE, grid[1] * TOKEN_SIDE
            seen.append(unfamiliar(rng, height, width, photographs, steps=steps, rate=rate))
            exchanges.append(_about_strange(rng, CLIP_KINDS + SHORT_KINDS))
        else:
            objects = int(rng.choice(len(_ALL_OBJECTS), p=_ALL_OBJECTS))
            seen.append(replace(compose_clip(seed, objects, steps, grid), rate=rate))
            exchanges.append(_about_clip(rng, seen[-1]))
    return seen, exchanges


def _about_clip(rng: np.random.Generator, clip: Clip) -> list[ClipExchange]:
    own = rng.permutation(SHORT_CLIP_KINDS)[:_OWN_QUESTIONS].tolist()
    kinds = own + rng.permutation(SHORT_KINDS)[: SHORT_QUESTIONS - _OWN_QUESTIONS].tolist()
    asked = [ask_clip(clip, kind, rng) for kind in kinds]
    if rng.random() < UNKNOWN_SHARE:
        return [*asked, _about_unknown(rng, clip)]
    return [*asked, ask_clip(clip, "happens" if rng.random() < ENGLISH_SHARE else "happens_zh", rng)]


def _about_strange(rng: np.random.Generator, kinds: Sequence[str]) -> list[ClipExchange]:
    prompts = [any_prompt(rng, kinds=kinds) for _ in range(_STRANGE_PROMPTS)]
    return [ClipExchange(STRANGE, prompt, honest(prompt), {}, ((0, ()),)) for prompt in prompts]


def _about_unknown(rng: np.random.Generator, clip: Clip) -> ClipExchange:
    prompt = unknown_prompt(rng, bool(rng.random() >= ENGLISH_SHARE))
    answer, pointers = describe_clip(clip, CHINESE if is_chinese(prompt) else ENGLISH)
    return ClipExchange(UNKNOWN, prompt, answer, {}, pointers)
