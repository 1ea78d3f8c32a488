"""What a file is by its first bytes: a kind of video that is read, or what is said of it instead."""

from core.errors import VideoError
from core.inputs.containers import avif
from core.inputs.formats import NAMES, format_of

FILM_ENDINGS = ("mp4", "m4v", "mov", "qt", "3gp", "3g2", "webm", "mkv", "avi")
"""Endings of video files, for file choosers and folders alone: the content counts, not the name."""
ANIMATION_ENDINGS = ("gif", "webp")
FILM_KINDS = ("mov", "matroska", "avi")
"""What `kind_of` says of films; GIF and WebP files are pictures unless somebody asks about them as videos."""

HEAD = 4096
"""Bytes that tell."""

_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_STILL_BRANDS = {b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"M4P "}
SAVE = "Save it as MP4 (H.264), and use that."
_AUDIO = "This file holds sound alone, no pictures. Give a video."
_OTHER_FILMS = (
    ((b"FLV",), "Flash video (FLV)"),
    ((b"\x30\x26\xb2\x75",), "Windows Media video (WMV or ASF)"),
    ((b"\0\0\1\xba", b"\0\0\1\xb3"), "MPEG-1 or MPEG-2 video (MPG or VOB)"),
    ((b".RMF",), "RealMedia video"),
    ((b"OggS",), "an Ogg file"),
)
_STREAM = "an MPEG transport stream (TS)"
_PLAYLISTS = (
    b"#extm3u",
    b"ffconcat",
    b"[playlist]",
    b"v=0",
    b"rtsptext",
    b"<asx",
    b"[reference]",
    b"<smil",
    b"# concat",
)


def kind_of(head: bytes) -> str:
    """ "mov", "matroska" or "avi", as FFmpeg calls them, or "GIF" or "WEBP", which may move.

    Args:
        head: the first bytes of the file, `HEAD` of them where it has as many.

    Raises:
        VideoError: it is of no kind that is read; the sentence says what it is and what to do.
    """
    if not head:
        raise VideoError("The file is empty. Choose a video file.")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "matroska"
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return "avi"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        raise VideoError(_AUDIO)
    picture = format_of(head)
    if picture in ("GIF", "WEBP"):
        return picture
    brands = avif.brands(head)
    if picture is None and head[4:8] in _BOXES and not brands & _STILL_BRANDS:
        if brands and brands <= _AUDIO_BRANDS | {b"mp42", b"isom", b"iso2", b"\0\0\0\0"} and brands & _AUDIO_BRANDS:
            raise VideoError(_AUDIO)
        return "mov"
    raise VideoError(_otherwise(head, picture))


def other_film(head: bytes) -> str:
    """What a video of a kind that is not read is called; "" of anything else."""
    if head[:1] == head[188:189] == b"\x47":  # each of its packets begins so
        return _STREAM
    return next((name for beginnings, name in _OTHER_FILMS if head.startswith(beginnings)), "")


def still_picture(name: str) -> VideoError:
    """What people are told who give a picture for a video."""
    return VideoError(f"This file is a still picture ({NAMES.get(name, name)}), not a video. Give it as a picture.")


def _otherwise(head: bytes, picture: str | None) -> str:
    if picture is not None or avif.brands(head) & _STILL_BRANDS:
        return str(still_picture(picture or "AVIF"))
    if name := other_film(head):
        return f"This file is {name}, which is not read. {SAVE}"
    if head.startswith((b"ID3", b"fLaC", b"\xff\xfb", b"\xff\xf1", b"\xff\xf9", b"\xff\xf3")):
        return _AUDIO
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_PLAYLISTS) or (text.startswith((b"<?xml", b"<mpd")) and b"<mpd" in text):
        return "This file is a playlist, which only names other files; nothing that it names is opened. Give the video."
    if text.startswith(b"file ") and b"\n" in text + b"\n":
        return "This file is a playlist, which only names other files; nothing that it names is opened. Give the video."
    return (
        "This file is not a video that can be read. Use one of: MP4, MOV, WebM, MKV, AVI, or an animated GIF or WebP "
        "(the content counts, not the name)."
    )
