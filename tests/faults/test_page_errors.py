"""What a real server writes where a page fails, and what it does not write where its numbers are read."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.browser.serving import server
from tests.visitors import Visitor
from tests.waiting import PATIENCE, wait_until

LAUNCHER = """
import streamlit as st
from dashboard.server.app import app_parts

app = st.App("page.py", **app_parts())
"""
PAGE = """
import threading, warnings
import streamlit as st

def fail():
    raise ValueError("SECRET of " + st.query_params["run"])

st.button("Fail", key="fail", on_click=fail)
what = st.query_params.get("what")
if what == "page":
    fail()
if what == "fragment":
    st.fragment(fail)()
if what == "thread":
    thread = threading.Thread(target=lambda: {}["SECRET"], name="beside")
    thread.start()
    thread.join()
if what == "warning":
    warnings.warn("outdated")
"""
RUN = "0123456789abcdef"


class Running:
    """A server whose page fails as it is told, and what it wrote since the last look."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self._log = address, folder / "log"
        self.data = folder / "data"
        self._read = 0
        self.written()

    def written(self) -> list[str]:
        """The lines since the last look."""
        text = self._log.read_text()
        new, self._read = text[self._read :], len(text)
        return new.splitlines()

    def open(self, **query: str) -> list[str]:
        """What a visitor of the page is shown as an error."""
        visitor = Visitor(self.address)
        seen = visitor.open("", **query)
        if "click" in query:
            seen = visitor.click("fail")
        visitor.close()
        return seen.problems


def start(folder: Path, style: str):
    (folder / "page.py").write_text(PAGE)
    (folder / "launcher.py").write_text(LAUNCHER)
    return server(folder, folder / "launcher.py", settings={"LOG_FORMAT": style, "WORKERS": "0"})


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("page-errors")
    with start(folder, "json") as address:
        yield Running(address, folder)


@pytest.mark.parametrize("query", [{"what": "page"}, {"what": "fragment"}, {"click": "yes"}], ids=str)
def test_an_error_of_a_page_is_one_record_and_its_visitor_sees_one_sentence(running, query):
    running.written()
    (sentence,) = running.open(run=RUN, **query)
    (record,) = [json.loads(line) for line in running.written()]
    number = record["message"].rstrip(".").split()[-1]
    assert sentence.startswith("Something went wrong inside the program.") and f"under {number}." in sentence
    assert (record["level"], record["page"], record["run"]) == ("ERROR", "home", RUN)
    assert record["error"].startswith("Traceback (most recent call last):") and "in fail" in record["error"]
    assert "ValueError (what it says is left out" in record["error"]
    assert "Traceback" not in sentence and "ValueError" not in sentence


def test_words_of_people_are_in_no_record_even_where_they_stand_in_the_place_of_a_run(running):
    running.written()
    assert running.open(what="page", run="my password")
    (line,) = running.written()
    assert "my password" not in line and "run" not in json.loads(line)


@pytest.mark.parametrize(("what", "message"), [("thread", "A thread ended: beside."), ("warning", "outdated")])
def test_what_else_goes_wrong_beside_a_page_is_a_record_too(running, what, message):
    running.written()
    assert running.open(what=what) == []
    (record,) = [json.loads(line) for line in running.written()]
    assert message in record["message"]


def test_numbers_and_health_write_no_line_and_numbers_no_file(running):
    for _ in range(2):  # the first look opens the files
        assert httpx.get(f"{running.address}/metrics", timeout=PATIENCE).status_code == 200
        assert httpx.get(f"{running.address}/health", timeout=PATIENCE).status_code == 200
    running.written()

    def files() -> dict[str, tuple[int, int]]:
        found = [path for path in running.data.rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}

    before = files()
    assert len(before) >= 3, f"The data folder holds {sorted(before)} alone."
    for _ in range(5):
        assert b"smoothcam_jobs_total" in httpx.get(f"{running.address}/metrics", timeout=PATIENCE).content
    assert files() == before
    assert httpx.get(f"{running.address}/health", timeout=PATIENCE).json()["status"] == "ok"
    assert running.written() == []


def test_the_text_format_writes_an_ordinary_traceback(tmp_path):
    with start(tmp_path, "text") as address:
        running = Running(address, tmp_path)
        (sentence,) = running.open(what="page", run=RUN)
        wait_until(lambda: running._log.read_text().rstrip().endswith(")"), "There is no traceback.")
        first, begin, *frames = running.written()
    number = sentence.partition(" under ")[2].partition(".")[0]
    assert f"ERROR   dashboard.server.page_errors: A page failed; its visitor was shown the number {number}." in first
    assert begin == "Traceback (most recent call last):"
    assert frames[-1].startswith("ValueError (what it says is left out") and len(frames) < 30
    assert not any("\x1b" in line or "╭" in line for line in frames)
