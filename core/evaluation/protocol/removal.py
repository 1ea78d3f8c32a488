"""Deletion and insertion at the input: pixels of cells are replaced in a map's order, and the model is asked again.

The curves are those of `core.evaluation.trust.faithfulness`: hottest cells first (deletion, low is good), coolest
first (insertion read backwards, high is good), the probability of the explained tokens at equal shares of the picture.
EAGLE (arXiv:2509.22496) removes superpixels of the picture, TAM removes nothing; this removes cells of the map.
"""

import numpy as np

from core.analysis.objects import cells_of
from core.engine.explainer import Explainer
from core.evaluation.protocol.plan import Plan
from core.evaluation.trust.deletion import area, centre_rankings, masks, random_rankings, steps
from core.evaluation.trust.faithfulness import both_ways, probabilities_without
from core.heatmap import on_grid
from core.inference.forward import build_sequence, resolve_target
from core.inputs.pictures import Picture
from core.inputs.prompt import prepare_for
from core.models.hooks import frozen
from core.schema import Answer, ExplainRequest

ORDERS = 4
"""Orders that know nothing, of each kind. The reverse of a random one is as likely, so that it serves both ways."""
TRUE_MASK = "the true mask"


def removal_areas(
    explainer: Explainer,
    picture: Picture,
    request: ExplainRequest,
    answer: Answer,
    maps: dict[str, np.ndarray],
    mask: np.ndarray,
    plan: Plan,
) -> dict[str, tuple[float, float]]:
    """Areas under (deletion, insertion) by name of the map; with those of the true mask, random and centred orders.

    Args:
        request: whose target is explained.
        maps: [grid_h, grid_w] each.
        mask: bool [height, width], the object's pixels.
    """
    loaded = explainer.loaded
    with loaded.lock, frozen(loaded.model):
        prepared = prepare_for(loaded, picture, request)
        sequence, target = build_sequence(loaded, prepared, answer), resolve_target(loaded, request.target, answer)
        grid = prepared.grids[0]
        heats = {name: on_grid(heat[None], grid)[0] for name, heat in maps.items()}
        heats[TRUE_MASK] = cells_of(mask, grid).astype(float)
        cells = grid[0] * grid[1]
        at = steps(cells, plan.steps)
        ours = np.concatenate([both_ways(heat, plan.steps) for heat in heats.values()])
        centre = centre_rankings(grid, ORDERS, plan.seed)
        blind = [random_rankings(cells, ORDERS, plan.seed), centre, centre[:, ::-1]]
        removed = np.concatenate([ours, masks(np.concatenate(blind), at)])  # [orders, steps, cells]
        found = probabilities_without(
            loaded, sequence, target, prepared.pixel_values, removed.reshape(-1, cells), "pixels", plan.fill
        )
    areas = area(found.reshape(removed.shape[:2]), at / cells)
    by_name = dict(zip(heats, map(tuple, areas[: len(ours)].reshape(-1, 2).tolist()), strict=True))
    random, first, last = areas[len(ours) :].reshape(3, ORDERS).mean(1).tolist()
    return by_name | {"random": (random, random), "centre": (first, last)}
