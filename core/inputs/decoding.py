"""A picture file -> its first intact frame, decoded; whatever a decoder raises becomes one sentence that fits."""

import io
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image, UnidentifiedImageError

from core.errors import ExplainError, ImageError
from core.inputs import other_files
from core.inputs.colour_samples import MOST_BYTES, agrees, read_samples
from core.inputs.containers import avif, bmp, gif, heic, jpeg, png, tiff, webp
from core.inputs.containers.directory import ORIENTATION, checked_orientation
from core.inputs.containers.first_frame import Broken, FirstFrame
from core.inputs.decoding_gate import GATE
from core.inputs.formats import FORMATS, NAMES, format_of
from core.inputs.large_webp import FROM_PIXELS, open_large
from core.inputs.limits import FULL_JPEG, MAX_PIXELS, check_size

MOST_TRIED = 20
"""Pages of a TIFF that are tried, one after the other, until one is intact; fewer where they are large."""

_READERS = {
    "PNG": png.first_frame,
    "JPEG": jpeg.first_frame,
    "WEBP": webp.first_frame,
    "GIF": gif.first_frame,
    "AVIF": avif.first_frame,
    "HEIC": avif.first_frame,
    "BMP": bmp.first_frame,
    "DIB": bmp.first_frame,
}
# Only warned about between one and two times Pillow's own limit; ours is checked before.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", module=r"PIL\.")  # what is wrong with a file is said in a sentence


@dataclass(frozen=True, eq=False)
class Decoded:
    """A frame as the decoders give it: not upright, not RGB.

    Attributes:
        image: by Pillow; None where only OpenCV reads it.
        values: of more than 8 bits, where Pillow has but 8 of them: [height, width] or [height, width, 3 or 4].
        frame: what its container says.
        shrunk: how many times smaller than the file's it is, on each side.
    """

    image: Image.Image | None
    frame: FirstFrame
    name: str
    values: np.ndarray | None = field(default=None, repr=False)
    shrunk: int = 1

    @property
    def notes(self) -> list[str]:
        """What of the file is not in the picture, or not as it is there, for people."""
        frame, notes = self.frame, []
        several = f"The file has {frame.frames} {'pages' if self.name == 'TIFF' else 'frames'}"
        if frame.number > 1:
            notes.append(f"{several}; number {frame.number} is used, the first that is intact.")
        elif frame.frames > 1:
            notes.append(f"{several}; the first one is used.")
        if not frame.is_whole:
            notes.append("The file is cut off; its first picture is whole and is used.")
        if self.shrunk > 1:
            notes.append("The picture is very large; it was read at half its width and height.")
        if frame.orientation != 1:
            notes.append("The camera's orientation mark was applied.")
        return notes


@contextmanager
def decoded(data: bytes, as_before: bool = False) -> Iterator[Decoded]:
    """The first intact frame of a file, with room for its pixels held as long as the block runs.

    Args:
        as_before: as earlier versions read it, for digests that were stored by them: JPEG never at a reduced size,
            16 bits of colour cut to 8, and nothing refused for its being slow or a camera's raw file.

    Raises:
        ImageError: of no format that is read, damaged, too large or too thin.
    """
    name = format_of(data)
    if name is None:
        raise ImageError(other_files.what_it_is(data))
    if name == "TIFF" and tiff.is_raw(data) and not as_before:
        raise ImageError(other_files.RAW_PHOTO)
    if name == "AVIF" and name not in FORMATS:
        raise ImageError("AVIF pictures cannot be read on this machine. Save it as PNG or JPEG.")
    with ExitStack() as room, in_one_sentence(damaged(name)):
        yield _first_intact(_frames(data, name), name, room, as_before)


def damaged(name: str) -> ImageError:
    """What people are told of a broken file of a known format."""
    article = "an" if name == "AVIF" else "a"
    return ImageError(f"This is {article} {NAMES.get(name, name)} that is damaged or cut off. Save or send it again.")


def unusual(name: str) -> ImageError:
    """What people are told of a file that may be whole and cannot be read."""
    return ImageError(f"This is an unusual kind of {NAMES.get(name, name)} that cannot be read. Save it as PNG.")


@contextmanager
def in_one_sentence(otherwise: ImageError) -> Iterator[None]:
    """Whatever is raised inside comes out as an error for people."""
    try:
        yield
    except ExplainError:
        raise
    except MemoryError:
        raise ImageError("There is not enough memory to read this picture. Make it smaller first.") from None
    except Exception:  # decoders raise whatever comes to them
        raise otherwise from None


def _frames(data: bytes, name: str) -> Iterator[FirstFrame]:
    try:
        if name == "TIFF":
            yield from tiff.pages(data)
        else:
            yield _READERS[name](data)
    except Broken:
        return


def _first_intact(frames: Iterator[FirstFrame], name: str, room: ExitStack, as_before: bool) -> Decoded:
    first_error, tried = None, 0
    for _, frame in zip(range(MOST_TRIED), frames, strict=False):
        if frame.size is not None:
            check_size(*frame.size)  # not broken, but too large: no other page stands for it
            tried += frame.size[0] * frame.size[1]
        if first_error and tried > MAX_PIXELS:
            break  # a small file can have many large pages that break off at their very end
        try:
            with ExitStack() as held, in_one_sentence(unusual(name) if frame.is_unusual else damaged(name)):
                found = _decode(frame, name, held, as_before)
                room.push(held.pop_all())
                return found
        except ImageError as error:
            first_error = first_error or error
    raise first_error or damaged(name)


def _decode(frame: FirstFrame, name: str, room: ExitStack, as_before: bool) -> Decoded:
    if frame.size is not None:
        room.enter_context(GATE.room_for(frame.size[0] * frame.size[1]))
    if frame.planes is not None and not as_before:
        return Decoded(None, frame, name, _of_planes(frame, name))
    try:
        image = _open(frame, name, as_before)
    except ImageError:
        values = _values(frame, name, as_before) if name == "TIFF" else None
        if values is None or values.shape[1::-1] != frame.size:
            raise
        return Decoded(None, frame, name, values)
    check_size(*image.size)
    if frame.size is None:
        # Boxes say how the picture is turned; Pillow hands it on as EXIF of its own making.
        frames = getattr(image, "n_frames", 1)
        frame = replace(frame, size=image.size, orientation=orientation_of(image), frames=frames)
        room.enter_context(GATE.room_for(image.width * image.height))
    shrunk = _shrink(image, as_before)
    image.load()
    values = None if image.mode[0] in "IF" else _values(frame, name, as_before)
    if values is None or not agrees(values, image):
        return Decoded(image, frame, name, shrunk=shrunk)
    return Decoded(None, frame, name, values)


def _values(frame: FirstFrame, name: str, as_before: bool) -> np.ndarray | None:
    """Values of more than 8 bits as OpenCV reads them, where they are wanted and not too many."""
    meaning = frame.meaning
    if as_before or meaning.bits <= 8 or name not in ("PNG", "TIFF") or frame.size is None:
        return None
    # Room for a chunk is made before it is read: of a file that is not whole, one may claim gigabytes.
    if name == "PNG" and not frame.is_whole:
        return None
    # 10 to 14 bits are unpacked to 16, and two channels to four.
    each = max(meaning.channels, 4 if meaning.channels == 2 else 1) * -(-meaning.bits // 16) * 2
    if frame.size[0] * frame.size[1] * each > MOST_BYTES:
        return None
    return read_samples(frame.data, meaning)


def _of_planes(frame: FirstFrame, name: str) -> np.ndarray:
    """As `read_samples`, of a file whose channels lie each by itself."""
    width, height = frame.size
    count, values = len(frame.planes), None
    if not count or width * height * count * -(-frame.meaning.bits // 16) * 2 > MOST_BYTES:
        raise unusual(name)
    for place, plane in zip((2, 1, 0, 3), frame.planes, strict=False):
        found = read_samples(plane(), replace(frame.meaning, channels=1))
        if found is None or found.shape != (height, width):
            raise unusual(name)
        if values is None:
            values = np.empty((height, width, count), found.dtype)
        values[..., place] = found
    return values


def orientation_of(image: Image.Image) -> int:
    """As Pillow knows it; 1 where its metadata are broken."""
    try:
        return checked_orientation(image.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - whatever is wrong with metadata, the pixels are not
        return 1


def _open(frame: FirstFrame, name: str, as_before: bool) -> Image.Image:
    if name == "HEIC":
        return heic.open_image(frame.data)
    pixels = frame.size[0] * frame.size[1] if frame.size else 0
    if frame.costly_from is not None and pixels > frame.costly_from and not as_before:
        raise ImageError(
            f"This kind of {NAMES.get(name, name)} takes too long or too much memory beyond "
            f"{frame.costly_from // 10**6} megapixels, and has {pixels / 1e6:.0f}. Save it as PNG."
        )
    if name == "WEBP" and pixels > FROM_PIXELS and frame.frames == 1:
        return open_large(frame.data)
    try:
        return Image.open(io.BytesIO(frame.data), formats=[name])
    except (UnidentifiedImageError, OSError):
        # The container was understood; that this kind of it is unknown says Pillow by refusing it.
        is_refused = name in ("TIFF", "BMP", "DIB")
        raise (unusual(name) if is_refused or frame.is_unusual else damaged(name)) from None


def _shrink(image: Image.Image, as_before: bool) -> int:
    """Has a very large JPEG decoded at half its size."""
    width, height = image.size
    if as_before or image.format != "JPEG" or width * height <= FULL_JPEG:
        return 1
    image.draft(None, (max(1, width // 2), max(1, height // 2)))
    return 2 if image.size != (width, height) else 1
