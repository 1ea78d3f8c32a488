"""What tests see in a drawn picture: colours and where they lie."""

import numpy as np

RGB = {
    "red": (214, 40, 38),
    "green": (44, 160, 60),
    "blue": (36, 84, 214),
    "yellow": (244, 216, 40),
    "purple": (142, 52, 176),
    "orange": (244, 134, 28),
    "black": (16, 16, 18),
    "white": (246, 246, 244),
}


def nearest_color(pixels: np.ndarray) -> str:
    mean = pixels.reshape(-1, 3).mean(0)
    return min(RGB, key=lambda name: float(np.square(mean - RGB[name]).sum()))


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
