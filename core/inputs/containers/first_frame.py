"""What each container's reader hands on."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Meaning:
    """What a file says about values of more than 8 bits.

    Attributes:
        bits: of one sample in the file; 8 or fewer need no choice of brightness.
        channels: samples of one pixel.
        has_alpha: the fourth of them says how opaque a pixel is.
        is_float, is_signed: what the samples are.
        white_is_zero: the lowest value is white.
        declared: the values that are black and white, where the file says them.
        declared_else: the same, where values lie beyond those.
        said_by: for people: how it says so.
        for_display: a colour profile or sRGB mark says that the whole range was made to be looked at.
    """

    bits: int = 8
    channels: int = 1
    has_alpha: bool = True
    is_float: bool = False
    is_signed: bool = False
    white_is_zero: bool = False
    declared: tuple[float, float] | None = None
    declared_else: tuple[float, float] | None = None
    said_by: str = ""
    for_display: bool = False

    @property
    def is_unsigned_32(self) -> bool:
        """Whole numbers beyond what Pillow's mode I can hold."""
        return self.bits == 32 and not (self.is_float or self.is_signed)


@dataclass(frozen=True)
class FirstFrame:
    """The first frame of a file, without metadata and without the other frames.

    Attributes:
        data: a file that holds just that.
        size: (width, height) as the header claims it, before `orientation`; None where only the decoder knows.
        orientation: 1 to 8 as in EXIF.
        frames: how many the file has, as far as that can be told without decoding them.
        is_whole: False where the file ends before it should.
        number: which frame this is, from 1; later than the first where those before it are broken.
        is_unusual: of a valid kind that the decoders do not know.
        costly_from: pixels from which on this kind takes too long, or too much memory, to be decoded; None for all.
        icc_profile: of pictures that cannot be converted well without.
        meaning: what the file says about its values.
        planes: where each channel has more than 8 bits and lies by itself, what makes a grey file of one channel for
            each; empty for kinds that are not read. None where the channels of a pixel lie beside each other.
    """

    data: bytes = field(repr=False)
    size: tuple[int, int] | None = None
    orientation: int = 1
    frames: int = 1
    is_whole: bool = True
    number: int = 1
    is_unusual: bool = False
    costly_from: int | None = None
    icc_profile: bytes | None = field(default=None, repr=False)
    meaning: Meaning = Meaning()
    planes: tuple[Callable[[], bytes], ...] | None = field(default=None, repr=False)


class Broken(Exception):
    """The container makes no sense: the file is damaged."""
