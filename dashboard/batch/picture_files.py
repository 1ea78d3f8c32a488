"""Which files of a folder, a ZIP or an upload are taken for pictures, and which are passed over. No Streamlit here.

Names are hints: a file whose name or whose first bytes are a picture's is taken for one, and then its content counts.
"""

from functools import cache
from pathlib import PurePosixPath

from PIL import Image

from core.inputs.documents.pdf import is_pdf
from core.inputs.formats import ENDINGS, FORMATS

HEAD = 4096
"""Bytes of a file's beginning that tell its kind, a video's among them."""
_BESIDE = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"))
_MAC = "__macosx"
# Bitmaps without a head of their own begin with four bytes that many other files begin with.
_VAGUE = "DIB"


def lies_beside(name: str) -> bool:
    """Whether a file is one that systems put beside people's own, hidden ones included.

    Args:
        name: of the file, or its path in a ZIP.
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not parts or parts[-1].startswith(".") or parts[-1].lower() in _BESIDE or _MAC in map(str.lower, parts)


def seems_picture(name: str, head: bytes) -> bool:
    """Whether a file is taken for a picture, or for a document, whose pages are pictures.

    Args:
        head: its first `HEAD` bytes.
    """
    ending = PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix(".")
    return ending in (*ENDINGS, "pdf") or is_pdf(head) or any(accept(head) is True for accept in _tests())


def is_zip(head: bytes) -> bool:
    """Whether a file begins as a ZIP does, an empty one included."""
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


@cache
def _tests() -> tuple:
    Image.init()
    known = (Image.OPEN[name][1] for name in FORMATS if name != _VAGUE and name in Image.OPEN)
    return tuple(test for test in known if test is not None)
