"""The audit log: one line each, whoever writes, nothing of people's text unescaped, full files kept."""

import json
import os
import stat
import subprocess
import sys

import pytest

from dashboard.storage.audit_log import AuditLog

NASTY = 'a"b\\c\nfake {"action": "x"}\r\u2028\u202eé\ud800'


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "audit"


def lines(folder) -> list[dict]:
    files = sorted(folder.iterdir(), key=lambda path: path.name, reverse=True)
    return [json.loads(line) for path in files for line in path.read_text("ascii").splitlines()]


def test_a_line_says_who_did_what_and_when(folder):
    AuditLog(folder).write("delete", "ada", runs=["a" * 16])
    (line,) = lines(folder)
    assert (line["action"], line["who"], line["runs"]) == ("delete", "ada", ["a" * 16])
    assert line["time"].endswith("+00:00")


def test_names_cannot_write_lines_of_their_own(folder):
    audit = AuditLog(folder)
    audit.write("delete", NASTY, owners=[NASTY])
    (line,) = lines(folder)
    assert line["who"] == NASTY and line["owners"] == [NASTY]
    assert all(32 <= byte < 127 for byte in audit.path.read_bytes().rstrip(b"\n"))


def test_only_its_owner_reads_it(folder):
    audit = AuditLog(folder)
    audit.write("delete", "ada")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600


def test_what_was_written_stays_when_a_server_starts_again(folder):
    for who in ("ada", "ben"):
        AuditLog(folder).write("sign-in", who)
    assert [line["who"] for line in lines(folder)] == ["ada", "ben"]


def test_the_latest_come_first_and_damage_is_left_out(folder):
    audit = AuditLog(folder)
    assert audit.latest(5) == []
    audit.write("sign-in", "ada")
    with audit.path.open("a") as file:
        file.write("half a li\n[1]\n")
    for number in range(4):
        audit.write("delete", str(number))
    assert [line["who"] for line in audit.latest(6)] == ["3", "2", "1", "0"]
    assert [line["who"] for line in audit.latest(99)] == ["3", "2", "1", "0", "ada"]


def test_full_files_are_kept_up_to_a_number(folder):
    audit = AuditLog(folder, largest=300, kept=3)
    for number in range(40):
        audit.write("delete", f"{number:03}")
    assert sorted(path.name for path in folder.iterdir()) == ["audit.jsonl", *(f"audit.jsonl.{n}" for n in (1, 2, 3))]
    assert all(path.stat().st_size <= 300 for path in folder.iterdir())
    kept = [int(line["who"]) for line in lines(folder)]
    assert kept == list(range(kept[0], 40))  # none of them lost, none twice
    assert [int(line["who"]) for line in audit.latest(4)] == [39, 38, 37, 36]


def test_several_servers_lose_none_of_each_others_lines(folder):
    code = (
        "import sys; from pathlib import Path; from dashboard.storage.audit_log import AuditLog\n"
        "audit = AuditLog(Path(sys.argv[1]), largest=4000, kept=20)\n"
        "for n in range(150): audit.write('delete', sys.argv[2], number=n)\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, folder, name]) for name in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = [(line["who"], line["number"]) for line in lines(folder)]
    assert sorted(found) == [(name, number) for name in "abc" for number in range(150)]
    assert len(list(folder.iterdir())) > 3  # it was rotated meanwhile


def test_a_folder_that_cannot_be_used_stops_nobody(tmp_path, caplog):
    (tmp_path / "audit").write_text("a file is in the way")
    AuditLog(tmp_path / "audit").write("delete", "ada\nben")
    assert "could not be written" in caplog.text and "ada\\nben" in caplog.text


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_full_disk_stops_nobody(folder, caplog):
    audit = AuditLog(folder)
    audit.write("sign-in", "ada")
    audit.path.unlink()
    audit.path.symlink_to("/dev/full")
    audit.write("delete", "ada")
    assert "could not be written" in caplog.text
