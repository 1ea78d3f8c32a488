"""A mask -> polygons along the borders of its pixels, so that reading them gives the very same mask."""

import numpy as np

Corner = tuple[int, int]


def outlines(mask: np.ndarray) -> list[list[int]]:
    """The borders of a mask's connected parts, as COCO writes polygons: x, y, x, y, ... of each.

    Of holes nothing is said: a mask with holes is not what the polygons cover; see `has_holes`.

    Args:
        mask: bool [height, width].
    """
    return [[value for corner in _corners(loop) for value in corner] for loop in _loops(mask) if _area(loop) > 0]


def has_holes(mask: np.ndarray) -> bool:
    """Whether some pixels that are not marked lie within the outlines."""
    return any(_area(loop) < 0 for loop in _loops(mask))


def _loops(mask: np.ndarray) -> list[list[Corner]]:
    """Closed ways along the borders of pixels, with marked pixels on the right; around holes they turn the other way.

    Where two marked pixels touch in a corner alone, the way stays with the pixel that it is at: parts that touch so
    are apart, and holes that do so are one.
    """
    padded = np.pad(np.asarray(mask, bool), 1)
    inside, above, left = padded[1:-1, 1:-1], padded[:-2, 1:-1], padded[1:-1, :-2]
    below, right = padded[2:, 1:-1], padded[1:-1, 2:]
    steps: dict[Corner, list[Corner]] = {}
    for border, start, stop in (
        (inside & ~above, (0, 0), (1, 0)),
        (inside & ~right, (1, 0), (1, 1)),
        (inside & ~below, (1, 1), (0, 1)),
        (inside & ~left, (0, 1), (0, 0)),
    ):
        for row, column in np.argwhere(border).tolist():
            begin = (column + start[0], row + start[1])
            steps.setdefault(begin, []).append((column + stop[0], row + stop[1]))
    loops = []
    while steps:
        first = next(iter(steps))
        loop, here, before = [first], first, None
        while True:
            there = _next(steps, here, before)
            if there == first:
                break
            loop.append(there)
            here, before = there, here
        loops.append(loop)
    return loops


def _next(steps: dict[Corner, list[Corner]], here: Corner, before: Corner | None) -> Corner:
    """Takes the step from a corner: where there are two, the one that turns right."""
    choices = steps[here]
    if len(choices) == 2 and before is not None:
        heading = here[0] - before[0], here[1] - before[1]
        to_the_right = here[0] - heading[1], here[1] + heading[0]
        there = to_the_right if to_the_right in choices else choices[0]
    else:
        there = choices[0]
    choices.remove(there)
    if not choices:
        del steps[here]
    return there


def _corners(loop: list[Corner]) -> list[Corner]:
    """A way without the points on its straight parts."""
    around = zip(loop[-1:] + loop[:-1], loop, loop[1:] + loop[:1], strict=True)
    return [here for before, here, after in around if before[0] != after[0] and before[1] != after[1]]


def _area(loop: list[Corner]) -> float:
    """Twice the area, above 0 around pixels and below 0 around holes."""
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(loop, loop[1:] + loop[:1], strict=True))
