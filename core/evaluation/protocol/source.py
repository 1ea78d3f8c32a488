"""A data set by its path and options, so that every process can open it for itself, and sentences supplied for it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InputError
from core.evaluation.datasets.case import Case, DataSet, Rows, Skipped
from core.evaluation.datasets.opening import open_dataset
from core.export.strict_json import NotJson, read_json

LARGEST = 256 * 1024 * 1024
"""Bytes of a file of sentences."""


@dataclass(frozen=True)
class Source:
    """What `open_dataset` is given, and beside it a file of sentences.

    Attributes:
        path, prompt, pictures, synonyms, most, seed: as of `core.evaluation.datasets.opening.open_dataset`.
        sentences: a JSON file, {"name of a picture file": "what is explained in place of the model's answer"}.
    """

    path: Path
    prompt: str | None = None
    pictures: Path | None = None
    synonyms: Path | None = None
    most: int | None = None
    seed: int = 0
    sentences: Path | None = None

    def open(self) -> DataSet:
        """The data set.

        Raises:
            InputError: it cannot be read, or holds no row; the message says why.
        """
        data = open_dataset(
            self.path,
            prompt=self.prompt,
            pictures=self.pictures,
            synonyms=self.synonyms,
            most=self.most,
            seed=self.seed,
        )
        if self.sentences is None:
            return data
        content = _read(self.sentences)
        told = _sentences(content, self.sentences)
        digest = hashlib.sha256(f"{data.digest} {hashlib.sha256(content).hexdigest()}".encode()).hexdigest()
        return replace(data, digest=digest, rows=_WithSentences(data.rows, told))


@dataclass(frozen=True, eq=False)
class _WithSentences:
    """Rows whose pictures' sentences are supplied; a row that has one of its own, and no other is told, keeps it."""

    rows: Rows
    told: Mapping[str, str]

    def __iter__(self) -> Iterator[Case | Skipped]:
        for row in self.rows:
            has_one = isinstance(row, Case) and row.picture.name in self.told
            yield replace(row, sentence=self.told[row.picture.name]) if has_one else row

    def __len__(self) -> int:
        return len(self.rows)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise InputError(f"{file} is larger than {LARGEST // 2**20} MB: no file of sentences that can be read.")
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"The sentences in {file} cannot be read: {error.strerror}.") from error


def _sentences(content: bytes, file: Path) -> dict[str, str]:
    try:
        told = read_json(content)
    except NotJson as error:
        raise InputError(f"The sentences in {file} cannot be read: {error}.") from error
    if not isinstance(told, dict) or not all(isinstance(each, str) and each.strip() for each in told.values()):
        raise InputError(f'{file} must hold an object like {{"000001.jpg": "A dog on a sofa."}}, a sentence a picture.')
    return told
