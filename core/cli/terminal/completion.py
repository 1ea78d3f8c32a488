"""`python -m core completion SHELL`: a script by which bash, zsh or fish completes the commands and their options.

Written here, and not by a package: it takes the names of options, their choices, and files for all else.
"""

import argparse
import re

from core.cli.commands import COMMANDS
from core.cli.terminal.command_parser import CommandParser

SHELLS = ("bash", "zsh", "fish")
_ABOUT = {
    "bash": "source <(python -m core completion bash)",
    "zsh": "source <(python -m core completion zsh)",
    "fish": "python -m core completion fish | source",
}


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = CommandParser(
        prog="python -m core completion",
        description="Prints a script for a shell, after which Tab completes what follows `python -m core` or "
        "`.venv/bin/python -m core`. Into the shell's own start-up file belongs: "
        + "; ".join(f"{shell}: {line}" for shell, line in _ABOUT.items()),
    )
    parser.add_argument("shell", choices=SHELLS, help="whose script")
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit code."""
    print(script(build_parser().parse_args(arguments).shell), end="")
    return 0


def script(shell: str) -> str:
    """The script for one of `SHELLS`."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def options_of(name: str) -> dict[str, tuple[str, ...]]:
    """A command's options, each by all of its spellings, with the choices of what follows it; () for none."""
    actions = COMMANDS[name].make_parser()._actions
    return {
        option: tuple(map(str, action.choices or ()))
        for action in actions
        for option in action.option_strings
        if action.help != argparse.SUPPRESS
    }


def _cases() -> tuple[str, str]:
    """The body of a `case` of bash and zsh for options by command, and one for choices by "command option"."""
    options, choices = [], []
    for name in COMMANDS:
        known = options_of(name)
        options.append(f"    {name}) words={_quoted(' '.join(known))} ;;")
        choices += [
            f"    {_quoted(f'{name} {each}')}) words={_quoted(' '.join(of))} ;;" for each, of in known.items() if of
        ]
    return "\n".join(options), "\n".join(choices)


def _bash() -> str:
    options, choices = _cases()
    return f"""# {_ABOUT["bash"]}
_python_core() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}" command=explain words=""
  if [[ "${{COMP_WORDS[1]}}" != -m || "${{COMP_WORDS[2]}}" != core ]]; then
    local other; for other in _comp_cmd_python _python; do
      if declare -F "$other" >/dev/null; then "$other" "$@"; return; fi
    done
    local IFS=$'\n'; COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames 2>/dev/null; return
  fi
  case "${{COMP_WORDS[3]}}" in
    {"|".join(COMMANDS)}) command="${{COMP_WORDS[3]}}" ;;
  esac
  case "$command $before" in
{choices}
  esac
  if [[ -z "$words" && "$current" == -* ]]; then
    case "$command" in
{_deeper(options)}
    esac
  elif [[ -z "$words" && $COMP_CWORD -eq 3 ]]; then
    words={_quoted(" ".join(COMMANDS))}
  elif [[ -z "$words" && "$command" == completion ]]; then
    words={_quoted(" ".join(SHELLS))}
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ ${{#COMPREPLY[@]}} -eq 0 ]]; then
    local IFS=$'\n'; COMPREPLY=($(compgen -f -- "$current")); compopt -o filenames 2>/dev/null
  fi
}}
complete -o default -F _python_core python python3
"""


def _zsh() -> str:
    options, choices = _cases()
    return f"""# {_ABOUT["zsh"]}
_python_core() {{
  local before="${{words[CURRENT-1]}}" current="${{words[CURRENT]}}" command=explain list=""
  if [[ "${{words[2]}}" != -m || "${{words[3]}}" != core ]]; then
    if (( $+functions[_python] )); then _python "$@"; else _files; fi
    return
  fi
  case "${{words[4]}}" in
    {"|".join(COMMANDS)}) command="${{words[4]}}" ;;
  esac
  case "$command $before" in
{choices.replace(" words=", " list=")}
  esac
  if [[ -z "$list" && "$current" == -* ]]; then
    case "$command" in
{_deeper(options.replace(" words=", " list="))}
    esac
  elif [[ -z "$list" && $CURRENT -eq 4 ]]; then
    list={_quoted(" ".join(COMMANDS))}
  elif [[ -z "$list" && "$command" == completion ]]; then
    list={_quoted(" ".join(SHELLS))}
  fi
  if [[ -n "$list" ]] && compadd -- ${{=list}}; then return; fi
  _files
}}
compdef _python_core python python3
"""


def _fish() -> str:
    lines = [f"# {_ABOUT['fish']}"]
    lines += [
        'function __python_core; set -l line (commandline -opc); test "$line[2]" = -m; and test "$line[3]" = core; end',
        "function __python_core_command; __python_core; or return 1; set -l line (commandline -opc)",
        f'  set -l name explain; contains -- "$line[4]" {" ".join(COMMANDS)}; and set name $line[4]',
        '  test "$name" = "$argv[1]"; end',
        "function __python_core_first; __python_core; and test (count (commandline -opc)) -eq 3; end",
    ]
    for program in ("python", "python3"):
        for name, command in COMMANDS.items():
            first = f"complete -c {program} -n __python_core_first -a {name} -d {_quoted(command.about)}"
            lines.append(first)
            condition = f"-n '__python_core_command {name}'"
            for option, choices in options_of(name).items():
                given = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
                lines.append(
                    f"complete -c {program} {condition} {given}"
                    + (f" -x -a {_quoted(' '.join(choices))}" if choices else "")
                )
        shells = _quoted(" ".join(SHELLS))
        lines.append(f"complete -c {program} -n '__python_core_command completion' -f -a {shells}")
    return "\n".join(lines) + "\n"


def _deeper(lines: str) -> str:
    return re.sub("^", "  ", lines, flags=re.M)


def _quoted(text: str) -> str:
    """For all three shells: nothing within single quotation marks means anything."""
    return "'" + text.replace("'", "’") + "'"
