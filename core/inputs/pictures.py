"""Bytes, path or PIL image -> checked, upright RGB pixels and their digest.

A file is judged by its content, never by its name. Everything that changes what the model sees
(first frame, flattened transparency, chosen brightness) is noted in words for the reader.
"""

import hashlib
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import ImageError, InputError
from core.inputs.brightness import AUTO, Brightness
from core.inputs.colour_samples import parts
from core.inputs.colours import rgb_pixels
from core.inputs.containers.first_frame import FirstFrame, Meaning
from core.inputs.decoding import Decoded, decoded, in_one_sentence, orientation_of
from core.inputs.decoding_gate import GATE
from core.inputs.documents import pdf
from core.inputs.formats import FORMATS
from core.inputs.high_bit_depth import EightBits, to_8_bits
from core.inputs.limits import MAX_ASPECT, MAX_BYTES, MAX_PIXELS, check_size
from core.inputs.samples import Samples
from core.inputs.transparency import Ground, ground_of
from core.schema import MAX_PICTURES
from core.schema.checks import check_instance
from core.schema.one_line import counted, one_line

__all__ = [
    "FORMATS",
    "MAX_ASPECT",
    "MAX_BYTES",
    "MAX_PIXELS",
    "GivenPicture",
    "Picture",
    "Source",
    "load_picture",
    "load_pictures",
    "read_picture",
]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture ready to be shown to a model.

    Attributes:
        pixels: uint8 [height, width, 3], RGB, upright, read-only.
        digest: sha256 of size and pixels, hex: the same pixels re-saved have the same digest.
        notes: what was done to the file, one sentence each.
        adjustable: the file holds more than 8 bits a channel, so that a `Brightness` has an effect.
        value_range: the file's own values that became black and white; None where it is not adjustable.
        source: sha256 of the file, hex, where it is adjustable; "" otherwise, and of a PIL image.
        page, pages: of a document's page, which one it is, from 1, and how many there are; 0 and 0 otherwise.
        print_size: of a document's page, how large its small print is in pixels; 0 where it holds no text.

    Raises:
        ImageError: the pixels are no such array. `load_picture` makes one of anything that is a picture.
    """

    pixels: np.ndarray
    digest: str
    notes: tuple[str, ...] = ()
    adjustable: bool = False
    value_range: tuple[float, float] | None = None
    source: str = ""
    page: int = 0
    pages: int = 0
    print_size: float = 0.0

    def __post_init__(self) -> None:
        pixels = self.pixels
        if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ImageError(
                "A picture's pixels are a uint8 array [height, width, 3], RGB. Use load_picture to get one."
            )
        check_instance("A picture's digest", self.digest, str, "text")

    def __repr__(self) -> str:
        width, height = self.size
        notes = counted(len(self.notes), "note") if self.notes else ""
        return one_line(self, f"{width} x {height} pixels", self.digest[:12], notes)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def to_pil(self) -> Image.Image:
        """A PIL copy of the pixels."""
        return Image.fromarray(self.pixels)


Source = bytes | str | Path | Image.Image
GivenPicture = Picture | Source


def load_picture(source: Source, brightness: Brightness | str = AUTO, page: int = 1) -> Picture:
    """Reads, checks and uprights a picture.

    Args:
        source: the bytes of a file, its path, or a PIL image.
        brightness: which of its values become black and white, also as `Brightness.parse` reads it; without effect
            where it has 8 bits a channel.
        page: of a PDF document, which page is the picture, from 1; see docs/pictures.md for its size.

    Raises:
        ImageError: not a picture of a known format, damaged, too large or too thin; or there is no such page.
        InputError: there is no such brightness.
    """
    return read_picture(source, brightness, page=page)


def load_pictures(
    sources: GivenPicture | Sequence[GivenPicture], brightness: Brightness | str = AUTO, page: int = 1
) -> tuple[Picture, ...]:
    """Those of one prompt: one, or several in a list; what is a `Picture` already stays as it is.

    Args:
        page: of each file, all of which are documents where it is not the first; see `load_picture`.

    Raises:
        InputError: there are none or too many, or one of them cannot be used; see `load_picture`.
    """
    several = sources if isinstance(sources, list | tuple) else [sources]
    if not several:
        raise InputError("No picture was given. Give one picture, or several in a list.")
    if len(several) > MAX_PICTURES:
        raise InputError(f"A prompt can hold 1 to {MAX_PICTURES} pictures, not {len(several)}.")
    # Also where each is a Picture already, which has no use for them.
    brightness, page = check_brightness(brightness), pdf.check_page(page)
    return tuple(each if isinstance(each, Picture) else load_picture(each, brightness, page) for each in several)


def check_brightness(brightness: Brightness | str) -> Brightness:
    """A brightness, also as `Brightness.parse` reads it.

    Raises:
        InputError: it is none.
    """
    if isinstance(brightness, str):
        return Brightness.parse(brightness)
    check_instance("A brightness", brightness, Brightness, "a core.Brightness, or text such as 0..4095")
    return brightness


def read_picture(
    source: Source, brightness: Brightness | str = AUTO, as_before: bool = False, page: int = 1
) -> Picture:
    """As `load_picture`.

    Args:
        as_before: by the rules of earlier versions, for digests that were stored by them.
    """
    pdf.check_page(page)
    if isinstance(source, str | Path):
        source = read_file(Path(source))
    if isinstance(source, bytearray | memoryview):
        source = bytes(source)
    if not isinstance(source, bytes | Image.Image):
        raise ImageError(f"A picture is the bytes of a file, its path or a PIL image, not {type(source).__name__}.")
    brightness = check_brightness(brightness)
    if isinstance(source, bytes):
        if not source:
            raise ImageError("The file is empty. Choose a picture file.")
        if len(source) > MAX_BYTES:
            raise ImageError(f"The file has {len(source) / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB can be read.")
        if pdf.is_pdf(source) and not as_before:
            return _of_page(source, page)
    if page != 1:
        raise ImageError(f"This is no PDF document, so there is no page {page} of it.")
    opened = decoded(source, as_before) if isinstance(source, bytes) else _given(source)
    with opened as found:
        return _finish(found, source, brightness, as_before)


def read_file(path: Path) -> bytes:
    """The bytes of a picture's file.

    Raises:
        ImageError: it cannot be read, is no file, or is too large.
    """
    too_large = f"{path.name} is larger than {MAX_BYTES // 2**20} MB, the most that can be read."
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise ImageError(f"{path.name or 'This'} is no file. Choose a picture file.")
        with path.open("rb") as file:
            data = file.read(min(about.st_size, MAX_BYTES) + 1)  # room is made for as much as is asked for
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "there cannot be such a file"
        raise ImageError(f"The picture {path.name[:100]!r} cannot be read: {why}.") from None
    if len(data) > MAX_BYTES:
        raise ImageError(too_large)
    return data


def _of_page(data: bytes, page: int) -> Picture:
    drawn, count = pdf.draw_page(data, page)
    check_size(*drawn.pixels.shape[1::-1])
    notes = pdf.page_notes(drawn, page, count)
    digest = digest_of(drawn.pixels)
    return Picture(drawn.pixels, digest, notes, page=page, pages=count, print_size=drawn.small_print)


@contextmanager
def _given(image: Image.Image) -> Iterator[Decoded]:
    """A PIL image as somebody gave it, of whatever kind and state."""
    with in_one_sentence(ImageError("The PIL image cannot be read: it is damaged, closed or of an unusual kind.")):
        check_size(*image.size)
        with GATE.room_for(image.width * image.height):
            if getattr(image, "tell", int)():
                image.seek(0)
            image.load()
            frames = vars(image).get("n_frames", 1)  # some kinds would read the whole file to say it
            white_is_zero = image.mode[0] in "IF" and getattr(image, "tag_v2", {}).get(262) == 0
            frame = FirstFrame(
                b"",
                image.size,
                orientation_of(image),
                frames=frames if isinstance(frames, int) else 1,
                icc_profile=image.info.get("icc_profile"),
                meaning=Meaning(bits=32, is_signed=True, is_float=image.mode == "F", white_is_zero=white_is_zero),
            )
            yield Decoded(image, frame, "PIL image")


def _finish(found: Decoded, source: Source, brightness: Brightness, as_before: bool) -> Picture:
    notes = found.notes
    image, eight = _eight_bit_image(found, brightness, as_before)
    if eight is not None:
        notes += eight.notes
    elif found.frame.meaning.bits > 8 and found.name != "PIL image":
        notes.append("The picture has more than 8 bits a channel, of which the upper 8 are used.")
    ground = ground_of(image)
    if ground.colour and as_before:
        ground = Ground("white")
    if ground.note:
        notes.append(ground.note)
    if image.mode == "CMYK":
        notes.append("The picture was converted from CMYK to RGB.")
    pixels = rgb_pixels(image, ground, found.frame.orientation, found.frame.icc_profile)
    pixels.setflags(write=False)
    source_digest = hashlib.sha256(source).hexdigest() if eight is not None and isinstance(source, bytes) else ""
    return Picture(
        pixels,
        digest_of(pixels, found.shrunk),
        tuple(notes),
        adjustable=eight is not None,
        value_range=None if eight is None else eight.value_range,
        source=source_digest,
    )


def digest_of(pixels: np.ndarray, shrunk: int = 1) -> str:
    """The name of pixels; one of pixels that are not all of the file's says so."""
    kind = b"rgb8" if shrunk == 1 else b"rgb8/%d" % shrunk
    digest = hashlib.sha256(kind + b" %d %d " % pixels.shape[:2])
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def _eight_bit_image(found: Decoded, brightness: Brightness, as_before: bool) -> tuple[Image.Image, EightBits | None]:
    if found.values is not None:
        samples, alpha = parts(found.values, found.frame.meaning.bits)
    elif found.image.mode[0] in "IF":
        samples, alpha = Samples.of_image(found.image), _hidden(found.image, as_before)
        if found.frame.meaning.is_unsigned_32 and not as_before:
            samples = samples.mapped(lambda values: values.view(np.uint32), np.uint32)
    else:
        return found.image, None
    eight = to_8_bits(samples, found.frame.meaning, brightness, as_before)
    image = Image.fromarray(eight.pixels)
    if alpha is not None:
        image.putalpha(Image.fromarray(alpha))
    return image, eight


def _hidden(image: Image.Image, as_before: bool) -> np.ndarray | None:
    """Alpha of a grey picture of which one value means transparent."""
    value = image.info.get("transparency")
    if as_before or not isinstance(value, int):
        return None
    alpha = np.empty((image.height, image.width), np.uint8)
    for rows, values in Samples.of_image(image).strips():
        alpha[rows] = np.where(values == value, 0, 255)
    return alpha
