"""The parser of every command: its help names defaults, and what is typed wrong is said in JSON where that is asked."""

import argparse
import sys
from collections.abc import Sequence
from copy import copy
from typing import Any, NoReturn

from core.cli.terminal.ending import say

SPELLINGS = "Underscores and hyphens are the same in every option's name."
_SAYS_NOTHING = (None, False, argparse.SUPPRESS)


class Help(argparse.HelpFormatter):
    """Each option by one of its equal spellings, with its default where it has one and its text does not say it."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, **{"max_help_position": 30} | options)

    def _get_help_string(self, action: argparse.Action) -> str:
        text = action.help or ""
        if "default" in text or not action.option_strings or any(action.default is each for each in _SAYS_NOTHING):
            return text
        return f"{text} (default: {_words(action.default)})"

    def _format_action_invocation(self, action: argparse.Action) -> str:
        shown = copy(action)
        spellings = {name.replace("_", "-"): name for name in reversed(action.option_strings)}
        shown.option_strings = [name for name in action.option_strings if name in spellings.values()]
        return super()._format_action_invocation(shown)


class CommandParser(argparse.ArgumentParser):
    """As argparse's own, with that help; `error` says what is wrong as {"error": ...}, too, where --json is given."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options = {"formatter_class": Help, "epilog": SPELLINGS} | options
        super().__init__(*arguments, **options)
        self._is_json = False

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:
        self._is_json = "--json" in (sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        if self._is_json:
            say({"error": message})
        super().error(message)


def _words(value: Any) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text.replace("%", "%%")
