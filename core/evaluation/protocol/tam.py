"""The measures of TAM (Li et al. 2025, arXiv:2506.23270), on pixels, as its public code takes them.

A map is scaled to the picture's pixels and cut at a threshold. obj-IoU: intersection over union of what is above it
with the object's pixels. func-IoU: of a word without an object, the share of the picture below one threshold common to
the answer, the mean of those of its objects' maps. F1-IoU: the harmonic mean of both measures' means over the data.
Two thresholds: Otsu's of each object's map in 256 levels, and half of its hottest pixel.

Deviations: there is one map for a name of several tokens, where TAM takes the best token's; objects and words come
from the data set and from `core.evaluation.protocol.silent_words`, where TAM tags parts of speech; maps of one answer
keep their common unit for func-IoU. Pictures with a side above `LONGEST` are measured at that size.
"""

import cv2
import numpy as np

LONGEST = 640
"""Pixels on the longer side, as COCO's pictures have them: larger ones cost time and change nothing to speak of."""
_LEVELS = 255


def scaled_mask(mask: np.ndarray) -> np.ndarray:
    """A mask, bool [height, width], with at most `LONGEST` pixels on the longer side."""
    height, width = mask.shape
    scale = LONGEST / max(height, width)
    if scale >= 1:
        return mask
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)


def on_pixels(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map [grid_h, grid_w] linearly on (height, width) pixels, float32; negative and not finite heat is 0."""
    heat = np.where(np.isfinite(heat), heat, 0).clip(0).astype(np.float32)
    return cv2.resize(heat, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)


def thresholds(pixels: np.ndarray) -> tuple[float, float]:
    """(Otsu's, half of the hottest) of a map on pixels, in the map's own unit; both 0 for a blank one."""
    peak = float(pixels.max())
    if peak <= 0:
        return 0.0, 0.0
    levels = np.round(pixels / peak * _LEVELS).astype(np.uint8)
    level, _ = cv2.threshold(levels, 0, _LEVELS, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return level / _LEVELS * peak, peak / 2


def obj_iou(heat: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    """obj-IoU of one map [grid_h, grid_w] with an object's pixels, bool [height, width], at both thresholds."""
    pixels = on_pixels(heat, mask.shape)
    otsu, half = (_iou(_above(pixels, threshold), mask) for threshold in thresholds(pixels))
    return otsu, half


def func_iou(heat: np.ndarray, common: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    """func-IoU of a word without an object at both common thresholds: the share of (height, width) pixels below."""
    pixels = on_pixels(heat, size)
    otsu, half = (float((pixels < threshold).mean()) for threshold in common)
    return otsu, half


def common_thresholds(maps: list[np.ndarray], size: tuple[int, int]) -> tuple[float, float]:
    """The means of both thresholds over the maps of an answer's objects, on (height, width) pixels."""
    otsu, half = np.mean([thresholds(on_pixels(heat, size)) for heat in maps], axis=0)
    return float(otsu), float(half)


def _above(pixels: np.ndarray, threshold: float) -> np.ndarray:
    # In the levels in which Otsu's threshold was found, so that rounding of floats decides nothing.
    peak = float(pixels.max())
    if peak <= 0:
        return np.zeros(pixels.shape, bool)
    return np.round(pixels / peak * _LEVELS) > round(threshold / peak * _LEVELS)


def _iou(lit: np.ndarray, mask: np.ndarray) -> float:
    union = np.count_nonzero(lit | mask)
    return float(np.count_nonzero(lit & mask) / union) if union else 0.0
