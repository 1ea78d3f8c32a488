"""A JSON file of annotations, however large: each element of its lists is found once, and read again when it is needed.

Held at once are the file's characters while it is opened, one byte each, and afterwards what its reader keeps of the
elements: where they lie. A file of 100 MB takes 100 MB while it is opened.
"""

import hashlib
import json
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import InputError

MOST_BYTES = 2**30

_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_UTF8_MARK = b"\xef\xbb\xbf"

Span = tuple[int, int]
"""Where an element lies in its file: its first byte, and one past its last one."""


@dataclass(frozen=True)
class Element:
    """One element of a list at the top of a file, or a value there that is no list.

    Attributes:
        key: the list's name; "" where the file itself is the list.
        span: None of what is no element of a list.
    """

    key: str
    value: Any
    span: Span | None


@dataclass(frozen=True)
class AnnotationFile:
    """A JSON file.

    Attributes:
        digest: sha256 of its bytes, hex.
    """

    path: Path
    digest: str

    def read(self, span: Span) -> Any:
        """An element that was found before.

        Raises:
            InputError: the file has been changed since.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(span[0])
                return json.loads(file.read(span[1] - span[0]))
        except (OSError, ValueError, RecursionError):
            raise InputError(self._changed) from None

    def read_record(self, span: Span) -> dict[str, Any]:
        """An element that was found to be an object.

        Raises:
            InputError: the file has been changed since.
        """
        record = self.read(span)
        if not isinstance(record, dict):
            raise InputError(self._changed)
        return record

    @property
    def _changed(self) -> str:
        return f"{self.path.name} was changed or taken away while it was being read."


def opened(path: Path) -> tuple[AnnotationFile, Iterator[Element]]:
    """A file, and all that lies at its top, one after the other.

    Raises:
        InputError: it cannot be read or is too large; while it is gone through: it is no whole JSON, with the line.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(f"{path.name} has {size / 2**30:.1f} GB; at most {MOST_BYTES // 2**30} GB can be read.")
        if not size:
            raise InputError(f"{path.name} is empty.")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            digest = hashlib.sha256(data).hexdigest()
            is_marked = data[:3] == _UTF8_MARK
            # A byte a character, whatever it stands for: positions are those of the file, in as little memory.
            text = str(data, "latin-1")
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or 'there is no such file'}.") from None
    return AnnotationFile(path, digest), _elements(path.name, text, len(_UTF8_MARK) if is_marked else 0)


def _elements(name: str, text: str, start: int) -> Iterator[Element]:
    position = _after_blanks(text, start)
    try:
        if text[position : position + 1] == "[":
            position = yield from _list("", text, position)
        elif text[position : position + 1] == "{":
            position = yield from _object(text, position)
        else:
            raise json.JSONDecodeError("Expecting a list or an object", text, position)
        if position != len(text):
            raise json.JSONDecodeError("Extra data", text, position)
    except json.JSONDecodeError as error:
        raise InputError(f"{name} is no whole JSON. {error.msg}: line {error.lineno}, column {error.colno}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{name} is not written in UTF-8. Save it anew.") from None
    except (ValueError, RecursionError):  # a number of too many digits; nested too deeply
        raise InputError(f"{name} holds numbers that are too long, or is nested too deeply.") from None


def _object(text: str, position: int) -> Iterator[Element]:
    position = _after_blanks(text, position + 1)
    while text[position : position + 1] != "}":
        key, position = _value(text, position)
        if not isinstance(key, str):
            raise json.JSONDecodeError("Expecting a name in double quotes", text, position)
        position = _after(":", text, position)
        if text[position : position + 1] == "[":
            position = yield from _list(key, text, position)
        else:
            value, position = _value(text, position)
            yield Element(key, value, None)
        position = _after_one(text, position, "}")
    return _after_blanks(text, position + 1)


def _list(key: str, text: str, position: int) -> Iterator[Element]:
    position = _after_blanks(text, position + 1)
    while text[position : position + 1] != "]":
        value, stop = _value(text, position)
        yield Element(key, value, (position, stop))
        position = _after_one(text, stop, "]")
    return _after_blanks(text, position + 1)


def _value(text: str, position: int) -> tuple[Any, int]:
    value, stop = _DECODER.raw_decode(text, position)
    # Characters beyond ASCII were read as single bytes.
    whole = text[position:stop]
    return (value if whole.isascii() else json.loads(whole.encode("latin-1"))), stop


def _after_one(text: str, position: int, end: str) -> int:
    """Past the comma behind an element, or at the end of the list."""
    position = _after_blanks(text, position)
    if text[position : position + 1] == end:
        return position
    position = _after(",", text, position)
    if text[position : position + 1] == end:
        raise json.JSONDecodeError("Expecting another element after the comma", text, position)
    return position


def _after(character: str, text: str, position: int) -> int:
    position = _after_blanks(text, position)
    if text[position : position + 1] != character:
        raise json.JSONDecodeError(f"Expecting {character!r}", text, position)
    return _after_blanks(text, position + 1)


def _after_blanks(text: str, position: int) -> int:
    return _BLANK.match(text, position).end()


def is_number(value: object) -> bool:
    """Whether a value is a finite number, of a size that pixels are counted in."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def is_text(value: object) -> bool:
    """Whether a value is a text that says something, and holds no half of a character (a lone surrogate)."""
    return isinstance(value, str) and bool(value.strip()) and not any("\ud800" <= one <= "\udfff" for one in value)
