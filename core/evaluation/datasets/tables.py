"""A CSV of one's own: picture, prompt, phrase, mask or box, sentence; a line a row."""

import csv
import io
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.errors import InputError, shown
from core.evaluation.datasets import masks
from core.evaluation.datasets.annotation_file import is_number
from core.evaluation.datasets.case import Box, Case, Skipped
from core.evaluation.datasets.mask_files import mask_in
from core.evaluation.datasets.placement import Placement, within
from core.evaluation.datasets.rows import PictureRows, Reader, RowsByPicture

COLUMNS = ("picture", "prompt", "phrase", "mask", "box", "sentence", "category")
NEEDED = ("picture",)
BETWEEN_PHRASES = "|"
MOST_BYTES = 256 * 2**20
MOST_IN_A_CELL = 131_072


class Line(NamedTuple):
    """A row: its number in the file, and its cells by column, without blanks around them."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, eq=False)
class TableReader:
    """Makes cases of lines.

    Attributes:
        folder: the CSV's own, from which masks are named.
        prompt: asked where a line has none.
    """

    folder: Path
    prompt: str | None

    def name(self, picture: PictureRows, row: Line) -> str:
        """For people: "line 12"."""
        del picture
        return f"line {row.number}"

    def case(self, picture: PictureRows, row: Line, path: Path, placement: Placement) -> Case:
        """
        Raises:
            InputError: the line has no prompt, neither mask nor box, or one that cannot be used.
        """
        cells = row.cells
        prompt = cells["prompt"] or self.prompt
        if not prompt:
            raise InputError("It has no prompt. Fill in the column, or say one for all.")
        box = _box(cells["box"])
        if cells["mask"]:
            file = within(self.folder, cells["mask"])
            if not file.is_file():
                raise InputError(f"Its mask {shown(cells['mask'])} is missing.")
            draw = partial(_mask, file)
        elif box:
            draw = partial(masks.of_box, box)
        else:
            raise InputError("It has neither a mask nor a box.")
        return Case(
            row=self.name(picture, row),
            picture=path,
            prompt=prompt,
            phrases=tuple(part.strip() for part in cells["phrase"].split(BETWEEN_PHRASES) if part.strip()),
            sentence=cells["sentence"] or None,
            category=cells["category"],
            region=placement.region(draw),
            box=box and placement.upright_box(box),
        )


def _mask(file: Path, size: tuple[int, int]) -> np.ndarray:
    """bool, of the PNG's own size, which is held against the picture's."""
    del size
    return mask_in(file)


def _box(text: str) -> Box | None:
    """Left, top, right, bottom in pixels of the stored picture; None where nothing is written."""
    if not text:
        return None
    try:
        left, top, right, bottom = (float(edge) for edge in text.replace(";", ",").strip("[]() ").split(","))
    except ValueError:
        raise InputError(f"A box is written as left, top, right, bottom in pixels, not {shown(text)}.") from None
    if not all(is_number(edge) for edge in (left, top, right, bottom)):
        raise InputError(f"A box is four finite numbers, not {shown(text)}.")
    return left, top, right, bottom


def rows_of_table(path: Path, folder: Path, prompt: str | None) -> RowsByPicture:
    """The rows of a CSV file in UTF-8, those of a picture after each other.

    Args:
        folder: from which pictures are named.
        prompt: asked where a line has none.

    Raises:
        InputError: it cannot be read, or has no column of pictures.
    """
    lines = csv.reader(io.StringIO(text := _text(path), newline=""), delimiter=_delimiter(text), strict=True)
    pictures: dict[str, list[Line]] = {}
    skipped = []
    try:
        header = [name.strip().casefold() for name in next(lines, [])]
        _check_header(path, header)
        for cells in lines:
            if any(len(cell) > MOST_IN_A_CELL for cell in cells):  # Python's own limit is the whole process's
                raise csv.Error(f"a cell has more than {MOST_IN_A_CELL:,} characters")
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                why = f"It has {len(cells)} cells for {len(header)} columns. Quote cells that hold commas."
                skipped.append(Skipped(f"line {lines.line_num}", why))
                continue
            said = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
            line = Line(lines.line_num, {name: said.get(name, "") for name in COLUMNS})
            pictures.setdefault(line.cells["picture"], []).append(line)
    except csv.Error as error:
        raise InputError(f"{path.name} is no whole CSV: line {lines.line_num}: {error}.") from None
    reader = TableReader(path.parent, prompt)
    by_picture = [PictureRows(file, tuple(rows)) for file, rows in pictures.items()]
    return RowsByPicture(Reader(reader.name, reader.case), folder, by_picture, tuple(skipped))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(min(path.stat().st_size, MOST_BYTES) + 1)
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror or 'there is no such file'}.") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path.name} is larger than {MOST_BYTES // 2**20} MB, the most that a table may have.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path.name} is not written in UTF-8: line {line}. Save it as CSV UTF-8.") from None


def _delimiter(text: str) -> str:
    """What divides the names of the first line: a comma, a semicolon or a tab."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _check_header(path: Path, header: list[str]) -> None:
    if missing := [name for name in NEEDED if name not in header]:
        raise InputError(
            f"{path.name} has no column {missing[0]!r}. Its first line names the columns: {', '.join(COLUMNS)}."
        )
    if doubled := next((name for name in COLUMNS if header.count(name) > 1), None):
        raise InputError(f"{path.name} has two columns {doubled!r}.")
