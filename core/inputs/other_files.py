"""What people take for a picture and we do not read: said by name, with what to do."""

from core.inputs.containers import avif
from core.inputs.formats import FORMATS, NAMES
from core.inputs.videos.kinds import SAVE, other_film

_SAVE = "Save or export it as PNG or JPEG, and use that."
_UNPACK = "Unpack it, and use the pictures in it."
_ONE_PICTURE = "Ask about it as a video, or save one of its pictures as PNG."
_BY_FIRST_BYTES: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"%PDF",), "a PDF document", "Export the page as PNG or JPEG, and use that."),
    ((b"%!PS", b"\xc5\xd0\xd3\xc6"), "an EPS or PostScript drawing", _SAVE),
    ((b"8BPS",), "a Photoshop document (PSD)", _SAVE),
    ((b"\xff\x0a", b"\0\0\0\x0cJXL "), "a JPEG XL file, which is not JPEG", _SAVE),
    ((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), "a JPEG 2000 file, which is not JPEG", _SAVE),
    ((b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0"), "a camera's raw file", _SAVE),
    ((b"v/1\x01", b"#?RADIANCE", b"#?RGBE"), "a picture for high-dynamic-range software (EXR or HDR)", _SAVE),
    ((b"II\xbc\x01",), "a JPEG XR file, which is not JPEG", _SAVE),
    ((b"SIMPLE  =",), "a FITS file of astronomy", _SAVE),
    ((b"\x93NUMPY",), "an array of NumPy", "Save it as PNG or TIFF, and use that."),
    ((b"PK\3\4", b"PK\5\6"), "a ZIP archive or an office document", _UNPACK),
    (
        (b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"),
        "an archive",
        _UNPACK,
    ),
    (
        (b"\x1aE\xdf\xa3",),
        "a video",
        _ONE_PICTURE,
    ),
    ((b"P1\n", b"P2\n", b"P3\n", b"P4\n", b"P5\n", b"P6\n", b"P5 ", b"P6 "), "a PNM file", _SAVE),
)
_VIDEO = {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"qt  ", b"M4V ", b"avc1", b"3gp4", b"3gp5"}


def what_it_is(data: bytes) -> str:
    """One or two sentences for a file of no format that is read."""
    kind, advice = _kind(data)
    if kind:
        return f"This file is {kind}, not a picture that can be read. {advice}"
    names = [NAMES.get(name, name) for name in FORMATS if name != "DIB"]
    return (
        f"This file is not a picture that can be read. Use one of: {', '.join(names)}, or a video (MP4, MOV, WebM, "
        "MKV, AVI); the content counts, not the name."
    )


def _kind(data: bytes) -> tuple[str, str]:
    for beginnings, kind, advice in _BY_FIRST_BYTES:
        if data.startswith(beginnings):
            return kind, advice
    # Also how a TGA may begin, which goes on with zeros where these say how many pictures there are.
    if data[:4] in (b"\0\0\1\0", b"\0\0\2\0") and data[4:6] != b"\0\0":
        return "an icon or a pointer (ICO)", _SAVE
    if film := other_film(data):
        return film, SAVE
    if data[128:132] == b"DICM":
        return "a DICOM file", "Export the picture in it as PNG or TIFF (16 bits are fine), and use that."
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "a video", _ONE_PICTURE
    found = avif.brands(data)
    if b"crx " in found:
        return "a camera's raw file", _SAVE
    if found & _VIDEO:
        return "a video", _ONE_PICTURE
    text = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml")) and b"<svg" in text:
        return "an SVG drawing", _SAVE
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return "a web page", "Save the picture itself, not the page that shows it."
    return "", ""


RAW_PHOTO = f"This file is a camera's raw file (DNG, NEF, CR2, ARW or the like), which cannot be read. {_SAVE}"
