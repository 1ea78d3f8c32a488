"""Every line is one line, whoever wrote what into it, and a line about a job names it."""

import io
import json
import logging
import pickle
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard import logs
from dashboard.logs import JsonLines, TextLines


def line(formatter: logging.Formatter, message: str, *arguments, error: BaseException | None = None, **extra) -> str:
    trace = None if error is None else (type(error), error, error.__traceback__)
    record = logging.getLogger().makeRecord("dashboard.jobs.runner", 20, "f", 1, message, arguments, trace, extra=extra)
    return formatter.format(record)


@given(some.text())
def test_no_text_forges_a_line(text):
    for formatter in (JsonLines(), TextLines()):
        written = line(formatter, "The picture %s is broken.", text)
        assert written.isprintable() and len(written.splitlines()) == 1
    assert json.loads(line(JsonLines(), "%s", text, name_=text))["message"] == text
    assert json.loads(line(JsonLines(), "x", prompt=text))["prompt"] == text


def test_a_line_within_a_job_names_it():
    with logs.job("ab12"):
        assert json.loads(line(JsonLines(), "It begins."))["job"] == "ab12"
        assert "dashboard.jobs.runner: [ab12] It begins." in line(TextLines(), "It begins.")
        with logs.job("cd34"):
            assert json.loads(line(JsonLines(), "Another."))["job"] == "cd34"
        assert json.loads(line(JsonLines(), "Back."))["job"] == "ab12"
        assert json.loads(line(JsonLines(), "Said.", job="ef56"))["job"] == "ef56"
        other = []
        thread = threading.Thread(target=lambda: other.append(json.loads(line(JsonLines(), "Else."))))
        thread.start()
        thread.join()
    assert "job" not in other[0] and "job" not in json.loads(line(JsonLines(), "After."))


def test_what_a_thread_is_about_can_be_handed_on():
    with logs.job("ab12"):
        about = pickle.loads(pickle.dumps(logs.current_job()))
    with about():
        assert json.loads(line(JsonLines(), "Elsewhere."))["job"] == "ab12"
    nothing = logs.current_job()
    with logs.job("cd34"), nothing():
        assert "job" not in json.loads(line(JsonLines(), "About none."))


def test_what_else_is_known_stands_beside_the_message():
    written = json.loads(line(JsonLines(), "Done after %.1f s.", 2.25, seconds=2.25, state="done", level="forged"))
    assert (written["message"], written["seconds"], written["state"]) == ("Done after 2.2 s.", 2.25, "done")
    assert (written["level"], written["logger"]) == ("INFO", "dashboard.jobs.runner")
    assert written["time"].endswith("+00:00")


def test_an_error_comes_with_its_traceback_in_one_line():
    try:
        raise ValueError("a\nb")
    except ValueError as error:
        written = line(JsonLines(), "It failed.", error=error)
    assert "\n" not in written and 'raise ValueError("a\\nb")' in json.loads(written)["error"]


PROGRAM = """
import asyncio, logging, sys, threading, warnings
from streamlit.logger import get_logger
early = get_logger("streamlit.early")
from dashboard import logs
logs.configure("json", "INFO")
logs.configure("json", "INFO")
early.warning("early")
get_logger("streamlit.late").warning("late")
logging.getLogger("dashboard.jobs.runner").info("ours")
logging.getLogger("dashboard.jobs.runner").debug("too little")
logging.getLogger("matplotlib").info("theirs")
logging.getLogger("matplotlib").warning("theirs, and serious")
warnings.warn("a warning")
from tqdm import tqdm
list(tqdm(range(3)))
thread = threading.Thread(target=lambda: 1 / 0, name="jobs-cpu")
thread.start()
thread.join()

async def beside():
    asyncio.get_running_loop().call_soon(lambda: [].index("SECRET"))
    await asyncio.sleep(0.01)

class Leaving:
    def __del__(self):
        raise OSError("left")

asyncio.run(beside())
Leaving()
raise RuntimeError("the end")
"""


def test_a_process_writes_nothing_but_objects():
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    said = [each["message"].splitlines()[0] for each in lines]
    assert said[:4] == ["early", "late", "ours", "theirs, and serious"]
    assert "a warning" in said[4]
    assert said[5] == "A thread ended: jobs-cpu." and "ZeroDivisionError" in lines[5]["error"]
    assert said[6].startswith("Exception in callback") and "ValueError (what it says is left out" in lines[6]["error"]
    assert said[7] == "Something failed while it was tidied up." and "OSError: left" in lines[7]["error"]
    assert said[8:] == ["The program ended."] and "the end" in lines[8]["error"]
    assert ended.returncode == 1


def test_handlers_of_others_stay(monkeypatch):
    root = logging.getLogger()
    kept = logging.StreamHandler(io.StringIO())
    monkeypatch.setattr(root, "handlers", [kept])
    for hook in ("sys.excepthook", "threading.excepthook"):
        monkeypatch.setattr(hook, None)
    logs.configure("text", "WARNING")
    logs.configure("text", "INFO")
    assert root.handlers[0] is kept and len(root.handlers) == 2
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize("setting", ["LOG_FORMAT", "LOG_LEVEL"])
def test_the_command_line_logs_as_it_is_set(setting, tmp_path, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv(f"SMOOTHCAM_{setting}", "loud")
    ended = subprocess.run([sys.executable, "-m", "dashboard", "store"], capture_output=True, text=True)
    assert ended.returncode == 2 and f"SMOOTHCAM_{setting}" in ended.stderr and "Traceback" not in ended.stderr
