import subprocess

import pytest

from core.cli.commands import COMMANDS
from core.cli.explain import main
from core.cli.terminal.completion import SHELLS, options_of, script
from tests.some import some


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_holds_every_command_with_every_option_and_choice(shell, capsys):
    assert main(["completion", shell]) == 0
    printed = capsys.readouterr().out
    assert printed == script(shell)
    lines = printed.splitlines()
    for name in some(COMMANDS):
        if shell == "fish":
            mine = " ".join(line for line in lines if f"__python_core_command {name}'" in line)
            known = {
                option: f" -{'l' if option[1] == '-' else 's'} {option.lstrip('-')}" for option in options_of(name)
            }
        else:
            mine = next(line for line in lines if line.strip().startswith(f"{name}) "))
            known = {option: option for option in options_of(name)}
        words = f"{mine} ".replace("'", " ")
        assert [option for option, written in known.items() if f"{written} " not in words] == [], name
        chosen = [(option, each) for option, choices in options_of(name).items() for each in choices]
        assert all(each in printed for _, each in chosen)
    assert "--image_path" in options_of("explain") and options_of("explain")["--mode"][:2] == ("single", "grid")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (["python", "-m", "core", "ga"], ["gallery"]),
        (["python", "-m", "core", "explain", "--col"], ["--colormap"]),
        (["python", "-m", "core", "--out"], ["--output_dir", "--output-dir"]),
        (["python", "-m", "core", "--colormap", "i"], ["inferno"]),
        (["python", "-m", "core", "heads", "--order", "p"], ["picture"]),
        (["python", "-m", "core", "completion", "z"], ["zsh"]),
        (["python", "-m", "core", "gallery", "pho"], ["photo one.png"]),
        (["python", "-m", "other", "--out"], []),
    ],
)
def test_bash_completes(line, found, tmp_path):
    (tmp_path / "photo one.png").touch()
    words = " ".join(f"'{word}'" for word in line)
    ask = f"COMP_WORDS=({words}); COMP_CWORD={len(line) - 1}; _python_core"
    code = f"""{script("bash")}
{ask}
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [each for each in done.stdout.split("\n") if each] == found, done.stderr


def test_another_shell_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["completion", "tcsh"])
    assert ended.value.code == 2 and "tcsh" in capsys.readouterr().err
