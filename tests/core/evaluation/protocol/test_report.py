"""Reports as files: written whole, shared with a server, and read with distrust."""

import json
import stat

import pytest

from core.errors import InputError
from core.evaluation.protocol.report import FOLDER, LARGEST, read_report, share_report, write_report
from tests.core.evaluation.protocol.reports import make_report


def as_bytes(report: dict) -> bytes:
    return json.dumps(report).encode()


def test_what_is_written_is_read(tmp_path):
    report = make_report()
    write_report(report, tmp_path / "evaluation.json")
    read = read_report((tmp_path / "evaluation.json").read_bytes())
    for part in ("key", "methods", "blind", "removal"):
        assert read[part] == report[part]
    assert read["counts"]["unnamed"] == 12 and read["words"]["combined"]["f1_iou"]["mean"] == [0.4]
    assert [file.name for file in tmp_path.iterdir()] == ["evaluation.json"]


def test_a_report_is_shared_with_a_server_by_names_of_its_own(tmp_path):
    with pytest.raises(InputError, match="no server's data folder"):
        share_report(make_report(), tmp_path)
    (tmp_path / "results").mkdir()
    file = share_report(make_report(), tmp_path)
    assert file == share_report(make_report(), tmp_path) == tmp_path / FOLDER / f"{'ab' * 8}-{'cd' * 8}.json"
    assert len(list((tmp_path / FOLDER).iterdir())) == 1
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    assert read_report(file.read_bytes())["data"] == {"name": "instances.json", "kind": "coco"}


def spoilt(change) -> bytes:
    report = make_report()
    change(report)
    return as_bytes(report)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b" " * (LARGEST + 1),
        spoilt(lambda report: report.pop("methods")),
        spoilt(lambda report: report["model"].update(fingerprint="../../x")),
        spoilt(lambda report: report.update(key="?")),
        spoilt(lambda report: report["data"].update(name="x" * 301)),
        spoilt(lambda report: report["data"].update(name=3)),
        spoilt(lambda report: report["counts"].update(rows=-1)),
        spoilt(lambda report: report["counts"].update(rows=1.5)),
        spoilt(lambda report: report["methods"]["combined"]["energy"].update(mean=[2.0])),
        spoilt(lambda report: report["methods"]["combined"]["energy"].update(mean=[True])),
        spoilt(lambda report: report["methods"]["combined"]["energy"].update(mean=[])),
        spoilt(lambda report: report["methods"]["combined"].update(layers=[])),
        spoilt(lambda report: report["methods"]["combined"].update(layers=["a"])),
        spoilt(lambda report: report["methods"].update({f"m{i}": report["methods"]["combined"] for i in range(101)})),
        spoilt(lambda report: report["removal"]["combined"].update(deletion=0.5)),
        spoilt(lambda report: report.update(words=[])),
    ],
)
def test_what_no_run_writes_is_refused_in_a_sentence(content):
    with pytest.raises(InputError, match="^The report "):
        read_report(content)
