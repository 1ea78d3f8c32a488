"""A record is the same after it was columns of a row."""

import sqlite3
from dataclasses import fields

import pytest

from cache.runs import record
from cache.runs.record import PEOPLES, RunRecord, from_columns, to_columns
from tests.cache.samples import make_run


def there_and_back(run):
    values, details = to_columns(run)
    columns = {"id": 7, "stored": run.stored, "stored_since": None, **values, **details}
    with sqlite3.connect(":memory:") as connection:
        connection.row_factory = sqlite3.Row
        names = ", ".join(f":{name} AS {name}" for name in columns)
        return from_columns(connection.execute(f"SELECT {names}", columns).fetchone())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"tags": ("a", "圆"), "rating": 4, "pinned": True, "note": "odd", "title": "t", "region": "0,0;1,1"},
        {"picture_names": ("a.png", "b & c.png"), "picture_name": "a.png, b & c.png"},
        {"video_seconds": 12.5, "steps": 8},
        {"who": "ada", "private_to": "ada", "deleted": 5.0, "stored": 300},
    ],
)
def test_a_record_is_read_as_it_was_written(changes):
    run = make_run(**changes)
    assert there_and_back(run) == run


def test_a_record_is_named_by_its_run_and_its_owner():
    public, private = make_run(), make_run(private_to="ada@example.org")
    assert public.record_id == public.run_id
    assert private.record_id == f"{public.run_id}/ada@example.org"
    assert to_columns(private)[0]["run_id"] == private.record_id


def test_sizes_are_not_written_with_a_record_and_details_stand_apart():
    values, details = to_columns(make_run(stored=300))
    assert "stored" not in values and set(details) == {
        *("request", "thumbnail", "picture_names", "video_seconds", "steps")
    }
    assert not set(details) & set(values) and set(PEOPLES) <= set(values)


def test_text_that_sqlite_does_not_take_is_replaced():
    values, details = to_columns(make_run(prompt="a\0b", picture_names=("\ud83d",)))
    assert values["prompt"] == "a\ufffdb" and details["picture_names"] == '["?"]'


def test_the_only_picture_has_the_records_name():
    assert make_run(picture_name="a.png").names == ("a.png",)
    assert make_run(picture_name="a.png, b.png", picture_names=("a.png", "b.png")).names == ("a.png", "b.png")


def test_every_column_says_what_it_can_hold():
    """One that does not is left out of what is read."""
    assert set(record._KINDS) == {each.name for each in fields(RunRecord)}
