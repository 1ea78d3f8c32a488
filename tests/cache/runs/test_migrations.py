"""Files of the history that older versions wrote keep every row."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict, replace

import pytest

from cache import Change, RunHistory, StoreError
from cache.runs import migrations as run_table
from cache.runs.ngrams import ngrams
from cache.runs.record import to_columns
from core.schema.target import Target
from tests.cache.samples import make_request, make_run, total


def test_an_older_file_is_migrated_and_keeps_its_rows(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    history = RunHistory(path)
    history.record(make_run())
    history.close()
    added = ("ALTER TABLE runs ADD COLUMN mood TEXT NOT NULL DEFAULT ''",)
    monkeypatch.setattr(run_table, "MIGRATIONS", (*run_table.MIGRATIONS, added))
    run_table.open_runs(path, 1).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT run_id, mood FROM runs").fetchall() == [(make_run().run_id, "")]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(run_table.MIGRATIONS),)


FIRST_COLUMNS = (
    "run_id created updated image picture_name prompt answer model_name request method num_samples duration thumbnail"
).split()


def test_a_file_of_the_first_version_tells_noise_and_target_from_its_requests(tmp_path):
    """The rows are written with the first version's own statements, as a server of that time left them."""
    path = tmp_path / "runs.db"
    asked = [
        make_request(noise_std=0.4, target=Target.words("left", 2)),
        make_request(noise_std=0.0),
        make_request(seed=7),
    ]
    runs = [make_run(number, request=request.to_dict()) for number, request in enumerate(asked)]
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in run_table.MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        for number, run in enumerate(runs):
            request = {**run.request, "target": {"kind": "of another version"}} if number == 2 else run.request
            values = {**asdict(run), "request": json.dumps(request)}
            slots = ", ".join(f":{name}" for name in FIRST_COLUMNS)
            row = {name: values[name] for name in FIRST_COLUMNS}
            connection.execute(f"INSERT INTO runs ({', '.join(FIRST_COLUMNS)}) VALUES ({slots})", row)
    path.parent.chmod(0o700)
    history = RunHistory(path)
    first, second, third = (history.get(run.run_id) for run in runs)
    assert (first.noise_std, first.target, first.computed_samples) == (0.4, Target.words("left", 2).describe(), 0)
    assert (second.noise_std, second.target) == (0.0, Target.answer().describe())
    assert (third.noise_std, third.target) == (0.15, "")  # this version does not read it, and says nothing
    assert history.count("circle") == 3
    history.close()


SECOND_COLUMNS = (*FIRST_COLUMNS, "noise_std", "target", "computed_samples")


def test_a_file_of_the_second_version_keeps_every_row_and_is_found_by_the_same_words(tmp_path):
    path = tmp_path / "runs.db"
    runs = [
        make_run(0, noise_std=0.4, target="the whole answer", computed_samples=7),
        make_run(1, prompt="红色的圆形在哪里?", answer="", thumbnail=bytes(9_000)),
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("explained", 1, lambda request: "")
        for statement in (*run_table.MIGRATIONS[0], *run_table.MIGRATIONS[1]):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 2")
        for run in runs:
            values = {**asdict(run), "request": json.dumps(run.request)}
            slots = ", ".join(f":{name}" for name in SECOND_COLUMNS)
            row = {name: values[name] for name in SECOND_COLUMNS}
            connection.execute(f"INSERT INTO runs ({', '.join(SECOND_COLUMNS)}) VALUES ({slots})", row)
    path.parent.chmod(0o700)
    for _ in range(2):  # migrated once, opened twice
        history = RunHistory(path)
        assert history.recent(9) == [runs[1], runs[0]]
        assert (history.count("circle"), history.count("红色的圆形"), history.count("圆形"), history.count("left")) == (
            1,
            1,
            1,
            1,
        )
        assert history.overview.cost("embedded", runs[0].method).seconds == pytest.approx(2.5 / 7)
        history.close()
    history = RunHistory(path)
    history.write([runs[1].run_id], Change(note="seen", add_tags=("old",)))
    history.record(replace(runs[1], answer="in the middle"))
    assert history.get(runs[1].run_id) == replace(runs[1], answer="in the middle", note="seen", tags=("old",))
    assert history.count("seen") == history.count("middle") == total(history, tag="old") == 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO runs_text (runs_text, rank) VALUES ('integrity-check', 1)")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    history.close()


def test_a_failing_migration_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    RunHistory(path).close()
    broken = ("ALTER TABLE runs ADD COLUMN mood TEXT", "ALTER TABLE nowhere ADD COLUMN mood TEXT")
    with monkeypatch.context() as patch:
        patch.setattr(run_table, "MIGRATIONS", (*run_table.MIGRATIONS, broken))
        with pytest.raises(StoreError, match="nowhere"):
            run_table.open_runs(path, 1)
    history = RunHistory(path)
    history.record(make_run())
    assert history.get(make_run().run_id) == make_run()
    history.close()


def test_of_videos_that_were_recorded_before_the_steps_are_known_and_nothing_else_changes(tmp_path, monkeypatch):
    path, added = (
        tmp_path / "runs.db",
        next(version for version, statements in enumerate(run_table.MIGRATIONS) if "video_seconds" in str(statements)),
    )
    film = make_run(2, request={**make_run().request, "frames": 7})
    odd = [make_run(3, request={**make_run().request, "frames": "x"}), make_run(4)]
    with monkeypatch.context() as patch:
        patch.setattr(run_table, "MIGRATIONS", run_table.MIGRATIONS[:added])
        run_table.open_runs(path, 1).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("grams", -1, ngrams)
        for number, run in enumerate([make_run(), film, *odd], 1):
            values, details = to_columns(run)
            details = {name: details[name] for name in ("request", "thumbnail", "picture_names")}
            if number == 4:
                details["request"] = '{"frames": 7'
            for table, row in (("runs", {"id": number, **values}), ("run_details", {"id": number, **details})):
                slots = ", ".join(f":{name}" for name in row)
                connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({slots})", row)
    history = RunHistory(path)
    assert history.get(film.run_id) == replace(film, steps=4)
    assert history.get(make_run().run_id) == make_run() and history.get(odd[0].run_id) == odd[0]
    history.close()
