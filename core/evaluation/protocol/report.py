"""The report of a data set as a file: written whole, shared with a server, and read with distrust. No torch here."""

import json
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.evaluation.protocol.figures import MEASURES, REMOVAL, WORD_MEASURES
from core.export.strict_json import NotJson, read_json

FOLDER = "evaluations"
"""Of reports, in a server's data folder."""
LARGEST = 8 * 1024 * 1024
"""Bytes of a report that is read."""
_MOST_NAMES, _MOST_MAPS, _LONGEST = 100, 1_000, 300
_HEX = re.compile(r"[0-9a-f]{16,64}")
_ENDS = ("mean", "low", "high")


def write_report(report: dict[str, Any], file: Path) -> None:
    """Writes a report whole, or not at all, as JSON.

    Raises:
        OSError: the folder cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            json.dump(report, opened, indent=1, allow_nan=False)
        os.chmod(name, 0o644)
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def share_report(report: dict[str, Any], data_folder: Path) -> Path:
    """Puts a report where a server shows it: into `evaluations` in its data folder; returns the file.

    Equal data, model and plan replace what was there.

    Raises:
        InputError: that is no data folder.
        OSError: it cannot be written.
    """
    folder = check_data_folder(data_folder) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{report['model']['fingerprint'][:16]}-{report['key'][:16]}.json"
    write_report(report, file)
    return file


def check_data_folder(data_folder: Path) -> Path:
    """A server's data folder, as it was given.

    Raises:
        InputError: it is none.
    """
    if not (data_folder / "results").is_dir():
        raise InputError(
            f"{data_folder} is no server's data folder: there are no results in it. Give the folder that the server "
            "was started with."
        )
    return data_folder


def read_report(content: bytes) -> dict[str, Any]:
    """A report from the bytes of its file, with nothing in it but what pages show.

    Raises:
        InputError: it is none, or holds what `core.evaluation.protocol.summary` does not write.
    """
    if len(content) > LARGEST:
        raise InputError(f"The report is larger than {LARGEST // 2**20} MB.")
    try:
        return _report(read_json(content))
    except NotJson as error:
        raise InputError(f"The report cannot be read: {error}.") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError("The report cannot be read: it was written by another version, or by hand.") from None


def _report(told: dict[str, Any]) -> dict[str, Any]:
    data, model, counts = told["data"], told["model"], told["counts"]
    named = {name: _text(data[name]) for name in ("name", "kind")}
    if not _HEX.fullmatch(model["fingerprint"]) or not _HEX.fullmatch(told["key"]):
        raise ValueError("no fingerprint")
    return {
        "key": told["key"],
        "data": named,
        "model": {"name": _text(model["name"]), "fingerprint": model["fingerprint"]},
        "counts": {name: _whole(counts[name]) for name in ("rows", "measured", "pictures", "skipped", "unnamed")},
        "methods": _rows(told["methods"], MEASURES),
        "blind": _rows(told["blind"], MEASURES),
        "words": _rows(told["words"], WORD_MEASURES),
        "removal": {
            _text(name): {"cases": _whole(row["cases"])} | {kind: _numbers(row[kind]) for kind in REMOVAL}
            for name, row in _few(told["removal"]).items()
        },
    }


def _rows(rows: dict[str, Any], measures: dict[str, str]) -> dict[str, Any]:
    return {_text(name): _row(row, measures) for name, row in _few(rows).items()}


def _row(row: dict[str, Any], measures: dict[str, str]) -> dict[str, Any]:
    layers = [None if layer is None else _whole(layer) for layer in row["layers"]]
    if not 1 <= len(layers) <= _MOST_MAPS:
        raise ValueError("no maps, or too many")
    figures = {
        measure: {end: [_number(value) for value in _of_length(row[measure][end], len(layers))] for end in _ENDS}
        for measure in measures
    }
    return {"layers": layers, "cases": _whole(row["cases"]), **figures}


def _few(rows: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(rows, dict) or len(rows) > _MOST_NAMES:
        raise ValueError("too many")
    return rows


def _of_length(values: list[Any], length: int) -> list[Any]:
    if not isinstance(values, list) or len(values) != length:
        raise ValueError("another number of maps")
    return values


def _numbers(ends: dict[str, Any]) -> dict[str, float]:
    return {end: _number(ends[end]) for end in _ENDS}


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not -1 <= value <= 1.001:
        raise ValueError("no share")
    return float(value)


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("no number of things")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or len(value) > _LONGEST:
        raise ValueError("no short text")
    return value
