"""Is a map faithful? Cells are taken from the picture in the map's order, and the model is asked again.

No mask is needed, so this works for any picture. What is watched is the probability of the explained
tokens (see `probability`): it should fall early when the hottest cells go first (deletion), and late
when they go last (insertion, read backwards). See `core.evaluation.trust.deletion`.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.evaluation.trust.baselines import BASELINES
from core.evaluation.trust.deletion import area, centre_rankings, masks, random_rankings, ranking, steps
from core.evaluation.trust.report import Curves, Surface
from core.inference.forward import ResolvedTarget, TokenSequence, answer_logits, encode
from core.memory.out_of_memory import first_chunk_size, in_chunks
from core.methods.pixels import PixelMap
from core.models.loading import LoadedModel

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


def probabilities_without(
    loaded: LoadedModel,
    sequence: TokenSequence,
    target: ResolvedTarget,
    pixels: Tensor,
    removed: np.ndarray,
    surface: Surface = "tokens",
    baseline: str = "mean",
    picture: int = 0,
    tick: Callable[[int], None] = lambda done: None,
) -> np.ndarray:
    """Probability of the explained tokens without some cells. The caller holds the lock and has frozen the model.

    A visual token goes with the cells that most of it covers.

    Args:
        baseline: what stands in the place of removed cells, a name of `BASELINES`.
        pixels: normalised, of one sample.
        removed: bool [variants, cells of the picture].
        picture: which of the prompt's pictures the cells are of.
        tick: hears how many variants are done; what it raises stops the work.

    Returns:
        float64 [variants].
    """
    variants, which = np.unique(removed, axis=0, return_inverse=True)
    gone = torch.from_numpy(variants)
    without = _tokens_without if surface == "tokens" else _pixels_without
    mixed = without(loaded, sequence, pixels, gone, baseline, picture)

    def ask(chunk: range) -> Tensor:
        logits = answer_logits(loaded, sequence, mixed(chunk), target.indices)
        return probability(logits, sequence.answer[target.indices]).cpu()

    found = []
    size = first_chunk_size(sequence.ids.shape[1], loaded.device.type, len(variants))
    with torch.no_grad():
        for chunk, values in in_chunks(len(variants), size, ask):
            found.append(values)
            tick(chunk.stop)
    return torch.cat(found).numpy().astype(np.float64)[which.ravel()]


def _tokens_without(
    loaded: LoadedModel, sequence: TokenSequence, pixels: Tensor, gone: Tensor, baseline: str, picture: int
) -> Callable[[range], Tensor]:
    """Chunk -> features in which what is gone is replaced, token by token."""
    with torch.no_grad():
        whole = encode(loaded, sequence, pixels[None])[0].float()
    layout = sequence.layouts[picture]
    first = sum(other.tokens for other in sequence.layouts[:picture])
    # Features of the placeholders that stand for a part of this picture.
    at = torch.searchsorted(sequence.placeholders, sequence.visual)[first : first + layout.tokens]
    replacement = whole.clone()
    for tile, own in zip(layout.tiles, at.split([tile.tokens for tile in layout.tiles]), strict=True):
        grid = tile.rows, tile.columns
        values = whole[own].cpu().numpy().reshape(*grid, -1)
        replacement[own] = torch.from_numpy(BASELINES[baseline](values, grid).reshape(tile.tokens, -1)).to(whole)
    hidden = torch.zeros(len(gone), len(whole), dtype=torch.bool, device=whole.device)
    hidden[:, at] = (layout.share_within(gone) > 0.5).to(whole.device)
    return lambda chunk: torch.where(hidden[chunk.start : chunk.stop, :, None], replacement, whole)


def _pixels_without(
    loaded: LoadedModel, sequence: TokenSequence, pixels: Tensor, gone: Tensor, baseline: str, picture: int
) -> Callable[[range], Tensor]:
    """Chunk -> features of pictures in which the pixels of cells that are gone are replaced."""
    pixel_layout, where = loaded.family.pixel_layout, PixelMap.of(loaded, sequence, pixels)
    images = pixel_layout.unfold(pixels, sequence.layouts)
    grid = sequence.layouts[picture].grid
    replacement = pixel_layout.fold([BASELINES[baseline](image, grid) for image in images], pixels, sequence.layouts)
    everywhere = torch.zeros(len(gone), sequence.cells, dtype=torch.bool)
    everywhere[:, sequence.cells_of(picture)] = gone

    def mixed(chunk: range) -> Tensor:
        hidden = where.hides(everywhere[chunk.start : chunk.stop])
        return encode(loaded, sequence, torch.where(hidden, replacement, pixels))

    return mixed


def both_ways(heat: np.ndarray, count: int = STEPS) -> np.ndarray:
    """Cells removed at each step, bool [2, steps, cells]: hottest first, and coolest first."""
    order = ranking(heat)
    return masks(np.stack([order, order[::-1]]), steps(heat.size, count))


def curves(
    loaded: LoadedModel,
    sequence: TokenSequence,
    target: ResolvedTarget,
    pixels: Tensor,
    heat: np.ndarray,
    *,
    surface: Surface = "tokens",
    baseline: str = "mean",
    picture: int = 0,
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
        loaded, sequence, target, pixels, removed.reshape(-1, heat.size), surface, baseline, picture, tick
    ).reshape(removed.shape[:2])
    fractions = at / heat.size
    areas = area(found, fractions)
    random, centre = found[2 : 2 + ORDERS], found[2 + ORDERS :]
    return Curves(
        surface=surface,
        fill=baseline,
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
