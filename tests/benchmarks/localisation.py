"""Do maps point at the object that the answer speaks of? Run: `python -m tests.benchmarks.localisation`.

Held-out scenes of two to four objects, whose pixels are known; only questions that the embedded model
answers right count, for a wrong answer has no right place. A map is read on its cells: a cell belongs
to the object if the object covers at least a tenth of it.
"""

import argparse
from collections.abc import Iterator

import numpy as np

from core.embedded.scenes import EVALUATION_SEEDS, Scene, sample
from core.explainer import Explainer
from core.images import load_picture
from core.methods import METHODS

KINDS = ("where", "color", "shape", "at", "where_zh")
COVERED = 0.1


def cells_of(mask: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """bool [grid_h, grid_w]: the cells that a pixel mask [height, width] covers."""
    rows = np.array_split(mask, grid[0])
    share = [[block.mean() for block in np.array_split(row, grid[1], axis=1)] for row in rows]
    return np.array(share) >= COVERED


def pointing(heat: np.ndarray, cells: np.ndarray) -> bool:
    """Whether the hottest cell lies on the object."""
    return bool(cells.ravel()[heat.argmax()])


def energy(heat: np.ndarray, cells: np.ndarray) -> float:
    """Share of the heat that lies on the object; 0 for a blank map."""
    return float(heat[cells].sum() / heat.sum()) if heat.sum() > 0 else 0.0


def auc(heat: np.ndarray, cells: np.ndarray) -> float:
    """Probability that a cell of the object is hotter than another one; ties count half."""
    on, off = heat[cells][:, None], heat[~cells][None, :]
    return float(((on > off) + 0.5 * (on == off)).mean())


def scenes(explainer: Explainer, count: int) -> Iterator[tuple[Scene, np.ndarray]]:
    """Scenes that the model answers right, with the pixel mask of what its answer speaks of."""
    found = 0
    for index, seed in enumerate(EVALUATION_SEEDS[-20_000:]):
        scene = sample(seed, kind=KINDS[index % len(KINDS)], objects=2 + index % 3)
        if scene.answer in scene.masks and _said(explainer, scene) == scene.answer:
            found += 1
            yield scene, scene.masks[scene.answer]
            if found == count:
                return


def measure(
    explainer: Explainer, method: str, cases: list[tuple[Scene, np.ndarray]], **options
) -> dict[str, np.ndarray]:
    """Means over cases from `scenes`: {"pointing", "energy", "auc", "chance"} -> [layers]."""
    rows = []
    for scene, mask in cases:
        result = explainer.explain(scene.image, scene.question, method=method, max_new_tokens=8, **options)
        cells = cells_of(mask, result.grid)
        rows.append(
            [[f(heat, cells) for heat in result.heat] for f in (pointing, energy, auc)]
            + [[cells.mean()] * len(result.layers)]
        )
    means = np.array(rows, float).mean(0)
    return dict(zip(("pointing", "energy", "auc", "chance"), means, strict=True))


def _said(explainer: Explainer, scene: Scene) -> str:
    return explainer.answer(load_picture(scene.image), scene.question, max_new_tokens=8).text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--num_samples", type=int, default=1)
    parser.add_argument("--noise_std", type=float, default=0.0)
    options = parser.parse_args()
    explainer = Explainer.from_pretrained(device="cpu")
    print(f"{options.scenes} scenes, {options.num_samples} samples, noise {options.noise_std}, tap input")
    cases = list(scenes(explainer, options.scenes))
    for method in METHODS:
        values = measure(explainer, method, cases, num_samples=options.num_samples, noise_std=options.noise_std)
        for name in ("pointing", "energy", "auc"):
            print(f"{method:26s} {name:9s}" + "".join(f"{value:6.2f}" for value in values[name]))
        chance = values["chance"][0]
    print(f"a blind map points right in {chance:.3f} of the cases")


if __name__ == "__main__":
    main()
