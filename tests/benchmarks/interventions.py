"""Whether interventions find what answers rest on. Run by hand: `python -m tests.benchmarks.interventions`.

On held-out scenes of two to four objects whose pixels are known: taking the object that is asked about out of the
picture must change the answer, taking another one out must not. And what each word rests on, found by replacing the
whole picture, is held against what the objects alone do: all of them are taken out, and the background stays.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.analysis.objects import cells_of
from core.analysis.regions import Region
from core.engine.explainer import Explainer
from core.evaluation.benchmark.answer_matching import DESCRIPTIONS, SHORT, right_phrases
from core.evaluation.benchmark.localisation import LONGEST, SEEDS
from core.heatmap import rank_correlation
from core.inputs.pictures import Picture, load_picture
from core.interventions.reliance import reliance
from core.interventions.removal import Removal
from core.interventions.report import FILLS, WhatIf
from core.interventions.what_if import what_if
from core.scenes.drawing import compose
from core.scenes.scene import sample
from core.schema import Answer, ExplainRequest
from core.schema.methods import COMBINED

MARGIN = 2
"""Pixels around an object that go with it: its edge is smooth."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A scene that the model answers right.

    Attributes:
        asked: bool [height, width], the object that the answer speaks of; of a description, all of them.
        others: the other objects, likewise.
    """

    picture: Picture
    request: ExplainRequest
    answer: Answer
    asked: np.ndarray
    others: Sequence[np.ndarray]


def scenes(explainer: Explainer, count: int, kinds: Sequence[str]) -> Iterator[Asked]:
    """Scenes of two to four objects with a right answer that speaks of one of them, or, described, of all."""
    found, offset = 0, 0
    while found < count:
        seed, kind, objects = SEEDS[offset], kinds[offset % len(kinds)], 2 + offset // len(kinds) % 3
        offset += 1
        scene = sample(seed, kind=kind, objects=objects)
        if not scene.masks:
            continue
        picture = load_picture(scene.image)
        answer = explainer.answer(picture, scene.question, max_new_tokens=LONGEST)
        phrases = right_phrases(scene, answer.text)
        if not phrases:
            continue
        asked = np.any([scene.masks[phrase] for phrase in phrases], axis=0)
        others = [thing.mask for thing in compose(seed, objects).things if not (thing.mask & asked).any()]
        request = ExplainRequest(
            image=picture.digest,
            prompt=scene.question,
            model=explainer.loaded.fingerprint,
            layers=(),
            method=COMBINED,
            num_samples=1,
            noise_std=0.0,
            max_new_tokens=LONGEST,
        )
        found += 1
        yield Asked(picture, request, answer, asked, others)


def box_around(mask: np.ndarray) -> Region:
    """The smallest box around an object, with a margin."""
    spans = [np.flatnonzero(mask.any(axis)) for axis in (1, 0)]
    (top, bottom), (left, right) = (
        (max(0, span[0] - MARGIN) / size, min(size, span[-1] + 1 + MARGIN) / size)
        for span, size in zip(spans, mask.shape, strict=True)
    )
    return Region(((left, top), (right, bottom)))


def without(explainer: Explainer, scene: Asked, removal: Removal) -> WhatIf:
    """What the model says of a scene without a part."""
    return what_if(explainer, scene.picture, scene.request, removal, FILLS, scene.answer)


def word_pairs(explainer: Explainer, scene: Asked) -> list[tuple[float, float]]:
    """For each word: what it rests on the picture by, and what it loses when all objects are taken out, in nats."""
    found = reliance(explainer, scene.picture, scene.request, FILLS, scene.answer)
    grid = _grid(explainer, scene)
    cells = np.argwhere(cells_of(np.any([scene.asked, *scene.others], axis=0), grid, 1e-6))
    removed = without(explainer, scene, Removal(cells=tuple(map(tuple, cells.tolist()))))
    lost = np.mean(
        [[np.log(token.before) - np.log(token.after) for token in each.tokens] for each in removed.interventions],
        axis=0,
    )
    return [(word.picture, float(lost[word.start : word.stop].sum())) for word in found.words()]


def _grid(explainer: Explainer, scene: Asked) -> tuple[int, int]:
    return explainer.sampling_context(scene.picture, scene.request, scene.answer).grids["decoder"][0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200, help="with a short question (default: %(default)s)")
    parser.add_argument("--described", type=int, default=40, help="with a description (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="more than one stalls where other work is running")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    explainer = Explainer.from_pretrained(device="cpu")
    changed: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for scene in scenes(explainer, options.scenes, SHORT):
        parts = {"the asked object": scene.asked, "another object": scene.others[0]}
        for name, mask in parts.items():
            for each in without(explainer, scene, Removal(box_around(mask))).interventions:
                changed[name, each.fill].append(each.changed)
    print(f"{options.scenes} scenes; share of answers that change when a part of the picture is taken out")
    for (name, fill), values in changed.items():
        print(f"  {name:18s}{fill:7s}{np.mean(values):.3f} ({sum(values)} of {len(values)})")
    pairs = [
        pair for scene in scenes(explainer, options.described, DESCRIPTIONS) for pair in word_pairs(explainer, scene)
    ]
    on_picture, lost = np.array(pairs).T
    print(
        f"{options.described} descriptions, {len(pairs)} words: what a word rests on the picture by against what it "
        f"loses without the objects, rank correlation {rank_correlation(on_picture, lost):.3f}"
    )


if __name__ == "__main__":
    main()
