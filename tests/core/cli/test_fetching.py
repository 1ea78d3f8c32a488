"""The command lines fetch a model of the hub with a bar, and say in a sentence why they cannot."""

import functools
import os
import signal
import subprocess
import sys

import pytest

from core.cli.explain import main
from tests.core.models.folders.hub_server import serving
from tests.core.models.folders.making import HUB_ID, plain


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with serving(monkeypatch, tmp_path / "cache") as hub:
        hub.folders[HUB_ID] = plain(tmp_path)
        yield hub


def test_a_model_is_fetched_with_a_bar_and_used(hub, tmp_path, picture_bytes, capsys):
    (tmp_path / "picture.png").write_bytes(picture_bytes)
    asked = [
        "--image_path",
        str(tmp_path / "picture.png"),
        "--prompt",
        "Where is the red square?",
        "--num_samples",
        "1",
    ]
    options = ["--model_path", HUB_ID, "--device", "cpu", "--output_dir", str(tmp_path / "out"), "--layers", "4"]
    assert main([*asked, *options]) == 0
    told = capsys.readouterr()
    assert "fetch: 100%" in told.err and "B/s" in told.err and "\nAnswer: " in told.out
    assert main(["models", HUB_ID]) == 0
    told = capsys.readouterr()
    assert "fetch" not in told.err and "qwen2_5_vl, 8 layers" in told.out


def test_one_that_may_not_be_fetched_is_a_sentence(hub, capsys):
    hub.refused[HUB_ID] = 403, "GatedRepo"
    assert main(["models", HUB_ID]) == 1
    assert "cannot be used: The model somebody/some-model is given only to those who" in capsys.readouterr().out


def test_fetching_is_stopped_by_the_keyboard(hub, tmp_path):
    hub.pace.clear()
    command = [sys.executable, "-m", "core", "models", HUB_ID]
    environment = os.environ | {"HF_HUB_CACHE": str(tmp_path / "cache")}
    # A shell lets what it starts in the background ignore the key, and that would be inherited.
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as program:
        begun = program.stderr.read(len("\rfetch:"))
        program.send_signal(signal.SIGINT)
        said = program.stderr.read()
    assert begun.strip() == "fetch:" and program.returncode == 130
    assert said.endswith("stopped\n") and "Traceback" not in said
    assert not list((tmp_path / "cache").rglob("*.incomplete"))
