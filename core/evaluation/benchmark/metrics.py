"""Is a heat map right? Scores of one map against the cells on which the object lies.

heat and cells are [height, width], heat float and not negative, cells bool; cells of the grid or, just
as well, pixels. NaN and infinite heat count as 0, as no heat. A blank map never fails: it scores what
blind choice does, or 0 where a score has no such notion. An object that covers no cell has no right
place; such scenes score 0 (`auc`: 0.5) and are better left out.

`obj_iou`, `func_iou` and `f1_iou` follow the evaluation of TAM (Li et al. 2025, arXiv:2506.23270, and its
public code): how well words for objects light up their objects, and how little words without an object
light up. There, per caption: every map is scaled to the picture's pixels and cut by Otsu's threshold;
obj-IoU is the IoU with the mask, of a word's tokens (and of neighbouring words for the same object) the
best one; func-IoU is the share of a function word's map below one common threshold, the mean over all
nouns of the caption of their thresholds (of a noun's tokens the highest one), averaged over the word's
tokens. Means run over all words of the dataset, and F1-IoU is the harmonic mean of the two means.

Deviations: heat is neither rounded to 256 levels nor scaled to pixels (pass pixels to have that); choosing
among tokens is left to the caller. The common threshold needs maps of one scale, as TAM's 0..1 are.
"""

from collections.abc import Callable

import numpy as np

from core import heatmap


def pointing(heat: np.ndarray, cells: np.ndarray) -> float:
    """The pointing game (Zhang et al. 2016): 1 if the hottest cell lies on the object, else 0.

    Of several hottest cells, the share that lies on the object: a blank map scores chance.
    """
    heat, cells = _flat(heat, cells)
    return float(cells[heat == heat.max()].mean())


def energy(heat: np.ndarray, cells: np.ndarray) -> float:
    """Share of the heat that lies on the object; 0 for a blank map. Negative heat counts as 0."""
    heat, cells = _flat(heat, cells)
    peak = heat.max()
    if peak <= 0:
        return 0.0
    heat = np.maximum(heat, 0) / peak  # so that no sum overflows
    return float(min(heat[cells].sum() / heat.sum(), 1))


def auc(heat: np.ndarray, cells: np.ndarray) -> float:
    """Probability that a cell of the object is hotter than another one; ties count half.

    The area under the ROC curve, from the rank sum (Mann and Whitney 1947). 0.5 where the object covers
    no cell or all cells.
    """
    heat, cells = _flat(heat, cells)
    on = int(cells.sum())
    off = cells.size - on
    if on == 0 or off == 0:
        return 0.5
    return float((heatmap.ranks(heat)[cells].sum() - on * (on + 1) / 2) / (on * off))


def best_iou(heat: np.ndarray, cells: np.ndarray) -> float:
    """Intersection over union of the object with the cells {heat >= t}, at the t among all values that suits best.

    Looks at the object to choose t, hence an upper bound for any threshold. Blank map: the object's share
    of all cells.
    """
    heat, cells = _flat(heat, cells)
    order = np.argsort(-heat)
    hits = np.cumsum(cells[order])
    union = cells.sum() + np.arange(1, cells.size + 1) - hits
    last = np.append(np.diff(heat[order]) != 0, True)  # equal cells pass a threshold together
    return float((hits[last] / union[last]).max())


def otsu(heat: np.ndarray) -> float:
    """The t for which {heat > t} and {heat <= t} differ most in their means (Otsu 1979).

    Maximises n_1 n_2 (mean_1 - mean_2)^2 exactly over the map's own values, where TAM takes OpenCV's
    histogram of 256 levels; on maps of whole numbers 0..255 the two agree. The lowest t of several, and
    as in OpenCV 0 for a constant map.
    """
    values, counts = np.unique(_finite(heat), return_counts=True)
    if values.size == 1:
        return 0.0
    scaled = (values - values[0]) / (values[-1] - values[0])  # so that squares of tiny heat do not vanish
    below, mass = np.cumsum(counts)[:-1], np.cumsum(counts * scaled)
    above = counts.sum() - below
    between = below * above * ((mass[-1] - mass[:-1]) / above - mass[:-1] / below) ** 2
    # Sums of floats must not decide between thresholds that are equally good.
    return float(values[np.argmax(between >= between.max() * (1 - 1e-12))])


def obj_iou(heat: np.ndarray, cells: np.ndarray, threshold: float | None = None) -> float:
    """TAM's obj-IoU of one word: intersection over union of the object with {heat > threshold}.

    Args:
        threshold: by default Otsu's of this map. A blank map scores 0.
    """
    heat, cells = _flat(heat, cells)
    lit = heat > (otsu(heat) if threshold is None else threshold)
    union = (lit | cells).sum()
    return float((lit & cells).sum() / union) if union else 0.0


def func_iou(heat: np.ndarray, threshold: float) -> float:
    """TAM's func-IoU of one word that has no object: the share of cells below `threshold`, where none should light up.

    Args:
        threshold: mean of the `otsu` thresholds of the nouns in the same text. 0 (all their maps blank) scores 0.
    """
    return float((_finite(heat) < threshold).mean())


def f1_iou(obj: float, func: float) -> float:
    """TAM's F1-IoU: harmonic mean of the means of obj-IoU and func-IoU over a dataset; 0 if both are 0."""
    return 2 * obj * func / (obj + func) if obj + func > 0 else 0.0


METRICS: dict[str, tuple[Callable[[np.ndarray, np.ndarray], float], str]] = {
    "pointing": (pointing, "How often the hottest cell lies on the object."),
    "energy": (energy, "Share of the heat that lies on the object."),
    "auc": (auc, "Probability that a cell of the object is hotter than another one: 0.5 is blind."),
    "best_iou": (best_iou, "Overlap (IoU) of the object with the hot cells, at the threshold that suits best."),
    "obj_iou": (obj_iou, "Overlap (IoU) of the object with the hot cells, at Otsu's threshold, as TAM is measured."),
}


def _finite(heat: np.ndarray) -> np.ndarray:
    """float64, same shape, with 0 for what is no number."""
    heat = np.asarray(heat, np.float64)
    return np.where(np.isfinite(heat), heat, 0)


def _flat(heat: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heat and cells, each [cells]. Raises ValueError where they do not fit."""
    if np.shape(heat) != np.shape(cells):
        raise ValueError(f"heat {np.shape(heat)} and cells {np.shape(cells)} must be on one grid; see `cells_of`")
    return _finite(heat).ravel(), np.asarray(cells, bool).ravel()
