import pytest

from core.cli.commands import _COMMANDS, find_command


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_tells_of_itself_by_its_name(name, capsys):
    command = find_command(name)
    with pytest.raises(SystemExit) as ended:
        command(["--help"])
    assert ended.value.code == 0
    assert f"python -m core {name} " in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "photo.jpg", "--image_path", "Evaluate", "main"])
def test_all_else_is_left_to_the_command_that_explains(name):
    assert find_command(name) is None
