"""Damaged histories: every page that is lost costs its own rows alone, and nothing comes back that was deleted."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from cache import Change, RunHistory
from cache.files.pages import Pages
from cache.runs.recovery import Recovered, recover
from cache.runs.salvage import salvage
from tests.cache.damage import damage
from tests.cache.samples import make_run

RUNS = 120
PAGE = 4096


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A history in which every fifth run bears what people write, some are private, and some were deleted for good."""
    path = tmp_path_factory.mktemp("sound") / "history" / "runs.db"
    history = RunHistory(path)
    for number in range(RUNS):
        owner = "ada" if number % 7 == 0 else ""
        history.record(
            make_run(number, who="ada", private_to=owner, thumbnail=bytes(2000 + number), answer=f"a{number}")
        )
    for run in history.recent(RUNS, viewer="ada")[::5]:
        history.write(
            [run.record_id], Change(title="kept", note=f"n {run.run_id}", rating=3, add_tags=("t", "ü"), pinned=True)
        )
    trashed = [history.recent(RUNS, viewer="ada")[number].record_id for number in (1, 2, 3)]
    history.write(trashed, Change(trash=True))
    for number in range(20, 30):
        history.delete(make_run(number, private_to="ada" if number % 7 == 0 else "").record_id)
    runs = {run.record_id: run for run in everything(history)}
    history.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes(), runs


def everything(history):
    return history.connection.read("1", ())


def recovered(tmp_path, data, before=()):
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(data)
    history = RunHistory(tmp_path / "history" / "runs.db")
    for run in before:
        history.record(run)
    return history, recover(history, damaged)


def comparable(run):
    return replace(run, stored=None)


def test_a_sound_file_comes_back_whole_and_once(tmp_path, sound):
    data, runs = sound
    history, found = recovered(tmp_path, data)
    assert found == Recovered(salvaged=len(runs))
    assert {run.record_id: comparable(run) for run in everything(history)} == runs
    assert recover(history, tmp_path / "damaged.sqlite") == Recovered(present=len(runs))
    assert (tmp_path / "damaged.sqlite").read_bytes() == data
    history.close()


def test_what_is_there_already_is_newer_and_stays(tmp_path, sound):
    data, runs = sound
    newer = make_run(50, note="newer", answer="another answer")
    history, found = recovered(tmp_path, data, [newer])
    assert found == Recovered(salvaged=len(runs) - 1, present=1)
    assert (history.get(newer.run_id).note, history.get(newer.run_id).answer) == ("newer", "another answer")
    history.close()


@pytest.mark.parametrize("damage", [b"\xff", b"\0", b"\x0d"])
def test_every_single_page_that_is_lost_costs_at_most_its_own_rows(tmp_path, sound, damage):
    data, runs = sound
    pages = len(data) // PAGE
    most_on_a_page = 0
    for number in range(0, pages, 11):
        broken = bytearray(data)
        broken[number * PAGE : (number + 1) * PAGE] = damage * PAGE
        damaged = tmp_path / f"{number}.sqlite"
        damaged.write_bytes(broken)
        history = RunHistory(tmp_path / f"history{number}" / "runs.db")
        found = recover(history, damaged)
        back = {run.record_id: comparable(run) for run in everything(history)}
        history.close()
        assert back.keys() <= runs.keys(), "a run that was deleted came back"
        assert {run.private_to for run in back.values()} <= {"", "ada"}
        assert all(run.private_to == runs[name].private_to for name, run in back.items())
        assert sum(run != runs[name] for name, run in back.items()) <= found.mended
        missing = len(runs) - len(back)
        assert missing <= 3, f"page {number + 1} costs {missing} runs"
        most_on_a_page = max(most_on_a_page, missing + found.mended)
        assert found.salvaged == len(back)
    assert most_on_a_page > 0, "no page that was lost held a row: this test shows nothing"


@pytest.mark.parametrize("length", [16, 100, PAGE])
def test_a_file_whose_beginning_is_lost_is_read_off_its_pages(tmp_path, sound, length):
    data, runs = sound
    history, found = recovered(tmp_path, bytes(length) + data[length:])
    back = {run.record_id: comparable(run) for run in everything(history)}
    assert back == runs and found.salvaged == len(runs) and found.lost == 0
    history.close()


def test_half_of_a_file_gives_half_of_the_runs(tmp_path, sound):
    data, runs = sound
    history, found = recovered(tmp_path, data[: len(data) // 2 // PAGE * PAGE])
    back = {run.record_id: run for run in everything(history)}
    assert len(runs) // 4 < len(back) < len(runs)
    assert all(run.request == runs[name].request for name, run in back.items())
    assert found.salvaged == len(back)
    history.close()


def test_rows_that_lie_in_the_log_come_back_too(tmp_path):
    path = tmp_path / "old" / "runs.db"
    writer = RunHistory(path)
    for number in range(30):
        writer.record(make_run(number))
    assert path.with_name("runs.db-wal").stat().st_size > 0
    found = salvage(path)
    writer.close()
    assert len(found.runs) == len(found.details) == 30


def test_one_broken_column_is_mended_and_costs_no_row(tmp_path):
    path = tmp_path / "old" / "runs.db"
    old = RunHistory(path)
    for number in range(6):
        old.record(make_run(number, note="n", who="ada"))
    old.close()
    broken = ("tags", "note", "created", "model_name", "who")
    damage(path, "runs", [(row, column, b"\xff") for row, column in enumerate(broken, 1)])
    damage(path, "run_details", [(6, "request", "{")])
    history = RunHistory(tmp_path / "history" / "runs.db")
    assert recover(history, tmp_path / "old" / "runs.db") == Recovered(salvaged=5, mended=5, lost=1)
    assert history.get(make_run(0).run_id).tags == () and history.get(make_run(0).run_id).note == "n"
    history.close()


def test_a_row_whose_owner_is_not_known_is_lost_rather_than_shown(tmp_path):
    old = RunHistory(tmp_path / "old" / "runs.db")
    old.record(make_run(0, who="ada", private_to="ada"))
    with old.connection.transaction() as connection:
        connection.execute("UPDATE runs SET private_to = x'ff', run_id = x'ff'")
    old.close()
    history = RunHistory(tmp_path / "history" / "runs.db")
    assert recover(history, tmp_path / "old" / "runs.db") == Recovered(lost=1)
    assert everything(history) == []
    history.close()


@pytest.mark.parametrize("size", [512, 1024, 4096, 65536])
def test_pages_of_every_size_give_what_sqlite_gives(tmp_path, size):
    path = tmp_path / "any.db"
    values = [None, 0, 1, -1, 2**31, -(2**47), 2**62, 1.5, "", "ü" * 3000, b"\0" * 70_000]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA page_size = {size}")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b)")
        connection.executemany(
            "INSERT INTO t (id, a, b) VALUES (?, ?, ?)", [(n - 5, v, n) for n, v in enumerate(values)]
        )
    rows = {raw.row: raw.values for raw in Pages(path.read_bytes()).rows() if len(raw.values) == 3}
    assert rows == {n - 5: (None, value, n) for n, value in enumerate(values)}


@pytest.mark.parametrize(
    "data", [b"", b"x", b"SQLite format 3\0", b"\x0d" * 9000, b"SQLite format 3\0" + b"\xff" * 9000]
)
def test_what_is_no_database_gives_nothing(tmp_path, data):
    history, found = recovered(tmp_path, data)
    assert found == Recovered()
    history.close()


def run_pages(data):
    """The leaves on which rows of the table of runs lie: number of the page, from 0 -> numbers of its rows."""
    found = {}
    for number in range(1, len(data) // PAGE):
        page = data[number * PAGE : (number + 1) * PAGE]
        try:
            alone = list(Pages(data[:100] + bytes(PAGE - 100) + page).rows())
        except IndexError:
            continue
        if rows := [raw.row for raw in alone if len(raw.values) > 20]:
            found[number] = rows
    return found


def test_what_a_lost_page_of_the_table_held_is_told_by_indexes_and_requests(tmp_path, sound):
    data, runs = sound
    pages = run_pages(data)
    broken = bytearray(data)
    for number in pages:
        broken[number * PAGE : (number + 1) * PAGE] = b"\xff" * PAGE
    history, found = recovered(tmp_path, bytes(broken))
    assert found.lost == 0 and found.mended >= sum(map(len, pages.values())) > 20
    back = {run.record_id: run for run in everything(history)}
    assert back.keys() == runs.keys()
    told = ("created", "rating", "tags", "pinned", "who", "private_to", "model_name", "prompt", "request", "thumbnail")
    for name, run in back.items():
        assert (run.deleted, run.request, run.private_to) == tuple(
            getattr(runs[name], field) for field in ("deleted", "request", "private_to")
        )
        if run.deleted is None:  # of what was in the trash no index holds more
            expected = {field: getattr(runs[name], field) for field in told}
            assert {field: getattr(run, field) for field in told} == expected
    history.close()


def test_what_was_deleted_stays_so_although_its_pages_are_still_there(tmp_path):
    path = tmp_path / "old" / "runs.db"
    old = RunHistory(path)
    for number in range(200):
        old.record(make_run(number, thumbnail=bytes(3000)))
    with old.connection.statements() as connection:
        connection.execute("PRAGMA secure_delete = OFF")  # else freed pages are overwritten, where SQLite was built so
    for number in range(60, 140):
        old.delete(make_run(number).run_id)
    alive = {run.run_id for run in everything(old)}
    old.close()
    data = bytearray(path.read_bytes())
    assert data[32:36] != bytes(4), "no page was freed: this test shows nothing"
    pages = run_pages(data)
    assert any(row in range(61, 141) for rows in pages.values() for row in rows)
    data[32:40] = bytes(8)  # nobody knows any more which pages are free
    number = min(number for number, rows in pages.items() if 1 in rows)
    data[number * PAGE : (number + 1) * PAGE] = b"\xff" * PAGE
    history, found = recovered(tmp_path, bytes(data))
    back = {run.run_id for run in everything(history)}
    assert back <= alive and found.salvaged == len(back) > 100
    assert found.lost == 0  # nor does it count as lost
    history.close()


def test_a_request_of_which_nobody_knows_whose_it_was_is_lost_rather_than_shown(tmp_path):
    path = tmp_path / "old" / "runs.db"
    old = RunHistory(path)
    old.record(make_run(0, who="ada", private_to="ada"))
    with old.connection.statements() as connection:
        connection.execute("DROP TRIGGER runs_deleted")
        connection.execute("DELETE FROM runs")
    old.close()
    history = RunHistory(tmp_path / "history" / "runs.db")
    assert recover(history, path) == Recovered(lost=1)
    assert everything(history) == []
    history.close()
