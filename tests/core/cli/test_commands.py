import pytest

from core.cli.commands import COMMANDS, find_command
from core.cli.explain import main
from tests.some import some


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_of_itself_by_its_name(name, capsys):
    command = find_command(name)
    with pytest.raises(SystemExit) as ended:
        command(["--help"])
    assert ended.value.code == 0
    assert f"python -m core {name} " in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "photo.jpg", "--image_path", "Evaluate", "main"])
def test_all_else_is_left_to_the_command_that_explains(name):
    assert find_command(name) is None


def test_help_lists_every_command_with_what_it_does(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name, command in some(COMMANDS.items()):
        assert f"\n  {name} " in told and command.about in told
    assert main([]) == 2
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("name", COMMANDS)
def test_help_says_every_default_once_and_no_spelling_twice(name):
    parser = COMMANDS[name].make_parser()
    told = " ".join(parser.format_help().split())
    known = [
        each for each in parser._actions if each.option_strings and each.default not in (None, False, "==SUPPRESS==")
    ]
    for action in some(known) if name not in ("completion",) else ():
        default = " ".join(map(str, action.default)) if isinstance(action.default, list) else str(action.default)
        entry = told.split(f" {action.option_strings[0]} ", 2)[-1]
        assert "default" in action.help or f"(default: {default})" in entry, action.option_strings
    assert "--output-dir OUTPUT_DIR" not in told and "(default: None)" not in told and "(default: False)" not in told
