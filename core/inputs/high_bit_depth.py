"""Values of more than 8 bits -> 8 bits: which become black and white, and how that is said."""

from dataclasses import dataclass, field

import numpy as np

from core.inputs.brightness import Brightness
from core.inputs.containers.first_frame import Meaning
from core.inputs.samples import Extent, Samples, extent

_CHOICES = "Choose another brightness (full range, percentiles or two values of your own) to see it otherwise."


@dataclass(frozen=True, eq=False)
class EightBits:
    """What became of the values.

    Attributes:
        pixels: uint8, of the same shape.
        value_range: the values that became black and white (white and black, where the file says so).
        notes: for people.
    """

    pixels: np.ndarray = field(repr=False)
    value_range: tuple[float, float]
    notes: tuple[str, ...]


def to_8_bits(samples: Samples, meaning: Meaning, brightness: Brightness, as_before: bool = False) -> EightBits:
    """Spreads a range of values over 0 to 255; what lies beyond is black or white, and what is no number is black.

    Args:
        as_before: by the rule of earlier versions, for digests that were stored by them.
    """
    if as_before:
        return _before(samples)
    reach = extent(samples)
    (low, high), why = _range(samples.dtype, reach, meaning, brightness)
    is_light = meaning.is_float and len(samples.shape) == 3
    pixels = _spread(samples, _Scale(low, high, meaning.white_is_zero, is_light))
    return EightBits(pixels, (low, high), tuple(_notes(low, high, why, reach, meaning, is_light)))


def _range(dtype: np.dtype, reach: Extent, meaning: Meaning, brightness: Brightness) -> tuple[tuple[float, float], str]:
    """(black, white), and where they come from."""
    if brightness.kind == "range":
        return (brightness.low, brightness.high), "as you chose"
    full, percentiles = _full_range(dtype, reach, meaning), (reach.low, reach.high)
    if brightness.kind == "full":
        return full, "the full range"
    if brightness.kind == "auto":
        for declared in filter(None, (meaning.declared, meaning.declared_else)):
            if declared[0] <= reach.low and reach.high <= declared[1]:
                return declared, f"as the file says by {meaning.said_by}"
        # Made to be looked at, unless hardly anything would be seen: 14 bits and fewer in a file of 16.
        if meaning.for_display and dtype.kind == "u" and reach.high >= full[1] / 4:
            return full, "the full range, as the file says by its colour profile"
    if reach.lowest == reach.highest:  # one value alone has no range of its own, and white is to stay white
        return full, f"the full range, since all of its values are {_number(reach.lowest)}"
    return percentiles, "percentiles 0.1 and 99.9"


def _full_range(dtype: np.dtype, reach: Extent, meaning: Meaning) -> tuple[float, float]:
    if meaning.declared and reach.highest <= meaning.declared[1]:
        return meaning.declared
    if dtype.kind == "u" and dtype.itemsize == 2:
        return 0.0, 65535.0
    if meaning.bits == 16 and meaning.is_signed:
        return -32768.0, 32767.0
    if dtype.kind == "f" and reach.lowest >= 0 and reach.highest <= 1:
        return 0.0, 1.0
    return reach.lowest, reach.highest


def _before(samples: Samples) -> EightBits:
    """By the rule of earlier versions: the range was the container's, and what is no number was zero."""
    if samples.dtype.kind == "f":
        samples = samples.mapped(lambda values: np.nan_to_num(values, posinf=np.inf, neginf=-np.inf))
    reach = extent(samples)
    whole = 255 < reach.highest <= 65535 and reach.lowest >= 0
    low, high = (0.0, 65535.0) if whole else (reach.lowest, reach.highest)
    # One infinite value made all of a picture black.
    scale = _Scale(low, low if reach.not_finite else high)
    return EightBits(_spread(samples, scale, exactly=True), (low, high), ())


@dataclass(frozen=True)
class _Scale:
    """From a range of values to 0..255."""

    low: float
    high: float
    turned_round: bool = False
    is_light: bool = False

    def __call__(self, values: np.ndarray) -> np.ndarray:
        scaled = (np.clip(values, self.low, self.high) - self.low) * 255 / (self.high - self.low)
        if self.is_light:
            scaled = _srgb(scaled / 255) * 255
        if self.turned_round:
            scaled = 255 - scaled
        return np.round(np.nan_to_num(scaled, copy=False)).astype(np.uint8)


def _spread(samples: Samples, scale: _Scale, exactly: bool = False) -> np.ndarray:
    if scale.low == scale.high:
        return np.zeros(samples.shape, np.uint8)  # one value alone has no range
    pixels, dtype = np.empty(samples.shape, np.uint8), samples.dtype
    # Half the memory and time, where the numbers are such that it makes no difference that is seen.
    is_plain = dtype == np.float32 and max(abs(scale.low), abs(scale.high)) < 1e30 and scale.high - scale.low > 1e-30
    precision, table = np.float32 if is_plain and not exactly else np.float64, None
    if dtype.kind != "f" and dtype.itemsize == 2:
        every = np.arange(65536, dtype=np.uint16)
        table = scale(every.view(np.int16 if dtype.kind == "i" else np.uint16).astype(np.float64))
    for rows, values in samples.strips():
        if table is not None:
            pixels[rows] = table[values.astype(dtype.newbyteorder("=")).view(np.uint16)]
        else:
            pixels[rows] = scale(values.astype(precision))
    return pixels


def _srgb(light: np.ndarray) -> np.ndarray:
    """Linear light, 0 to 1, as screens take it (IEC 61966-2-1)."""
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _notes(low: float, high: float, why: str, reach: Extent, meaning: Meaning, is_light: bool) -> list[str]:
    if low == high:
        return [f"The picture has more than 8 bits a channel, and all of its values are {_number(low)}: it is black."]
    over = "white to black, as the file says" if meaning.white_is_zero else "black to white"
    notes = [
        "The picture has more than 8 bits a channel: "
        f"its values {_number(low)} to {_number(high)} ({why}) were spread over {over}. {_CHOICES}"
    ]
    if is_light:
        notes.append("Its numbers were taken for light and given the curve of screens (sRGB).")
    if reach.not_finite:
        notes.append(f"{reach.not_finite} of its values are infinite or no numbers; the latter are black.")
    return notes


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"
