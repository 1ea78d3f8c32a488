"""Everything that a browser draws of a run, as bytes that are sent once.

The length of the head as four bytes, the head as JSON, the picture as JPEG, of a video one for each step; then heat and
standard errors of the head's maps as float16, all low bytes before all high ones, compressed. Each map is told over its
own maximum, for raw heat may be smaller or larger than float16 can say.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np

from core import METHODS
from core.rendering import difference
from core.rendering.encoding import encode
from core.rendering.overlay import COLORMAPS, colours, edges
from core.schema.model_parts import PARTS
from dashboard.language import _
from dashboard.ui.drawing.maps import Difference, ShownMap
from dashboard.ui.drawing.time_shares import time_shares

_KEPT_BITS = 7
"""Of the ten after the point of an error: half a percent of it, which no one sees, and a sixth of the bytes."""


AnyMap = ShownMap | Difference


def pack(pixels: np.ndarray, maps: Sequence[AnyMap], about: Mapping[str, Any], with_errors: bool = True) -> bytes:
    """The bytes, with words in the language that is spoken.

    Args:
        pixels: the picture, uint8 RGB, as large as it is looked at; of a video a frame for each step, [steps, ...].
        about: more for the head.
        with_errors: whether standard errors are sent, too.
    """
    frames = [encode(frame) for frame in (pixels if pixels.ndim == 4 else [pixels])]
    head = {
        "picture": sum(map(len, frames)),
        "frames": list(map(len, frames)),
        "size": [pixels.shape[-2], pixels.shape[-3]],
        "colours": {name: colours(name).tobytes().hex() for name in COLORMAPS},
        "differenceColours": difference.colours().tobytes().hex(),
        "maps": [_told(each, with_errors) for each in maps],
        **about,
    }
    halves = (
        np.concatenate([half for each in maps for half in _halves(each, with_errors)]).view(np.uint8).reshape(-1, 2)
    )
    body = zlib.compress(np.ascontiguousarray(halves.T).tobytes(), 1)
    words = json.dumps(head, separators=(",", ":")).encode()
    return b"".join([len(words).to_bytes(4, "little"), words, *frames, body])


def outlines(mask: np.ndarray) -> list[list[tuple[float, float]]]:
    """The edges of a mask, bool [height, width], as closed lines of (x, y) in [0, 1]."""
    height, width = mask.shape
    lines = edges(mask.astype(np.uint8), cv2.CHAIN_APPROX_SIMPLE)
    return [np.round((line[:, 0] + 0.5) / (width, height), 4).tolist() for line in lines]


def bound(head: Mapping[str, Any], packets: Sequence[bytes]) -> bytes:
    """Several packets as one, behind a head of their own: the length of it as four bytes, it as JSON, the packets."""
    words = json.dumps({**head, "lengths": [len(each) for each in packets]}, separators=(",", ":")).encode()
    return b"".join([len(words).to_bytes(4, "little"), words, *packets])


def _told(each: AnyMap, with_errors: bool) -> dict[str, Any]:
    *steps, rows, columns = each.heat.shape
    told = {
        "name": each.name,
        "method": each.method,
        "layer": each.layer,
        "rows": rows,
        "columns": columns,
        "steps": steps[0] if steps else 0,
        "top": each.top,
        "unit": _(each.unit),
        "hasErrors": with_errors and each.errors is not None,
        "isDifference": isinstance(each, Difference),
    }
    if isinstance(each, Difference):
        return told
    if (shares := time_shares(each)) is not None:
        told |= {"shares": _rounded(shares.shares), "shareErrors": _rounded(shares.errors)}
    return told | {"methodTitle": _(METHODS[each.method].title), "part": _(PARTS[each.result.request.part].one)}


def _rounded(values: np.ndarray | None) -> list[float] | None:
    return None if values is None or not np.isfinite(values).all() else np.round(values, 6).tolist()


def _halves(each: AnyMap, with_errors: bool) -> list[np.ndarray]:
    top = abs(each.top) or 1.0
    heat = (each.heat / top).astype("<f2").ravel()
    errors = each.errors if with_errors else None
    if errors is None:
        return [heat]
    lost = 10 - _KEPT_BITS
    bits = (errors / top).astype("<f2").ravel().view("<u2")
    return [heat, (((bits + (1 << lost - 1)) >> lost) << lost).astype("<u2").view("<f2")]
