"""What other programs are told of a result: its picture, the hot regions of its map, and the boxes of its answer."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from core.analysis.boxes import boxes_of
from core.analysis.location import HOT
from core.errors import InputError, shown
from core.export.others.regions import HeatRegion, heat_regions
from core.schema import ExplainRequest, ExplainResult, Token
from core.schema.checks import check_instance
from core.schema.time_steps import refuse_video
from core.schema.visible_text import visible

LONGEST_LABEL = 60
"""Characters of what is explained; a longer answer is called `ANSWER`."""
ANSWER = "answer"


@dataclass(frozen=True, eq=False)
class Entry:
    """The maps of one picture.

    Attributes:
        result: about that picture.
        name: of the picture's file, as the other program finds it: a path below its folder of pictures.
        size: (width, height) of the picture in pixels.
    """

    result: ExplainResult
    name: str
    size: tuple[int, int]

    def __post_init__(self) -> None:
        check_instance("The result", self.result, ExplainResult, "an ExplainResult")
        check_pictures(self.result.request)
        check_instance("The name of a picture", self.name, str, "text")
        if not self.name.strip():
            raise InputError("The name of a picture is blank. Give the name of its file.")
        is_size = isinstance(self.size, tuple | list) and len(self.size) == 2
        if not is_size or not all(type(side) is int and side > 0 for side in self.size):
            raise InputError(f"The size of a picture is its width and height in pixels, not {shown(self.size)}.")


@dataclass(frozen=True)
class Threshold:
    """Which cells of a map belong to its hot regions.

    Attributes:
        share: those that have at least this share of the map's maximum, in (0, 1].
        top_share: instead, this share of all cells, the hottest ones, in (0, 1]; equally hot ones all.

    Raises:
        InputError: it is out of that range.
    """

    share: float = HOT
    top_share: float | None = None

    def __post_init__(self) -> None:
        for what, value in (("The threshold", self.share), ("The share of hottest cells", self.top_share)):
            is_number = type(value) in (int, float) and math.isfinite(value)
            if value is not None and not (is_number and 0 < value <= 1):
                raise InputError(f"{what} must be above 0 and at most 1, not {shown(value)}.")


HALF = Threshold()
"""Half of the maximum."""


@dataclass(frozen=True, eq=False)
class Found:
    """One thing in a picture.

    Attributes:
        kind: "heat" for a hot region, "answer" for a box or a point that the model has written.
        label: of a region what is explained; of a box its own, where it has one.
        score: of a region the share of the map's heat in it; of a box the mean probability of its tokens; in [0, 1].
        pixels: (left, top, right, bottom), or (x, y) of a point, in pixels of the picture.
        region: of heat; None for what the model has written.
    """

    kind: Literal["heat", "answer"]
    label: str
    score: float
    pixels: tuple[float, ...]
    region: HeatRegion | None = None

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom); of a point, of the pixel around it."""
        if len(self.pixels) == 4:
            return self.pixels
        x, y = self.pixels
        return x - 0.5, y - 0.5, x + 0.5, y + 0.5


def check_pictures(request: ExplainRequest) -> None:
    """Refuses what cannot be told before it is read.

    Raises:
        InputError: the request is about a video.
    """
    refuse_video(request, "A data set of pictures")


def entries_of(
    result: ExplainResult, names: str | Sequence[str], sizes: Sequence[tuple[int, int]] | None = None
) -> list[Entry]:
    """An entry for each picture of a result.

    Args:
        names: of the pictures' files, one for each picture of the prompt, in order.
        sizes: (width, height) of each; None for those that the result knows.

    Raises:
        InputError: they are not as many as there are pictures, a size is not known, or the result is about a video.
    """
    check_instance("The result", result, ExplainResult, "an ExplainResult")
    each = result.pictures or (result,)
    named = [names] if isinstance(names, str) else names
    for what, given in (("names", named), *([] if sizes is None else [("sizes", sizes)])):
        if not isinstance(given, list | tuple) or len(given) != len(each):
            raise InputError(f"A result of {len(each)} picture{'' if len(each) == 1 else 's'} needs as many {what}.")
    if sizes is None:
        sizes = [_size(own, name) for own, name in zip(each, named, strict=True)]
    return [Entry(own, name, tuple(size)) for own, name, size in zip(each, named, sizes, strict=True)]


def asked_alone(result: ExplainResult) -> ExplainResult:
    """The result with no other map than the one that was asked for, which an entry needs."""
    method, layer = result.asked
    of_method = result.of(method)
    alone = replace(of_method, companions={}, pictures=())
    if layer is None:
        return alone
    row = of_method.layers.index(layer)
    return replace(
        alone,
        request=of_method.request.for_layers((layer,)),
        heat=of_method.heat[row : row + 1].copy(),
        squared_deviation=of_method.squared_deviation[row : row + 1].copy(),
    )


def found_in(entry: Entry, threshold: Threshold) -> Iterator[Found]:
    """The hot regions of the map that was asked for, the warmest first, then the boxes and points of the answer."""
    result = entry.result
    label = label_of(result)
    for region in heat_regions(result.headline, entry.size, threshold.share, threshold.top_share):
        yield Found("heat", label, region.share_of_heat, region.corners, region)
    for box in boxes_of(result).each:
        if box.pixels is not None:
            yield Found("answer", _plain(box.written.label) or label, _chance(result, box.written.span), box.pixels)


def label_of(result: ExplainResult) -> str:
    """What is explained as the name of a category: the target's words, or the answer where it is short."""
    target, answer = result.request.target, result.answer
    if target.kind == "words":
        text = target.phrase
    elif target.kind == "answer":
        text = answer.said_text if answer.thought else answer.text
    else:
        chosen = [answer.tokens[number] for number in target.indices(answer)]
        text = "".join(token.text for token in chosen)
    plain = _plain(text)
    return plain if 0 < len(plain) <= LONGEST_LABEL else ANSWER


def about(entry: Entry) -> dict[str, Any]:
    """What else is told of a result's maps, by names that stay the same."""
    result = entry.result
    method, layer = result.asked
    return {
        "prompt": result.request.prompt,
        "answer": result.answer.text,
        "explained": result.request.target.describe(result.answer),
        "method": method,
        "layer": layer,
        "model": result.request.model,
    }


def _plain(text: str) -> str:
    return visible(" ".join(text.split()))


def _size(result: ExplainResult, name: str) -> tuple[int, int]:
    if result.seen is None:
        raise InputError(f"The result does not say how large the picture {shown(name)} is. Give its width and height.")
    return result.seen.size


def _chance(result: ExplainResult, span: tuple[int, int]) -> float:
    touched: list[Token] = [token for token in result.tokens if token.start < span[1] and token.stop > span[0]]
    return float(np.mean([token.probability for token in touched])) if touched else 0.0
