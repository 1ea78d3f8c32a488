"""Every option of the command lines, given text that is no value for it: an exit status and a sentence."""

import argparse

import pytest

from core import Explainer
from core.cli import explain
from core.export.npz import to_npz
from dashboard.__main__ import main as dashboard
from tests.conftest import encode, gradient_picture
from tests.core.export.others.makers import result_of

WRONG = ("", " ", "\udcff", "9" * 40, "-1e400", "nan", "../..", "=1+1", "x" * 5_000)
"""No zero bytes: no system passes them on."""


@pytest.fixture
def picture(tmp_path) -> str:
    path = tmp_path / "pictures" / "picture.png"
    path.parent.mkdir()
    path.write_bytes(encode(gradient_picture(56, 84), "PNG"))
    return str(path)


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """What a command writes without being told where lies in this test's own folder."""
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def options_of(main, arguments, monkeypatch) -> list[str]:
    """The options of a command that take a value, as its parser knows them."""
    known = []

    def note(parser, given=None, namespace=None):
        known.append(parser)
        raise SystemExit(0)

    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", note)
        with pytest.raises(SystemExit):
            main(arguments)
    parsers = [known[0]]
    for action in known[0]._actions:
        if isinstance(action, argparse._SubParsersAction):
            parsers.append(action.choices[arguments[1]])
    return [
        each.option_strings[-1]
        for parser in parsers
        for each in parser._actions
        if each.option_strings and each.nargs != 0
    ]


def foreign_endings(main, arguments, options) -> list[str]:
    """Exceptions with which the command ends for a wrong value of an option, and statuses that mean nothing."""
    found = []
    for option in options:
        for wrong in WRONG:
            try:
                status = main([*arguments, f"{option}={wrong}"])
            except SystemExit as ended:  # argparse's own way
                status = ended.code
            except Exception as error:  # noqa: BLE001 - whichever it is, nobody should see it
                status = f"{type(error).__name__}: {error}"
            if status not in (0, 1, 2):
                found.append(f"{option}={ascii(wrong)[:40]}: {status}"[:200])
    return found


def test_the_command_line_of_one_picture(picture, explainer, monkeypatch):
    arguments = ["--image_path", picture, "--prompt", "What?", "--num_samples", "1", "--max_new_tokens", "1"]
    arguments += ["--mode", "single"]
    load = Explainer.from_pretrained
    monkeypatch.setattr(
        Explainer,
        "from_pretrained",
        classmethod(lambda cls, model=None, device="auto": explainer if model is None else load(model, device)),
    )
    options = options_of(explain.main, arguments, monkeypatch)
    assert len(options) > 15
    assert not (wrong := foreign_endings(explain.main, arguments, options)), "\n".join(wrong)


def test_the_command_line_of_data_sets(tmp_path, monkeypatch):
    (tmp_path / "result.npz").write_bytes(to_npz(result_of()))
    arguments = ["export", str(tmp_path / "result.npz"), "--to", "coco"]
    options = options_of(explain.main, arguments, monkeypatch)
    assert len(options) > 6
    assert not (wrong := foreign_endings(explain.main, arguments, options)), "\n".join(wrong)


def test_the_command_line_of_batches(picture, monkeypatch):
    arguments = ["batch", str(picture.rpartition("/")[0]), "--prompt", "What?", "--dry-run"]
    options = options_of(dashboard, arguments, monkeypatch)
    assert len(options) > 10
    assert not (wrong := foreign_endings(dashboard, arguments, options)), "\n".join(wrong)


@pytest.mark.parametrize("command", ["print", "verify", "clean"])
def test_the_command_line_of_the_store(command, monkeypatch):
    arguments = ["store", command]
    options = options_of(dashboard, arguments, monkeypatch)
    assert not (wrong := foreign_endings(dashboard, arguments, options)), "\n".join(wrong)


@pytest.mark.parametrize("target", WRONG, ids=lambda value: ascii(value)[:20])
def test_the_data_folder_moves_nowhere_else(target):
    try:
        status = dashboard(["store", "move", target])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
