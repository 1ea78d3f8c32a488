"""Which kinds of picture files are read, and what a file is by its first bytes."""

from PIL import features

from core.inputs.containers import avif, bmp, tiff

FORMATS: tuple[str, ...] = (
    *("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "DIB"),
    *(("AVIF",) if features.check("avif") else ()),
)
"""Pillow's names of what is opened; of several pictures in a JPEG (MPO) the first is taken."""

ENDINGS = (
    *("png", "apng", "jpg", "jpeg", "jpe", "jfif", "jif", "mpo", "webp", "gif", "tif", "tiff", "bmp", "dib"),
    *("avif", "avifs", "heic", "heif", "hif"),
)
"""Endings of people's picture files, for file choosers and folders alone: the content counts, not the name."""

NAMES = {"WEBP": "WebP", "DIB": "BMP"}
"""What people call a format, where Pillow's name is another."""

_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF = {b"avif", b"avis"}


def format_of(data: bytes) -> str | None:
    """Pillow's name of a format that is read, or "HEIC"; None for anything else."""
    for name, magic in (("PNG", b"\x89PNG"), ("JPEG", b"\xff\xd8"), ("GIF", b"GIF8")):
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(tiff.MAGICS):
        return "TIFF"
    if data[:2] == b"BM" and (data[14:18] in _BMP_HEADERS or data[2:6] == len(data).to_bytes(4, "little")):
        return "BMP"
    found = avif.brands(data)
    if found & _AVIF:
        return "AVIF"
    if found & _HEIC:
        return "HEIC"
    return "DIB" if bmp.is_dib(data) else None


_BMP_HEADERS = {size.to_bytes(4, "little") for size in bmp.HEADERS}
