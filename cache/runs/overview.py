"""What pages ask of all runs together: what occurs among them, what was asked last, and what a noise sample takes."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Literal

from cache.files.sqlite import storable
from cache.runs.connection import HistoryConnection
from cache.runs.filters import Filter, Order
from cache.runs.record import RunRecord
from cache.runs.visibility import visible

_MODEL = "json_extract(request, '$.model')"


@dataclass(frozen=True)
class Choices:
    """What runs can be filtered by: every value that occurs, in the order of the alphabet."""

    models: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    who: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cost:
    """What a noise sample takes.

    Attributes:
        seconds: the median of some runs, the answer's share included.
        peak_bytes: the most memory that any of them took at once; 0 where that is not known.
    """

    seconds: float
    peak_bytes: int


class Overview:
    """Questions about all runs of a history; `viewer` is who looks, for whom others' private runs are not there.

    Raises:
        StoreError: in every method, when the file cannot be used.
    """

    def __init__(self, history: HistoryConnection) -> None:
        self._history = history

    def choices(self, viewer: str = "") -> Choices:
        """What runs outside the trash can be filtered by; of tags, everywhere."""
        viewer = storable(viewer)
        seen, values = visible(viewer)
        # Together, so that the index is looked through once.
        listed = (
            f"SELECT DISTINCT model_name, method, who FROM runs INDEXED BY runs_listed WHERE deleted IS NULL AND {seen}"
        )
        hidden = "SELECT id FROM runs WHERE private_to <> '' AND private_to <> ?"
        tagged = f"SELECT DISTINCT tag FROM run_tags WHERE run NOT IN ({hidden}) ORDER BY tag"

        def work_out(connection: sqlite3.Connection) -> Choices:
            rows = connection.execute(listed, values).fetchall()
            models, methods, who = (_texts(row[column] for row in rows) for column in range(3))
            return Choices(models, methods, _texts(row[0] for row in connection.execute(tagged, (viewer,))), who)

        return self._history.memoised(("choices", viewer), work_out)

    def owners(self) -> list[str]:
        """Everybody who has private runs."""
        with self._history.statements() as connection:
            rows = connection.execute("SELECT DISTINCT private_to FROM runs WHERE private_to <> '' ORDER BY private_to")
            return list(_texts(row["private_to"] for row in rows))

    def model_names(self) -> dict[str, str]:
        """Fingerprint -> how people know the model, by the latest run of each that was computed here."""
        sql = (
            f"SELECT {_of_json('request', _MODEL)} AS model, model_name, MAX(id) "
            "FROM runs JOIN run_details USING (id) WHERE private_to = '' AND origin = '' GROUP BY model"
        )
        with self._history.statements() as connection:
            found = {row["model"]: row["model_name"] for row in connection.execute(sql)}
        return {model: name for model, name in found.items() if isinstance(model, str) and isinstance(name, str)}

    def recent_prompts(self, limit: int, viewer: str = "") -> list[str]:
        """The prompts of the latest thousand runs, each once, latest first; at most `limit`."""
        return [run.prompt for run in self._latest_of_each("prompt", limit, viewer)]

    def recent_pictures(self, limit: int, viewer: str = "") -> list[RunRecord]:
        """The latest run of each picture among the latest thousand runs, latest first; at most `limit`."""
        return self._latest_of_each("image", limit, viewer)

    def cost(self, model_name: str, method: str, pictures: int = 1) -> Cost | None:
        """What noise samples took in the latest twenty runs that computed any; None where there is no such run.

        Args:
            pictures: of a prompt; runs with another number of them tell nothing, nor do those before the latest
                thousand.
        """
        latest = (
            "SELECT id, created, duration / computed_samples AS seconds, peak_bytes FROM runs "
            "WHERE model_name = ? AND method = ? AND computed_samples > 0 "
            "AND typeof(computed_samples) = 'integer' AND typeof(duration) IN ('real', 'integer') "
            "ORDER BY created DESC LIMIT 1000"
        )
        with self._history.statements() as connection:
            rows = connection.execute(
                f"SELECT seconds, peak_bytes FROM ({latest}) JOIN run_details USING (id) "
                f"WHERE MAX({_of_json('picture_names', 'json_array_length(picture_names)')}, 1) = ? "
                "AND typeof(peak_bytes) = 'integer' ORDER BY created DESC LIMIT 20",
                (model_name, method, pictures),
            ).fetchall()
        if not rows:
            return None
        return Cost(median(row["seconds"] for row in rows), max(row["peak_bytes"] for row in rows))

    def _latest_of_each(self, column: Literal["prompt", "image"], limit: int, viewer: str) -> list[RunRecord]:
        condition, values = Filter(viewer=viewer).condition()
        # Of each group SQLite takes the row that holds the maximum. A thousand rows are quickly looked
        # through, whatever the length of the history.
        ids = (
            "SELECT id FROM (SELECT id, MAX(rank) AS latest FROM "
            f"(SELECT id, {column}, ROW_NUMBER() OVER (ORDER BY created, id) AS rank FROM "
            f"(SELECT id, {column}, created FROM runs WHERE {condition} ORDER BY created DESC, id DESC "
            f"LIMIT 1000)) GROUP BY {column} ORDER BY latest DESC LIMIT ?)"
        )
        return self._history.read(f"id IN ({ids})", (*values, limit), Order())


def _of_json(column: str, expression: str) -> str:
    """SQL that is NULL where the column holds no JSON, which would end the whole query."""
    return f"CASE WHEN typeof({column}) = 'text' AND json_valid({column}) THEN {expression} END"


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    """Every text that is not empty, once, in the order of the alphabet; a damaged row may hold anything."""
    return tuple(sorted({value for value in values if isinstance(value, str)} - {""}))
