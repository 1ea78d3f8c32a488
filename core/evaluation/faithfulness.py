"""Is a map faithful? Cells are taken from the picture in the map's order, and the model is asked again.

No mask is needed, so this works for any picture. What is watched is the probability of the explained
tokens (see `probability`): it should fall early when the hottest cells go first (deletion), and late
when they go last (insertion, read backwards). See `core.evaluation.ordering`.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.chunks import first_chunk_size, in_chunks
from core.evaluation.fills import FILLS
from core.evaluation.ordering import area, centre_rankings, masks, random_rankings, ranking, steps
from core.evaluation.report import Curves, Surface
from core.forward import Aim, Turn, answer_logits, encode
from core.loading import LoadedModel
from core.pixels import from_picture, to_picture

STEPS = 10
ORDERS = 10


def probability(logits: Tensor, said: Tensor) -> Tensor:
    """Geometric mean of the probabilities of the explained tokens, each after the true ones before it.

    Args:
        logits: [batch, tokens, vocabulary].
        said: int64 [tokens].

    Returns:
        float32 [batch], within 0..1.
    """
    chosen = logits.float().log_softmax(-1).gather(-1, said.expand(len(logits), -1)[..., None])
    return chosen.squeeze(-1).mean(-1).exp()


def filled(loaded: LoadedModel, turn: Turn, pixels: Tensor, surface: Surface, fill: str) -> tuple[Tensor, Tensor]:
    """The picture and what may stand in its place, cell by cell.

    Args:
        pixels: normalised patch values [patches, values].

    Returns:
        (whole, replacement), both [cells, ...]: features of visual tokens, or patch values of cells.
    """
    if surface == "tokens":
        with torch.no_grad():
            whole = encode(loaded, turn, pixels[None])[0].float()
        values = whole.cpu().numpy().reshape(*turn.grid, -1)
        replacement = FILLS[fill](values, turn.grid).reshape(len(whole), -1)
        return whole, torch.from_numpy(replacement).to(whole)
    picture = to_picture(pixels, turn.grid)
    replacement = from_picture(FILLS[fill](picture, turn.grid), pixels, turn.grid)
    cells = len(turn.visual)
    return pixels.reshape(cells, -1), replacement.reshape(cells, -1)


def probabilities_without(
    loaded: LoadedModel,
    turn: Turn,
    aim: Aim,
    pixels: Tensor,
    removed: np.ndarray,
    surface: Surface = "tokens",
    fill: str = "mean",
    tick: Callable[[int], None] = lambda done: None,
) -> np.ndarray:
    """Probability of the explained tokens without some cells. The caller holds the lock and has frozen the model.

    Args:
        pixels: normalised patch values [patches, values].
        removed: bool [variants, cells].
        tick: hears how many variants are done; what it raises stops the work.

    Returns:
        float64 [variants].
    """
    whole, replacement = filled(loaded, turn, pixels, surface, fill)
    variants, which = np.unique(removed, axis=0, return_inverse=True)
    gone = torch.from_numpy(variants).to(whole.device)

    def ask(chunk: range) -> Tensor:
        mixed = torch.where(gone[chunk.start : chunk.stop, :, None], replacement, whole)
        if surface == "pixels":
            mixed = encode(loaded, turn, mixed.reshape(len(chunk), *pixels.shape))
        logits = answer_logits(loaded, turn, mixed, aim.indices)
        return probability(logits, turn.answer[aim.indices]).cpu()

    found = []
    size = first_chunk_size(turn.ids.shape[1], loaded.device.type, len(variants))
    with torch.no_grad():
        for chunk, values in in_chunks(len(variants), size, ask):
            found.append(values)
            tick(chunk.stop)
    return torch.cat(found).numpy().astype(np.float64)[which.ravel()]


def both_ways(heat: np.ndarray, count: int = STEPS) -> np.ndarray:
    """Cells removed at each step, bool [2, steps, cells]: hottest first, and coolest first."""
    order = ranking(heat)
    return masks(np.stack([order, order[::-1]]), steps(heat.size, count))


def curves(
    loaded: LoadedModel,
    turn: Turn,
    aim: Aim,
    pixels: Tensor,
    heat: np.ndarray,
    *,
    surface: Surface = "tokens",
    fill: str = "mean",
    seed: int = 0,
    tick: Callable[[int], None] = lambda done: None,
) -> Curves:
    """Deletion and insertion of one map [grid_h, grid_w] against random and centre-weighted orders.

    Args, except:
        seed: of those orders.
    """
    at = steps(heat.size, STEPS)
    blind = np.concatenate([random_rankings(heat.size, ORDERS, seed), centre_rankings(heat.shape, ORDERS, seed)])
    removed = np.concatenate([both_ways(heat), masks(blind, at)])  # [2 + 2 * orders, steps, cells]
    found = probabilities_without(
        loaded, turn, aim, pixels, removed.reshape(-1, heat.size), surface, fill, tick
    ).reshape(removed.shape[:2])
    fractions = at / heat.size
    areas = area(found, fractions)
    random, centre = found[2 : 2 + ORDERS], found[2 + ORDERS :]
    return Curves(
        surface=surface,
        fill=fill,
        fractions=_plain(fractions),
        deletion=_plain(found[0]),
        insertion=_plain(found[1]),
        random=_plain(random.mean(0)),
        centre=_plain(centre.mean(0)),
        deletion_area=float(areas[0]),
        insertion_area=float(areas[1]),
        random_areas=_plain(areas[2 : 2 + ORDERS]),
        centre_areas=_plain(areas[2 + ORDERS :]),
    )


def passes() -> int:
    """Forward passes that `curves` asks for at most, to say how far it has come."""
    return (2 + 2 * ORDERS) * (STEPS + 1)


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
