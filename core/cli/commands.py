"""What `python -m core NAME` runs, for each name; imported on first use, for each brings what it needs."""

from collections.abc import Callable
from importlib import import_module

_COMMANDS = {
    "evaluate": "evaluate:main",
    "gallery": "gallery:main",
    "models": "models:main",
    "fits": "fits:main",
    "what-if": "interventions:what_if",
    "reliance": "interventions:reliance",
    "heads": "readings:heads",
    "lens": "readings:lens",
}
"""Name -> module of `core.cli`, and its function of the arguments that returns the exit code."""


def find_command(name: str) -> Callable[[list[str]], int] | None:
    """The command of that name; None for anything else, which `core.cli.explain` reads as its own arguments."""
    if name not in _COMMANDS:
        return None
    module, _, function = _COMMANDS[name].partition(":")
    return getattr(import_module(f"core.cli.{module}"), function)
