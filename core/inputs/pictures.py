"""Bytes, path or PIL image -> checked, upright RGB pixels and their digest.

A file is judged by its content, never by its name. Everything that changes what the model sees
(first frame, flattened transparency, rescaled 16-bit values) is noted in words for the reader.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from core.errors import ImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
MAX_PIXELS = 100_000_000
MAX_BYTES = 200 * 1024 * 1024
MAX_ASPECT = 200  # Qwen's own image processors refuse thinner pictures


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture ready to be shown to a model.

    Attributes:
        pixels: uint8 [height, width, 3], RGB, upright, read-only.
        digest: sha256 of size and pixels, hex: the same pixels re-saved have the same digest.
        notes: what was done to the file, one sentence each.
    """

    pixels: np.ndarray
    digest: str
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def to_pil(self) -> Image.Image:
        """A PIL copy of the pixels."""
        return Image.fromarray(self.pixels)


def load_picture(source: bytes | str | Path | Image.Image) -> Picture:
    """Reads, checks and uprights a picture.

    Args:
        source: the bytes of a file, its path, or a PIL image.

    Raises:
        ImageError: not a picture of a known format, damaged, too large or too thin.
    """
    if isinstance(source, (str, Path)):
        source = _read_file(Path(source))
    if isinstance(source, Image.Image):
        return _finish(source)
    if not source:
        raise ImageError("The file is empty. Choose a picture file.")
    if len(source) > MAX_BYTES:
        raise ImageError(f"The file has {len(source) / 2**20:.0f} MB; at most {MAX_BYTES // 2**20} MB can be read.")
    try:
        with warnings.catch_warnings():
            # Pillow only warns between one and two times its own limit; `_check_size` decides here.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(source), formats=FORMATS)
    except UnidentifiedImageError:
        raise ImageError(
            f"This file is not a picture that can be read. Use one of: {', '.join(FORMATS)} "
            "(the content counts, not the name)."
        ) from None
    except Image.DecompressionBombError:
        raise _too_large() from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise _damaged(error) from None
    with image:
        return _finish(image)


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImageError(f"{path.name} is larger than {MAX_BYTES // 2**20} MB, the most that can be read.")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"The picture {path} cannot be read: {error.strerror or error}.") from None


def _finish(image: Image.Image) -> Picture:
    _check_size(image)
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append(f"The file has {image.n_frames} frames; the first one is used.")
        image.seek(0)
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise _damaged(error) from None
    if image.getexif().get(0x0112, 1) not in (0, 1):
        notes.append("The camera's orientation mark was applied.")
    pixels = np.array(_to_rgb(upright, notes))
    digest = hashlib.sha256(b"rgb8 %d %d " % pixels.shape[:2])
    digest.update(np.ascontiguousarray(pixels).data)
    pixels.setflags(write=False)
    return Picture(pixels, digest.hexdigest(), tuple(notes))


def _check_size(image: Image.Image) -> None:
    # Before any pixel is decoded: a small file can claim gigabytes.
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise _too_large(width, height)
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageError(
            f"The picture is {width} x {height} pixels; the model cannot see one more than {MAX_ASPECT} times as "
            "long as it is wide. Crop it."
        )


def _to_rgb(image: Image.Image, notes: list[str]) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        notes.append("The picture has more than 8 bits a channel; its range was scaled to 8 bits.")
        return Image.fromarray(_to_8_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        # Hidden colours under transparent pixels must not reach the model.
        notes.append("Transparent parts were laid on white.")
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), rgba).convert("RGB")
    if image.mode == "CMYK":
        notes.append("The picture was converted from CMYK to RGB.")
        return _cmyk_to_rgb(image)
    return image.convert("RGB")


def _to_8_bits(values: np.ndarray) -> np.ndarray:
    """Whole 16-bit range to 0..255; other ranges (32-bit, float) from their own minimum to maximum."""
    values = np.nan_to_num(values.astype(np.float64))
    low, high = (0.0, 65535.0) if 255 < values.max() <= 65535 and values.min() >= 0 else (values.min(), values.max())
    return np.uint8(np.round(255 * (values - low) / max(high - low, 1e-12)))


def _cmyk_to_rgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile:
        try:
            return ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # A broken profile: the plain conversion is what a viewer would show, too.
    return image.convert("RGB")


def _too_large(width: int | None = None, height: int | None = None) -> ImageError:
    size = f"{width} x {height} pixels ({width * height / 1e6:.0f} megapixels)" if width else "over 179 megapixels"
    return ImageError(
        f"The picture has {size}; at most {MAX_PIXELS // 10**6} megapixels can be read. Make it smaller first."
    )


def _damaged(error: Exception) -> ImageError:
    return ImageError(f"The picture is damaged or cut off and cannot be read ({error}). Save or send it again.")
