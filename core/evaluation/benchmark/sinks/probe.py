"""Which visual tokens are most surely background: a linear probe of what the vision tower hands to the decoder.

Sinks that lay on an object would take away the only token that says what is there: no map could be right. In published
models, too, they lie on the background (Kang et al. 2025, arXiv:2503.03321).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from transformers.vision_utils import get_vision_window_index

from core.analysis.objects import cells_of
from core.engine.explainer import Explainer
from core.inputs.pictures import Picture, load_picture
from core.inputs.prompt import prepare
from core.models.hooks import frozen
from core.scenes.drawing import compose
from core.scenes.scene import TRAINING_SEEDS

SEEDS = TRAINING_SEEDS[900_000:900_060]
"""Pictures that the probe is fitted on: none that anything is measured on."""
RIDGE, ALIKE = 10.0, 10.0
"""Penalties, against overfitting and against telling pictures apart instead of places: with the latter nearly every
picture has sinks, and hardly one is full of them."""
TOUCHED = 1e-6
"""A token belongs to an object that covers any of it."""


@dataclass(frozen=True, eq=False)
class Probe:
    """How surely a visual token is background: `states @ weight - offset`, of which the highest become sinks.

    Attributes:
        weight: float64 [width], over the hidden layer of the merger, the vision tower's last step.
        offset: makes the mean over all tokens 0.
        scores: of the tokens that it was fitted on, float64 [tokens].
        background: which of them no object touches, bool [tokens].
    """

    weight: np.ndarray
    offset: float
    scores: np.ndarray
    background: np.ndarray

    def threshold(self, share: float) -> float:
        """The score that this share of the fitted tokens passes, and no token that an object touches."""
        return max(float(np.quantile(self.scores, 1 - share)), float(self.scores[~self.background].max()))

    def of(self, explainer: Explainer, picture: Picture) -> np.ndarray:
        """How surely each visual token of a picture is background, float64 [visual tokens], row by row.

        Args:
            explainer: of the embedded model as shipped.
        """
        states, _ = _merged(explainer, picture)
        return states @ self.weight - self.offset


@cache
def embedded_probe() -> Probe:
    """The probe of the embedded model, fitted once in a process: three seconds."""
    states, covered = _states(Explainer.from_pretrained(device="cpu"))
    return fit(states, covered)


def fit(states: list[np.ndarray], covered: list[np.ndarray]) -> Probe:
    """Ridge regression of "no object touches this token".

    Args:
        states: of each picture, [tokens, width].
        covered: of each, which tokens an object touches, bool [tokens].
    """
    together, background = np.concatenate(states).astype(np.float64), ~np.concatenate(covered)
    mean = together.mean(0)
    centred = together - mean
    means = np.stack([each[~on].mean(0) for each, on in zip(states, covered, strict=True)])
    between = means - means.mean(0)
    penalty = RIDGE * np.eye(centred.shape[1]) + ALIKE * len(together) / len(states) * between.T @ between
    weight = np.linalg.solve(centred.T @ centred + penalty, centred.T @ (background - background.mean()))
    return Probe(weight, float(mean @ weight), centred @ weight, background)


def _states(explainer: Explainer) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The merger's hidden layer at each visual token, and which tokens an object touches, picture by picture."""
    states, covered = [], []
    for seed in SEEDS:
        drawing = compose(seed, None)
        hidden, grid = _merged(explainer, load_picture(drawing.image))
        states.append(hidden)
        masks = [thing.mask for thing in drawing.things]
        covered.append(np.any([np.zeros(grid, bool), *(cells_of(mask, grid, TOUCHED) for mask in masks)], axis=0))
    return states, [each.ravel() for each in covered]


def _merged(explainer: Explainer, picture: Picture) -> tuple[np.ndarray, tuple[int, int]]:
    """The merger's hidden layer [visual tokens, width], row by row, and the grid that it lies on."""
    loaded, seen = explainer.loaded, []
    tower = loaded.model.model.visual
    with loaded.lock, frozen(loaded.model), torch.no_grad():
        prepared = prepare(loaded, picture, "?")
        hook = tower.merger.mlp[2].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
        try:
            loaded.family.encode_image(loaded.model, prepared.pixel_values[None], prepared.vision)
        finally:
            hook.remove()
    sizes = tower.spatial_merge_size, tower.window_size, tower.patch_size
    order, _ = get_vision_window_index(prepared.vision["image_grid_thw"], *sizes)
    return seen[0].flatten(0, -2)[order.argsort()].numpy(), prepared.grids[0]
