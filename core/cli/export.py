"""`python -m core export RESULT.npz --to coco`: results that were written before, as a data set of another program."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.analysis.location import HOT
from core.cli import picture_files
from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import FAILED, SOME_FAILED, ended, failed, say
from core.errors import ImageError, InputError, shown
from core.export.npz_reader import from_npz
from core.export.others.datasets import PROGRAMS, dataset_files
from core.export.others.entries import Entry, Threshold
from core.export.others.label_studio import LOCAL_FILES
from core.inputs.brightness import Brightness
from core.inputs.pictures import load_picture
from core.schema import ExplainResult

RESULT = "result.npz"
Pictures = dict[str, tuple[Path, str, tuple[int, int]]]
"""Digest -> file, the name by which others find it, and (width, height)."""


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = CommandParser(
        prog="python -m core export",
        description="Writes results as one data set of another program: hot regions of the map that was asked for, and "
        "boxes of the answer, all of them predictions. What is wrong with one result costs that one alone; the exit "
        f"code is then {SOME_FAILED}.",
    )
    parser.add_argument("results", nargs="+", metavar="RESULT", help=f"{RESULT}, or a folder in which such files lie")
    parser.add_argument("--to", required=True, choices=list(PROGRAMS), help="which program reads it")
    parser.add_argument("--output_dir", "--output-dir", "--output", default="export", help="where files go")
    parser.add_argument(
        "--pictures",
        nargs="+",
        default=[],
        metavar="FILE",
        help="the pictures of the results, or their folders: they are found by their pixels, and called by their paths "
        "below such a folder; without them a picture is called by its digest",
    )
    parser.add_argument("--threshold", type=float, default=HOT, help="share of a map's maximum that a hot cell has")
    parser.add_argument(
        "--top_share", "--top-share", type=float, metavar="SHARE", help="instead, the share of all cells that is hot"
    )
    parser.add_argument("--prefix", default=LOCAL_FILES, help="for Label Studio: how a picture's address begins")
    picture_files.add_brightness(parser)
    parser.add_argument("--json", action="store_true", help="print what was written as JSON, and nothing else")
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit code."""
    options = build_parser().parse_args(arguments)
    return ended(lambda: _run(options), options.output_dir, options.json)


def _run(options: argparse.Namespace) -> int:
    threshold = Threshold(options.threshold, options.top_share)
    pictures = _read_pictures(options.pictures, Brightness.parse(options.brightness))
    entries: list[Entry] = []
    missed, paths = 0, [path for name in options.results for path in _below(Path(name))]
    for path in paths:
        try:
            entries += _entries(path, pictures, options.to)
        except InputError as error:
            missed += failed(f"{path}: {error}", options.json, result=str(path)) > 0
    if not entries:
        return FAILED
    files = dataset_files(options.to, entries, threshold, options.prefix)
    folder = Path(options.output_dir)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    told = {"results": len(paths) - missed, "pictures": len({entry.name for entry in entries})}
    if options.json:
        say({**told, "folder": str(folder), "files": [str(folder / name) for name in files]})
    else:
        counted = ", ".join(f"{count:,} {what if count > 1 else what[:-1]}" for what, count in told.items())
        print(f"{counted} for {PROGRAMS[options.to]}. Files are in {folder}")
    return SOME_FAILED if missed else 0


def _below(path: Path) -> list[Path]:
    return sorted(path.rglob(RESULT)) or [path / RESULT] if path.is_dir() else [path]


def _read_pictures(names: Sequence[str], brightness: Brightness) -> Pictures:
    """The pictures, by their digests; in folders, what is no picture is passed over."""
    found: Pictures = {}
    for name in names:
        path = Path(name)
        for file in _files(path) if path.is_dir() else [path]:
            try:
                picture = load_picture(file, brightness)
            except ImageError as error:
                if path.is_dir():
                    continue
                raise (error if path.name in str(error) else ImageError(f"{path.name}: {error}")) from None
            called = file.relative_to(path).as_posix() if path.is_dir() else file.name
            found.setdefault(picture.digest, (file, called, picture.size))
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _entries(path: Path, pictures: Pictures, program: str) -> list[Entry]:
    """One for each picture of a result."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"It cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    result = from_npz(data)
    return [_entry(each, pictures, program) for each in result.pictures or (result,)]


def _entry(result: ExplainResult, pictures: Pictures, program: str) -> Entry:
    digest = result.request.image
    if digest in pictures:
        file, name, size = pictures[digest]
        return Entry(result, str(file.resolve()) if program == "fiftyone" else name, size)
    if pictures:
        raise InputError("Its picture is not among those that were named with --pictures.")
    if result.seen is None:
        raise InputError("It does not say how large its picture is. Name its picture with --pictures.")
    print(f"The picture {shown(digest[:16])} is called by its digest; --pictures finds its file.", file=sys.stderr)
    return Entry(result, f"{digest[:16]}.png", result.seen.size)
