import io
import json
import sys

import pytest

from core.cli.terminal.ending import ended, failed, say
from core.errors import InputError


def raising(error):
    def run():
        raise error

    return run


@pytest.mark.parametrize(
    ("run", "code", "said"),
    [
        (lambda: None, 0, ""),
        (lambda: 1, 1, ""),
        (raising(InputError("It is blank.")), 2, "error: It is blank.\n"),
        (
            raising(OSError(13, "Permission denied", "/out")),
            2,
            "error: /out cannot be written: Permission denied. Choose another --output_dir.\n",
        ),
        (raising(KeyboardInterrupt()), 130, "stopped\n"),
    ],
)
def test_every_end_has_its_code_and_its_sentence(run, code, said, capsys):
    assert ended(run) == code
    told = capsys.readouterr()
    assert told.err == said and told.out == ""


def test_in_json_it_is_said_on_standard_output_too(capsys):
    assert ended(raising(InputError("It is blank.")), as_json=True) == 2
    assert json.loads(capsys.readouterr().out) == {"error": "It is blank."}
    assert failed("Not this one.", True, prompt="What?") == 2
    assert json.loads(capsys.readouterr().out) == {"error": "Not this one.", "prompt": "What?"}


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_object_is_one_line_whatever_the_terminal_holds(monkeypatch, encoding):
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    told = {"prompt": "在哪里？\n", "image_path": ["\udcff.png"]}
    say(told)
    (line,) = stream.buffer.getvalue().decode(encoding).splitlines()
    assert json.loads(line) == told
