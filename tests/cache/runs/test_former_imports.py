"""Rows of imports from before there were origins: what the history notes of them, and their names of then and now."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from cache import Filter, Order, RunHistory, run_id
from cache.runs import migrations
from tests.cache import samples
from tests.cache.samples import make_request


def make_run(request, **changes):
    values = {"run_id": run_id(request), "request": request.to_dict(), "prompt": request.prompt}
    return samples.make_run(**values, **changes)


BEFORE = next(version for version, all_of_it in enumerate(migrations.MIGRATIONS) if "former_imports" in str(all_of_it))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history" / "runs.sqlite"


def rows_before(path, rows, monkeypatch):
    """A history of the version before, with rows of these columns."""
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:BEFORE])
        migrations.open_runs(path, 5.0).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, function in (("grams", lambda *texts: ""), ("explained", lambda text: "")):
            connection.create_function(name, -1, function)
        for number, changes in enumerate(rows, 1):
            values = {
                **{
                    "id": number,
                    "run_id": f"{number:016x}",
                    "created": 10.0,
                    "updated": 10.0,
                    "image": "",
                    "tags": "[]",
                },
                **{"picture_name": "", "model_name": "m", "method": "combined", "num_samples": 1, "duration": 1.0},
                **{"prompt": "?", "answer": "!", "computed_samples": 1},
                **changes,
            }
            names = ", ".join(values)
            slots = ", ".join(f":{name}" for name in values)
            connection.execute(f"INSERT INTO runs ({names}) VALUES ({slots})", values)
            request = changes.get("request", '{"model": "0123456789abcdef"}')
            connection.execute("INSERT INTO run_details (id, request, thumbnail) VALUES (?, ?, '')", (number, request))


ROWS = [
    ({}, None),
    ({"computed_samples": 0}, None),
    ({"tags": '["imported"]', "computed_samples": 0, "updated": 20.0}, ("imported", 20.0)),
    ({"tags": '["imported", "x"]', "computed_samples": 0}, ("imported", 10.0)),
    ({"tags": '["imported"]'}, ("doubtful", 0.0)),
    ({"computed_samples": 0, "updated": 20.0}, ("imported", 20.0)),
    ({"computed_samples": 0, "model_name": "model 0123456789ab"}, ("imported", 10.0)),
    ({"computed_samples": 0, "deleted": 5.0, "tags": '["imported"]'}, ("imported", 10.0)),
    ({"tags": '["important"]', "computed_samples": 0}, None),
]


def test_which_rows_are_noted_as_imported(path, monkeypatch):
    # Of the details, only the columns of their first version are written.
    rows = [{name: value for name, value in changes.items() if name != "request"} for changes, _ in ROWS]
    rows_before(path, rows, monkeypatch)
    history = RunHistory(path)
    found = {each.row: (each.kind, each.since) for each in history.former_imports.pending()}
    assert found == {number: told for number, (_, told) in enumerate(ROWS, 1) if told is not None}
    history.close()


def test_a_row_that_cannot_be_read_stops_no_migration(path, monkeypatch):
    rows_before(path, [{"computed_samples": 0, "model_name": "model x"}], monkeypatch)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE run_details SET request = '{broken'")
    history = RunHistory(path)
    assert history.former_imports.pending() == []
    history.close()


def test_a_settled_row_has_its_origin_and_is_found_by_both_names(path):
    history = RunHistory(path)
    request = make_request()
    history.record(make_run(request, tags=("mine",), note="kept"))
    with history.connection.transaction() as connection:
        connection.execute("INSERT INTO former_imports VALUES (1, 'imported', 5)")
    (each,) = history.former_imports.pending()
    moved = replace(request, origin="a" * 64)
    history.former_imports.settle(each, moved)
    history.former_imports.settle(each, replace(request, origin="b" * 64))  # as another process would
    record = history.get(run_id(moved))
    assert (record.origin, record.note, record.tags) == ("a" * 64, "kept", ("mine",))
    assert history.get(run_id(request)) is None
    assert history.former_imports.todays_name(run_id(request)) == run_id(moved)
    assert history.former_imports.todays_name("0" * 16) is None
    history.former_imports.forget([each])
    assert history.former_imports.pending() == []
    history.close()


def test_what_was_imported_is_found_by_a_filter_and_names_no_model(path):
    history = RunHistory(path)
    own, imported = make_request(), make_request(prompt="imported?", model="x" * 64, origin="a" * 64)
    for request in (own, imported):
        history.record(make_run(request, model_name="as it says"))
    for asked, request in ((False, own), (True, imported)):
        (found,) = history.find(Filter(imported=asked), Order(), 9).runs
        assert found.run_id == run_id(request) and bool(found.origin) == asked
    assert list(history.overview.model_names()) == [own.model]
    history.close()
