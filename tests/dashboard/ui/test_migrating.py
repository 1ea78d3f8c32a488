"""A large history of an older version: pages say that it is being brought up to this one, and wait for nothing."""

import json
import sqlite3
import threading
from contextlib import closing
from dataclasses import asdict

import pytest
import streamlit as st

from cache.runs import migrations
from dashboard import resources
from dashboard.storage.data_folder import history_file
from tests.cache.samples import make_run
from tests.dashboard.pages import prompts, sentences
from tests.waiting import PATIENCE, wait_until

COLUMNS = (
    "run_id created updated image picture_name prompt answer model_name request method num_samples duration thumbnail"
).split()


@pytest.fixture
def old(data_folder, monkeypatch):
    """A history of the first version with five runs, of which three are many; its migration waits to be let go on."""
    monkeypatch.setattr(migrations, "_MOMENT", 3)
    file = history_file(data_folder)
    file.parent.mkdir(parents=True, mode=0o700)
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in migrations.MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        for number in range(5):
            run = make_run(number)
            values = {**asdict(run), "request": json.dumps(run.request)}
            slots = ", ".join(f":{name}" for name in COLUMNS)
            row = {name: values[name] for name in COLUMNS}
            connection.execute(f"INSERT INTO runs ({', '.join(COLUMNS)}) VALUES ({slots})", row)
    go_on, open_storage = threading.Event(), resources.open_storage

    def wait(settings):
        assert go_on.wait(PATIENCE)
        return open_storage(settings)

    monkeypatch.setattr(resources, "open_storage", wait)
    st.cache_resource.clear()
    yield go_on
    go_on.set()
    for thread in threading.enumerate():
        if thread.name == "migration":  # else it is still there, on a busy machine, when the next test counts
            thread.join(PATIENCE)


@pytest.mark.parametrize("page", ["home", "history", "compute", "compare", "batch"])
def test_a_page_says_so_and_waits_for_nothing(old, visit, page):
    assert "The history of 5 runs is being brought up to this version" in sentences(visit(page))


def test_it_goes_on_by_itself_and_every_run_is_there_then(old, visit):
    visit("home")
    visit("history")
    assert [thread.name for thread in threading.enumerate()].count("migration") == 1
    old.set()
    wait_until(lambda: not resources.migrating())
    app = visit("history")
    assert len(prompts(app)) == 5 and "brought up to this version" not in sentences(app)


def test_a_small_history_and_one_of_this_version_are_opened_at_once(data_folder, monkeypatch):
    file = history_file(data_folder)
    assert migrations.waits_for_migration(file) == 0
    resources.storage()
    monkeypatch.setattr(migrations, "_MOMENT", -1)
    assert resources.migrating() == 0


def test_a_very_large_one_of_any_older_version_is_opened_in_the_background(data_folder, monkeypatch):
    """Those that are only looked through take a tenth of a second at 100,000 runs."""
    storage = resources.storage()
    for number in range(5):
        storage.runs.record(make_run(number))
    storage.runs.close()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, ()))
    assert resources.migrating() == 0
    monkeypatch.setattr(migrations, "_LOOKED_THROUGH", 4)
    st.cache_resource.clear()
    assert resources.migrating() == 5
    wait_until(lambda: not resources.migrating())
