"""What is damaged is said until an administrator has seen it; nothing is deleted for that."""

import stat

import pytest

from cache import StoreError
from dashboard.settings import Settings
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.damage import PARTS, Damage, acknowledge, acknowledged, found, sentences
from dashboard.storage.data_folder import (
    audit_folder,
    batches_folder,
    history_file,
    jobs_file,
    open_storage,
    results_folder,
)
from dashboard.storage.unreadable import scan
from tests.cache.samples import make_run

STAMP = "20260102T030405.000000Z"
SET_ASIDE = f"history/runs.sqlite.broken-{STAMP}"


@pytest.mark.parametrize("part", ["history", "results", "jobs"])
def test_a_damaged_database_that_was_set_aside_is_said_with_its_name_and_when(data_folder, part):
    storage = open_storage(Settings())
    for opened in (storage.runs, storage.results, storage.jobs):
        opened.close()
    databases = {
        "history": history_file(data_folder),
        "results": results_folder(data_folder) / "cache.db",
        "jobs": jobs_file(data_folder),
    }
    databases[part].write_bytes(b"no database" * 999)
    again = open_storage(Settings())
    (damage,) = again.damage()
    assert (damage.part, damage.kind) == (part, "set aside")
    assert (data_folder / damage.name).read_bytes().startswith(b"no database")
    (sentence,) = again.damage_in_words()
    assert str(data_folder / damage.name) in sentence and "UTC" in sentence
    assert ("store recover" in sentence) == (part == "history")
    assert again.acknowledge_damage() == [damage.name]
    assert again.damage() == open_storage(Settings()).damage() == []
    assert (data_folder / damage.name).exists()


def test_only_what_this_program_names_is_damage(tmp_path):
    for name in (SET_ASIDE, f"{SET_ASIDE}-wal", "history/notes.broken-1", f"photos.lost-{STAMP}", f"jobs.lost-{STAMP}"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [damage.name for damage in found(tmp_path)] == [SET_ASIDE, f"jobs.lost-{STAMP}"]
    assert found(tmp_path)[0].when == pytest.approx(1767323045.0)
    assert found(tmp_path / "nowhere") == []


def test_what_comes_after_an_acknowledgement_is_said_again(tmp_path):
    rows = {"history": ["row 7 (tags)"]}
    assert acknowledge(tmp_path, found(tmp_path, rows)) == ["history/row 7 (tags)"]
    assert found(tmp_path, rows) == []
    rows["history"].append("row 9 (request)")
    assert [damage.name for damage in found(tmp_path, rows)] == ["history/row 9 (request)"]
    assert acknowledge(tmp_path, found(tmp_path, rows)) == ["history/row 9 (request)"]
    assert acknowledge(tmp_path, []) == []
    assert len(acknowledged(tmp_path)) == 2
    (file,) = (tmp_path / "acknowledged").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, null]", b"\xff", b"[" * 100_000])
def test_a_damaged_list_of_acknowledgements_acknowledges_nothing(tmp_path, content):
    damage = [Damage(SET_ASIDE, "history", "set aside")]
    acknowledge(tmp_path, damage)
    (tmp_path / "acknowledged" / "damage.json").write_bytes(content)
    assert acknowledged(tmp_path) == set()
    acknowledge(tmp_path, damage)
    assert acknowledged(tmp_path) == {SET_ASIDE}


def test_every_kind_of_every_part_has_its_sentence(tmp_path):
    for part in PARTS:
        for kind in ("set aside", "lost", "damaged", "unreadable"):
            many = [Damage(f"{part}/x{number}", part, kind, 0.0) for number in range(5)]
            for few in (many[:1], many):
                (sentence,) = sentences(tmp_path, few)
                assert sentence[0].isupper() or sentence[0].isdigit()


def test_what_cannot_be_read_is_found_by_reading_everything(storage, batch_of):
    for number in range(3):
        storage.runs.record(make_run(number))
        storage.jobs.begin(f"job{number}", "", {})
    batch = batch_of("ada")
    with storage.runs.connection.transaction() as connection:
        connection.execute("UPDATE run_details SET request = '{' WHERE id = 2")
    with storage.jobs._shared.statements() as connection:
        connection.execute("UPDATE jobs SET asking = '{' WHERE id = 1")
    (batches_folder(storage.folder) / f"{batch.id}.batch").write_bytes(b"{}")
    audit = AuditLog(audit_folder(storage.folder))
    audit.write("sign-in", "ada")
    with audit.path.open("ab") as file:
        file.write(b'{"time": "20\n')
    audit.write("sign-out", "ada")
    assert [line["action"] for line in audit.latest(9)] == ["sign-out", "sign-in"]
    assert scan(storage.folder) == {
        "history": ["row 2 (request)"],
        "jobs": ["row 1 (asking)"],
        "batches": [batch.id],
        "audit": ["audit.jsonl line 2"],
    }
    assert storage.damage() == []  # nobody has met them yet
    assert (len(storage.runs.recent(9)), storage.jobs.get("job0"), storage.batches.latest(9)) == (2, None, [])
    assert [damage.name for damage in storage.damage()] == [
        "history/row 2 (request)",
        "jobs/row 1 (asking)",
        f"batches/{batch.id}",
    ]


@pytest.mark.parametrize("part", ["history", "jobs"])
def test_a_damaged_page_that_somebody_meets_is_said_at_once(storage, data_folder, part):
    for number in range(60):
        storage.runs.record(make_run(number, thumbnail=bytes(3000)))
        storage.jobs.begin(f"{number:016x}", "", {"pad": "y" * 3000})
    for opened in (storage.runs, storage.jobs):
        opened.close()
    file = {"history": history_file, "jobs": jobs_file}[part](data_folder)
    data = bytearray(file.read_bytes())
    for page in range(4, len(data) // 4096, 2):
        data[page * 4096 : (page + 1) * 4096] = bytes(4096)
    storage.results.close()
    again = open_storage(Settings())
    assert again.damage() == []
    file.write_bytes(data)  # under the open file, as a bad disk does
    with pytest.raises(StoreError, match="damaged"):
        again.runs.recent(60) if part == "history" else again.jobs.interrupted()
    assert [(one.part, one.kind) for one in again.damage()] == [(part, "damaged")]
    assert "store recover" in again.damage_in_words()[0]
