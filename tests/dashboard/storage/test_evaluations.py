"""Reports that were shared with a server: the model's own, the newest first, and whatever cannot be read said."""

import os

from core.evaluation.protocol.report import share_report
from dashboard.storage.evaluations import MOST, evaluations_folder, read_evaluations
from tests.core.evaluation.protocol.reports import FINGERPRINT, make_report


def shared(folder, age: int = 0, **changes):
    (folder / "results").mkdir(exist_ok=True)
    file = share_report(make_report() | changes, folder)
    os.utime(file, (1_000_000 - age, 1_000_000 - age))
    return file


def test_a_models_reports_are_found_the_newest_first(tmp_path):
    shared(tmp_path, age=5, key="01" * 16)
    shared(tmp_path, key="02" * 16)
    other = make_report("cd" * 32)
    share_report(other, tmp_path)
    found = read_evaluations(tmp_path, FINGERPRINT)
    assert [report["key"] for report in found.reports] == ["02" * 16, "01" * 16] and found.unreadable == 0
    assert len(read_evaluations(tmp_path, "cd" * 32).reports) == 1


def test_what_cannot_be_read_is_counted(tmp_path):
    shared(tmp_path)
    folder = evaluations_folder(tmp_path)
    (folder / f"{FINGERPRINT[:16]}-x.json").write_text("{")
    (folder / f"{FINGERPRINT[:16]}-y.json").mkdir()
    (folder / f"{FINGERPRINT[:16]}-z.json").symlink_to("/etc/hostname")
    found = read_evaluations(tmp_path, FINGERPRINT)
    assert len(found.reports) == 1 and found.unreadable == 1


def test_a_report_that_was_written_anew_is_read_anew(tmp_path):
    shared(tmp_path)
    assert read_evaluations(tmp_path, FINGERPRINT).reports[0]["counts"]["measured"] == 30
    counts = make_report()["counts"] | {"measured": 31}
    share_report(make_report() | {"counts": counts}, tmp_path)
    assert read_evaluations(tmp_path, FINGERPRINT).reports[0]["counts"]["measured"] == 31


def test_no_folder_and_no_fingerprint_are_nothing(tmp_path):
    assert read_evaluations(tmp_path, FINGERPRINT).reports == ()
    shared(tmp_path)
    assert read_evaluations(tmp_path, "../*").reports == () and read_evaluations(tmp_path, "*").reports == ()


def test_only_the_newest_are_read(tmp_path):
    for number in range(MOST + 2):
        shared(tmp_path, age=number, key=f"{number:02x}" * 16)
    assert len(read_evaluations(tmp_path, FINGERPRINT).reports) == MOST
