"""A table of pictures and prompts, as people's spreadsheets write it -> its rows. No Streamlit here."""

import codecs
import csv
import io
from dataclasses import dataclass

from core import InputError, VideoError
from core.errors import shown
from core.export.tables import plain_cell
from core.inputs.videos.sampling import Sampling

PICTURE, PROMPT, PHRASE = "picture", "prompt", "phrase"
_SAMPLING = ("fps", "frames", "start", "end")
_DELIMITERS = (",", ";", "\t")
# A text that is too long costs its row, which says so, and not the table. The size of files has limits of its own.
csv.field_size_limit(2**31 - 1)
_COLUMNS = (
    "The table needs a first line that names its columns: picture and, unless one prompt is asked about all of "
    "them, prompt; phrase may be a third, and of videos fps, frames, start and end."
)


@dataclass(frozen=True)
class Pair:
    """A row of the table, not yet looked at any further.

    Attributes:
        number: from 1; the line with the columns' names does not count.
        picture, prompt, phrase: its cells; "" where it has none.
        problem: a sentence, where the row cannot be read.
        sampling: of a video, as its cells fps, frames, start and end say.
    """

    number: int
    picture: str
    prompt: str
    phrase: str = ""
    problem: str = ""
    sampling: Sampling = Sampling()


def read_pairs(data: bytes) -> list[Pair]:
    """The rows of a CSV file with the columns picture and prompt, and perhaps phrase, fps, frames, start and end (in
    seconds) of videos; other columns are left out.

    Commas, semicolons and tabs are understood, and UTF-8 and UTF-16 with or without Excel's mark. Apostrophes that a
    table of this program's has before what looks like a formula are taken away again.

    Raises:
        InputError: it is no such table; a sentence that says what to do.
    """
    lines = _decode(data).splitlines(keepends=True)
    if lines and lines[0].rstrip("\r\n").lower() in [f"sep={mark}" for mark in _DELIMITERS]:  # a line of Excel's own
        lines = lines[1:]
    while lines and not lines[0].strip():
        lines = lines[1:]
    if not lines:
        raise InputError(f"The table is empty. {_COLUMNS}")
    delimiter = next((mark for mark in _DELIMITERS if PICTURE in _names(lines[0], mark)), None)
    if delimiter is None:
        raise InputError(f"The table has no column picture. {_COLUMNS}")
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader)]
        double = [name for name in (PICTURE, PROMPT, PHRASE, *_SAMPLING) if header.count(name) > 1]
        if double:
            raise InputError(f"The table has several columns {double[0]}. Leave one of them.")
        rows = [cells for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise InputError(
            f"The table cannot be read at line {reader.line_num} ({error}). A quotation mark that opens a cell must "
            "close it, and one within a cell is written twice."
        ) from None
    if not rows:
        raise InputError("The table has no rows below the names of its columns.")
    return [_pair(number, header, cells) for number, cells in enumerate(rows, 1)]


def _pair(number: int, header: list[str], cells: list[str]) -> Pair:
    cell = dict(zip(header, (plain_cell(text).strip() for text in cells), strict=False))
    problem = ""
    if len(cells) > len(header) and any(text.strip() for text in cells[len(header) :]):
        problem = (
            f"The row has {len(cells)} cells under {len(header)} columns. Put a text that holds the separator into "
            "quotation marks."
        )
    sampling = Sampling()
    try:
        sampling = _sampling(cell)
    except VideoError as error:
        problem = problem or str(error)
    return Pair(number, cell.get(PICTURE, ""), cell.get(PROMPT, ""), cell.get(PHRASE, ""), problem, sampling)


def _sampling(cell: dict[str, str]) -> Sampling:
    """
    Raises:
        VideoError: a cell holds no number, or one that cannot be used.
    """
    said: dict[str, float | int] = {}
    for name in _SAMPLING:
        if text := cell.get(name, ""):
            try:
                said[name] = int(text) if name == "frames" else float(text.replace(",", "."))
            except ValueError:
                number = "a whole number" if name == "frames" else "a number"
                raise VideoError(f"The column {name} holds {shown(text)}, which is not {number}.") from None
    return Sampling(said.get("fps"), said.get("frames"), said.get("start"), said.get("end"))


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        return []


def _decode(data: bytes) -> str:
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("The table is not in UTF-8. Save it again, in Excel as “CSV UTF-8”.") from None
    if "\0" in text:
        raise InputError("The table is no text. Save it as CSV; a spreadsheet's own file cannot be read.")
    return text
