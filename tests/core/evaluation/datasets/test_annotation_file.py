import json
import tracemalloc

import pytest

from core.errors import InputError
from core.evaluation.datasets import annotation_file
from core.evaluation.datasets.annotation_file import is_number, is_text, opened


def write(folder, data: bytes):
    path = folder / "a.json"
    path.write_bytes(data)
    return path


def test_lists_are_taken_apart_and_read_again_from_where_they_lie(tmp_path):
    held = {
        "info": {"year": 2026, "list": [1, 2]},
        "images": [{"id": 1, "name": "é 图"}, {"id": 2}],
        "empty": [],
        "count": 3,
        "annotations": [[1, 2], {"a": '"],}'}],
    }
    for text in (json.dumps(held), json.dumps(held, ensure_ascii=False), json.dumps(held, indent=2)):
        for mark in (b"", b"\xef\xbb\xbf"):
            file, elements = opened(write(tmp_path, mark + text.encode()))
            found = list(elements)
            listed = [(each.key, each.value) for each in found if each.span]
            assert listed == [*(("images", each) for each in held["images"])] + [
                *(("annotations", each) for each in held["annotations"])
            ]
            assert {each.key: each.value for each in found if not each.span} == {"info": held["info"], "count": 3}
            assert [file.read(each.span) for each in found if each.span] == [value for _, value in listed]


def test_a_list_at_the_top(tmp_path):
    _, elements = opened(write(tmp_path, b' [ {"a": 1} , 2 ]\n'))
    assert [(each.key, each.value) for each in elements] == [("", {"a": 1}), ("", 2)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "a.json is empty"),
        (b"{", "no whole JSON.*line 1"),
        (b'{"images": [\n{"id": 1}', "line 2, column 10"),
        (b'{"images": [\n{"id": 1},\n]}', "another element after the comma: line 3"),
        (b'{"images": [{"id": 1} {"id": 2}]}', "Expecting ','"),
        (b'{"images": [], }', "another element after the comma"),
        (b'{"images" []}', "Expecting ':'"),
        (b"{3: []}", "name in double quotes"),
        (b"[1] 2", "Extra data"),
        (b"3", "a list or an object"),
        (b"picture,prompt\n", "a list or an object"),
        (b'{"images": [{"id": 1}\xff]}', "Expecting ','"),
        (b'["\xff"]', "not written in UTF-8"),
        (b"[" * 100_000, "no whole JSON|nested too deeply"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
        (b"[" + b"9" * 10_000 + b"]", "numbers that are too long"),
        ('["a"]'.encode("utf-16"), "a list or an object"),
    ],
)
def test_broken_files_are_refused_as_a_whole_with_the_line(tmp_path, data, sentence):
    with pytest.raises(InputError, match=sentence):
        list(opened(write(tmp_path, data))[1])


def test_files_that_are_missing_or_too_large_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"none.json cannot be read: No such file"):
        opened(tmp_path / "none.json")
    monkeypatch.setattr(annotation_file, "MOST_BYTES", 10)
    with pytest.raises(InputError, match="at most 0 GB can be read"):
        opened(write(tmp_path, b" " * 11))


def test_a_file_that_changed_is_said(tmp_path):
    file, elements = opened(write(tmp_path, b'[{"a": 1}]'))
    (element,) = elements
    assert file.read_record(element.span) == {"a": 1}
    write(tmp_path, b"[3       ]")
    with pytest.raises(InputError, match="was changed or taken away"):
        file.read_record(element.span)
    file.path.unlink()
    with pytest.raises(InputError, match="was changed or taken away"):
        file.read(element.span)


def test_memory_is_the_files_size_and_not_that_of_its_values(tmp_path):
    record = {"segmentation": [[round(1.5 * each, 2) for each in range(400)]]}
    path = write(tmp_path, json.dumps([record] * 400).encode())
    size = path.stat().st_size
    tracemalloc.start()
    _, elements = opened(path)
    spans = [each.span for each in elements]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 800_000 and len(spans) == 400
    assert peak < 1.4 * size  # as values it takes five times as much


@pytest.mark.parametrize("value", [None, True, "3", float("nan"), float("inf"), 10**400, [3]])
def test_what_is_no_number(value):
    assert not is_number(value)
    assert is_number(3) and is_number(-0.5)


@pytest.mark.parametrize("value", [None, 3, "", " \n", "half \ud83d"])
def test_what_is_no_text(value):
    assert not is_text(value)
    assert is_text("two halves \U0001f600")
