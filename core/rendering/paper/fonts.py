"""Which fonts a figure's text is written in: DejaVu Sans, and for what it lacks, fonts that the system has.

DejaVu comes with matplotlib and has Latin, Greek, Cyrillic, Arabic and many signs. Chinese, Japanese and Korean
characters need a font of the system. A character that no font has is refused with a sentence: an empty box in a paper
would be seen by its readers first.
"""

import functools
import hashlib
import os
import string
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FaceFlags, FT2Font
from matplotlib.textpath import text_to_path

from core.errors import InputError
from core.rendering.fonts import CJK_FONTS
from core.rendering.paper.small_fonts import small_font
from core.schema.words import has_cjk
from core.temporary import own_folder

BASE = "DejaVu Sans"
POINT = 25.4 / 72
"""Millimetres."""
MOST_FONTS = 512
"""Font files whose characters are remembered."""
_COLOURED = FaceFlags.COLOR | FaceFlags.SBIX | FaceFlags.SVG
"""Fonts of pictures, as of emoji: their characters have no outline that could be drawn."""
_SAID = 5
_SETTINGS = {
    "font.family": [BASE],
    "text.parse_math": False,  # dollars in a prompt are dollars
    "image.composite_image": False,  # else several pictures become one, at the figure's resolution
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "figure",
}

_drawing = threading.RLock()
"""matplotlib's settings and list of fonts are the whole process's."""


@dataclass(frozen=True)
class Face:
    """One font of a file.

    Attributes:
        path, number: its file, and which of its fonts, from 0.
        name: what its maker calls it.
        family: what it is called while a figure is drawn.
        characters: those of the figure that it is for.
    """

    path: str
    number: int
    name: str
    family: str
    characters: frozenset[str]


@dataclass(frozen=True)
class Font:
    """What a figure's text is written in.

    Attributes:
        faces: in the order in which a character is looked for.
    """

    faces: tuple[Face, ...]

    def of_size(self, size: float) -> FontProperties:
        """For matplotlib, in points."""
        return FontProperties(family=[face.family for face in self.faces], size=size)

    def length(self, text: str, size: float) -> float:
        """How wide a text is, in millimetres."""
        return text_to_path.get_text_width_height_descent(text, self.of_size(size), ismath=False)[0] * POINT


@contextmanager
def writing(text: str) -> Iterator[Font]:
    """Within it a figure can be drawn whose text has no characters but these; one figure at a time.

    Raises:
        InputError: no font here has one of them.
    """
    faces = _faces(text)
    base, *others = faces
    with _drawing, matplotlib.rc_context():
        matplotlib.rcdefaults()  # nobody's matplotlibrc changes a figure
        matplotlib.rcParams.update(_SETTINGS)
        with _added(others):
            yield Font(faces)


def why_not(text: str) -> str:
    """The sentence that says which characters no font here has; "" where there is one for each."""
    try:
        _faces(text)
    except InputError as error:
        return str(error)
    return ""


def _faces(text: str) -> tuple[Face, ...]:
    wanted = frozenset(character for character in text if _is_drawn(character))
    path = str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))
    held = _held(path, 0, wanted)
    # What is drawn besides the text, such as the numbers of an axis, is of this font.
    faces, left = [Face(path, 0, BASE, BASE, held | _always())], wanted - held
    for path in _other_files(has_cjk("".join(left))) if left else ():
        with suppress(OSError):  # a link to nothing, or a file that only others may read
            for number, name in _fonts_in(path, os.stat(path).st_mtime_ns):
                if here := _held(path, number, left):
                    # A name of its own: matplotlib chooses fonts by name, and remembers what it chose.
                    unique = hashlib.sha256("".join([path, str(number), *sorted(here)]).encode()).hexdigest()[:16]
                    faces.append(Face(path, number, name, f"Figure {unique}", here))
                    left -= here
        if not left:
            break
    if left:
        raise InputError(_missing(sorted(left)))
    return tuple(faces)


def _always() -> frozenset[str]:
    return frozenset(string.ascii_letters + string.digits + " .,+-/−…")


def _missing(characters: list[str]) -> str:
    named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters[:_SAID])
    named += ", …" if len(characters) > _SAID else ""
    if has_cjk("".join(characters)):
        return (
            f"No font on this machine has the characters {named}. Install one, such as Noto Sans CJK (on Debian: apt "
            "install fonts-noto-cjk), or draw the figure without prompt and answer."
        )
    return (
        f"No font on this machine has the characters {named}. Install one that does, or draw the figure without prompt "
        "and answer."
    )


def _is_drawn(character: str) -> bool:
    """Whether a character has a shape; blanks, joiners and selectors of variants have none."""
    return not character.isspace() and unicodedata.category(character) != "Cf" and not "\ufe00" <= character <= "\ufe0f"


def _held(path: str, number: int, wanted: frozenset[str]) -> frozenset[str]:
    known = _characters(path, number, os.stat(path).st_mtime_ns)
    return frozenset(each for each in wanted if _is_among(ord(each), known))


def _is_among(code: int, known: np.ndarray) -> bool:
    at = int(np.searchsorted(known, code))
    return at < len(known) and int(known[at]) == code


def _other_files(cjk: bool) -> list[str]:
    """Font files of the system and of matplotlib, those first that are likeliest to be good."""
    places = [str(path) for path in Path(matplotlib.get_data_path(), "fonts", "ttf").glob("*.ttf")]
    # Asked anew, for matplotlib's own list is of when it was first used: whoever installs a font need not know that.
    files = {path for path in (*font_manager.findSystemFonts(), *places) if not _is_odd(Path(path).name)}
    ranks = {name: rank for rank, name in enumerate(CJK_FONTS if cjk else ())}
    return sorted(files, key=lambda path: (ranks.get(Path(path).name, len(ranks)), _is_special(path), path))


def _is_odd(name: str) -> bool:
    """Whether its characters are not what Unicode says, or boxes in their place."""
    return name.startswith(("LastResort", "STIXNonUni", "STIXSiz", "cm"))


def _is_special(path: str) -> bool:
    """Whether it is no upright font of ordinary weight, to judge by its name."""
    return any(word in Path(path).name for word in ("Bold", "Italic", "Oblique", "Light", "Thin", "Black", "Mono"))


@functools.lru_cache(MOST_FONTS)
def _fonts_in(path: str, _changed: int) -> tuple[tuple[int, str], ...]:
    """(number, name) of the fonts in a file that have outlines; simplified Chinese shapes first."""
    found = []
    with suppress(RuntimeError, OSError):  # what is no font after all
        first = FT2Font(path)
        for number in range(first.num_faces):
            font = FT2Font(path, face_index=number) if number else first
            if FaceFlags.SCALABLE in font.face_flags and FaceFlags.SFNT in font.face_flags:
                if not font.face_flags & _COLOURED:
                    found.append((number, font.family_name))
    return tuple(sorted(found, key=lambda font: ("SC" not in font[1].split(), font[0])))


@functools.lru_cache(MOST_FONTS)
def _characters(path: str, number: int, _changed: int) -> np.ndarray:
    """The numbers of all characters that a font has, ascending."""
    return np.array(sorted(FT2Font(path, face_index=number).get_charmap()), np.uint32)


@contextmanager
def _added(faces: list[Face]) -> Iterator[None]:
    """Within it matplotlib knows these fonts, each as a small TrueType file of its own."""
    files = []
    try:
        for face in faces:
            files.append(own_folder() / f"{face.family.replace(' ', '-')}.ttf")
            files[-1].write_bytes(small_font(face.path, face.number, face.characters, face.family))
            fontManager.addfont(files[-1])
        yield
    finally:
        gone = {str(file) for file in files}
        fontManager.ttflist = [font for font in fontManager.ttflist if font.fname not in gone]
        for file in files:
            file.unlink(missing_ok=True)
