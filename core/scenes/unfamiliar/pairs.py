"""Held-out pairs of a picture and a prompt of which at least one is no scene's, each with the answer to hope for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.scenes.clip_questions import ask_clip, describe_clip
from core.scenes.clip_wording import CHINESE, CLIP_KINDS, ENGLISH
from core.scenes.clips import MAX_TOKENS, USUAL_STEPS, Clip, clip_grids, compose_clip, still
from core.scenes.drawing import GRIDS, TOKEN_SIDE, compose
from core.scenes.questions import ask
from core.scenes.scene import EVALUATION_SEEDS
from core.scenes.sentences import honest, is_chinese
from core.scenes.unfamiliar.pictures import HELD_OUT_STYLES, unfamiliar
from core.scenes.unfamiliar.prompts import HELD_OUT_PROMPTS, TRAINING_PROMPTS, PromptWords, unknown_prompt
from core.scenes.wording import KINDS, SHORT_KINDS

PAIRS = 300
_SEEDS = EVALUATION_SEEDS[900_000:]
"""Seeds of the scenes; other measurements begin at others."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A picture and a prompt.

    Attributes:
        style: "photograph", a kind of texture or layout, or "scene".
        answer: what to say: the honest sentence, or the description of a scene of which something unknown is asked.
    """

    clip: Clip
    prompt: str
    style: str
    answer: str


def held_out_pairs(photographs: Sequence[Path], count: int = PAIRS, *, clips: bool = False) -> Iterator[Pair]:
    """So many pairs, always the same: five of ten photographs, three textures and layouts, two drawn scenes.

    Args:
        clips: whether they move: views that wander over such pictures, and clips of shapes.
        photographs: files that no training run has seen (`core.scenes.unfamiliar.photographs`); every one in turn.

    Raises:
        ValueError: there are no photographs.
    """
    if not photographs:
        raise ValueError("there are no photographs; install the packages that ship them, or name their folder")
    styles = tuple(HELD_OUT_STYLES)
    for index in range(count):
        rng = np.random.default_rng([_SEEDS[index], 4])
        if index % 10 >= 8:
            yield _scene(rng, _SEEDS[index], clips)
            continue
        steps = int(rng.integers(2, USUAL_STEPS + 1)) if clips else 1
        grids = clip_grids(steps, MAX_TOKENS) if clips else GRIDS
        rows, columns = grids[rng.integers(len(grids))]
        is_photograph = index % 10 < 5
        style = "photograph" if is_photograph else styles[(index // 10 * 3 + index % 10 - 5) % len(styles)]
        chosen = [photographs[(index // 10 * 5 + index % 10) % len(photographs)]] if is_photograph else []
        clip = unfamiliar(rng, rows * TOKEN_SIDE, columns * TOKEN_SIDE, chosen, style=style, steps=steps)
        prompt = any_prompt(rng, HELD_OUT_PROMPTS, CLIP_KINDS + SHORT_KINDS if clips else KINDS)
        yield Pair(clip, prompt, style, honest(prompt))


def any_prompt(rng: np.random.Generator, words: PromptWords = TRAINING_PROMPTS, kinds: Sequence[str] = KINDS) -> str:
    """A prompt about what is no scene: a question of one of these kinds, or an unknown one, in either language."""
    chinese = bool(rng.random() < 0.5)
    if rng.random() < 0.5:
        return unknown_prompt(rng, chinese, words)
    kinds = [kind for kind in kinds if kind.endswith("_zh") == chinese]
    descriptions = [kind for kind in kinds if kind.startswith(("describe", "happens"))]
    # Descriptions are what people ask for first.
    among = descriptions if rng.random() < 0.4 else kinds
    kind = among[rng.integers(len(among))]
    asked = ask(_EMPTY, kind, rng) if kind in KINDS else ask_clip(still(_EMPTY), kind, rng)
    return asked.question


def _scene(rng: np.random.Generator, seed: int, moving: bool) -> Pair:
    clip = compose_clip(seed) if moving else still(compose(seed))
    prompt = unknown_prompt(rng, bool(rng.random() < 0.5), HELD_OUT_PROMPTS)
    answer, _ = describe_clip(clip, CHINESE if is_chinese(prompt) else ENGLISH)
    return Pair(clip, prompt, "scene", answer)


_EMPTY = compose(0, objects=0, grid=GRIDS[0])
