"""Gaussian blur of arrays with any number of channels: pixels, or features of visual tokens. No torch here."""

import cv2
import numpy as np


def blurred(values: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur, mirrored at the border, the kernel cut at 4 sigma.

    Args:
        values: [height, width, channels], any number of channels.
        sigma: in pixels or tokens, above 0.

    Returns:
        float32, same shape.
    """
    height, width, channels = values.shape
    # OpenCV takes few channels: each axis is blurred as a plain 2-D array with all else beside it.
    rows = _along_first(np.asarray(values, np.float32).reshape(height, width * channels), sigma)
    columns = rows.reshape(height, width, channels).swapaxes(0, 1).reshape(width, height * channels)
    return np.ascontiguousarray(_along_first(columns, sigma).reshape(width, height, channels).swapaxes(0, 1))


def _along_first(values: np.ndarray, sigma: float) -> np.ndarray:
    """Blur of a float32 [n, m] along its first axis."""
    kernel = cv2.getGaussianKernel(2 * int(np.ceil(4 * sigma)) + 1, sigma, cv2.CV_32F)
    return cv2.sepFilter2D(values, cv2.CV_32F, np.ones((1, 1), np.float32), kernel, borderType=cv2.BORDER_REFLECT_101)
