"""Damaged histories of a data folder, brought back by the command, with a server running or not."""

import gc
import json
import shutil

import pytest

from cache import Change, StoreError
from cache.runs.recovery import Recovered
from dashboard.__main__ import main
from dashboard.settings import Settings
from dashboard.storage.data_folder import history_file, jobs_file, open_storage
from dashboard.storage.recovery import damaged_histories, recover_all, set_present_aside
from dashboard.storage.unreadable import scan
from tests.cache.samples import make_run


@pytest.fixture
def damaged(data_folder):
    """A history of forty runs of which a page was overwritten before the next start set it aside."""
    storage = open_storage(Settings())
    for number in range(40):
        storage.runs.record(make_run(number, thumbnail=bytes(3000)))
    storage.runs.write([make_run(5).run_id], Change(note="kept", rating=4, add_tags=("mine",)))
    storage.runs.close()
    del storage
    data = bytearray(history_file(data_folder).read_bytes())
    data[:100] = b"\xff" * 100
    history_file(data_folder).write_bytes(data)
    return data_folder


def test_what_was_set_aside_comes_back_beside_a_running_server(damaged, capsys):
    server = open_storage(Settings())
    server.runs.record(make_run(100))
    assert server.runs.count() == 1 and len(damaged_histories(damaged)) == 1
    assert main(["store", "recover"]) == 0
    said = capsys.readouterr().out
    assert "40 runs brought back (0 of them in part), 0 were there already, 0 lost" in said
    assert server.runs.count() == 41  # by the connection that was open meanwhile
    kept = server.runs.get(make_run(5).run_id)
    assert (kept.note, kept.rating, kept.tags) == ("kept", 4, ("mine",))
    assert main(["store", "recover"]) == 0
    assert "0 runs brought back (0 of them in part), 40 were there already" in capsys.readouterr().out
    assert server.damage(), "what is brought back is not yet acknowledged"


def test_a_damaged_history_that_no_start_has_met_yet_is_set_aside_first(damaged):
    (found,) = recover_all(damaged)
    assert found[1] == Recovered(salvaged=40)
    assert set_present_aside(damaged) == []
    assert open_storage(Settings()).runs.count() == 40


def test_a_damaged_history_that_a_server_uses_is_left_alone(damaged, capsys):
    server = open_storage(Settings())
    file = history_file(damaged)
    with server.runs.connection.statements() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as handle:  # damaged under the running server
        handle.seek(4096)
        handle.write(b"\xff" * (file.stat().st_size - 4096))
    with pytest.raises(StoreError, match="Stop that first"):
        set_present_aside(damaged)
    assert main(["store", "recover"]) == 2
    assert "used by a running server. Stop that first." in capsys.readouterr().err
    assert server.folder == damaged and file.exists()


def test_of_several_the_latest_row_counts(data_folder):
    storage = open_storage(Settings())
    file = history_file(data_folder)
    for number, note in enumerate(("older", "newer")):
        storage.runs.record(make_run(7, note=note))
        with storage.runs.connection.statements() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(file, file.with_name(f"{file.name}.broken-2026010{number + 1}T000000.000000Z"))
        storage.runs.delete(make_run(7).run_id)
    assert [found for _, found in recover_all(data_folder)] == [Recovered(salvaged=1), Recovered(present=1)]
    assert storage.runs.get(make_run(7).run_id).note == "newer"


def test_nothing_to_recover_and_nothing_there(data_folder, capsys):
    assert main(["store", "recover"]) == 0
    open_storage(Settings())
    assert main(["store", "recover"]) == 0
    assert capsys.readouterr().out.count("No history was set aside, and the present one is sound.") == 2


def test_acknowledging_is_written_to_the_audit_log(damaged, capsys):
    server = open_storage(Settings())
    assert main(["store", "acknowledge"]) == 0
    assert "store recover" in capsys.readouterr().out
    assert server.damage() == []
    (line,) = (damaged / "audit" / "audit.jsonl").read_text("ascii").splitlines()
    assert json.loads(line)["action"] == "acknowledge-damage"
    assert main(["store", "acknowledge"]) == 0
    assert "Nothing is damaged" in capsys.readouterr().out


@pytest.mark.parametrize("options, viewer", [(["--stored-for", "ada"], "ada"), (["--stored-for-everybody"], "")])
def test_a_history_that_is_gone_altogether_is_made_anew_from_what_is_stored(
    data_folder, stored, storage, visit, capsys, options, viewer
):
    name = stored(prompt="a lost one")
    storage.runs.delete(name)
    assert main(["store", "recover", *options]) == 0
    assert "1 runs that are stored" in capsys.readouterr().out
    found = storage.runs.get(name, viewer)
    assert found.prompt == "a lost one" and found.private_to == viewer
    if not viewer:
        assert not visit("compute", run=name).error


@pytest.mark.parametrize("part", ["history", "jobs"])
def test_a_database_of_which_pages_are_damaged_while_it_is_in_use_is_said_and_recovered(data_folder, capsys, part):
    storage = open_storage(Settings())
    for number in range(60):
        storage.runs.record(make_run(number, thumbnail=bytes(3000)))
        storage.jobs.begin(f"job{number}", "anna", {"words": "x" * 1000})
    storage.runs.close()
    storage.jobs.close()
    file = {"history": history_file, "jobs": jobs_file}[part](data_folder)
    damaged = bytearray(file.read_bytes())
    leaves = [page for page in range(len(damaged) // 4096) if damaged[page * 4096] == 13]
    for page in leaves[-3:]:
        damaged[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    file.write_bytes(damaged)
    storage = open_storage(Settings())  # the first page is sound: nothing is set aside
    storage.note_unreadable(scan(data_folder))
    assert [damage.name for damage in storage.damage()] == [f"{part}/the file itself"]
    (sentence,) = storage.damage_in_words()
    assert str(file) in sentence and "Stop the server" in sentence
    storage.runs.close()
    storage.jobs.close()
    del storage
    gc.collect()
    main(["store", "recover"])
    assert scan(data_folder)[part] == [] and list(file.parent.glob("*.broken-*Z"))
