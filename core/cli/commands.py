"""What `python -m core NAME` runs, for each name; imported on first use, for each brings what it needs."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Command:
    """One of them.

    Attributes:
        about: what it does, in a few words that begin small.
        module: of `core.cli`.
        function: in it, of the arguments; returns the exit code.
        parser: in it, makes the parser of the options.
        given: to `parser`.
    """

    about: str
    module: str
    function: str = "main"
    parser: str = "build_parser"
    given: tuple[str, ...] = ()

    def run(self, arguments: list[str]) -> int:
        """Runs it; returns the exit code."""
        return self._of_module(self.function)(arguments)

    def make_parser(self) -> argparse.ArgumentParser:
        """The parser of its options; loads no model, and no torch where the command can be explained without."""
        return self._of_module(self.parser)(*self.given)

    def _of_module(self, name: str) -> Any:
        return getattr(import_module(f"core.cli.{self.module}"), name)


COMMANDS = {
    "explain": Command("draws where in pictures, or in a video, an answer comes from", "explain", "explain"),
    "evaluate": Command("measures how true the maps of every method are", "evaluation.evaluate"),
    "gallery": Command("draws every method's map of the same pictures, side by side", "evaluation.gallery"),
    "models": Command("tells what models are and how they are loaded, or what is wrong with one", "models"),
    "fits": Command("tells which sizes of a model fit which card", "fits"),
    "what-if": Command(
        "asks again without a part of the picture, or with that part alone",
        *("questions.interventions", "what_if", "build_parser", ("what-if",)),
    ),
    "reliance": Command(
        "tells by how much each word of an answer rests on picture, question and answer so far",
        *("questions.interventions", "reliance", "build_parser", ("reliance",)),
    ),
    "heads": Command("draws and ranks the attention of single heads", *("questions.readings", "heads", "heads_parser")),
    "lens": Command("tells what each cell would say, layer by layer", *("questions.readings", "lens", "lens_parser")),
    "export": Command("writes results as a data set of COCO, FiftyOne or Label Studio", "export"),
    "completion": Command("prints a script by which a shell completes all of these", "terminal.completion"),
}


def find_command(name: str) -> Callable[[list[str]], int] | None:
    """The command of that name; None for anything else, which `core.cli.explain` reads as its own arguments."""
    return COMMANDS[name].run if name in COMMANDS else None


def overview() -> str:
    """What `python -m core --help` prints."""
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {command.about}" for name, command in COMMANDS.items())
    return f"""usage: python -m core [COMMAND] ...

Where in a picture a vision-language model's answer comes from, layer by layer.

commands:
{listed}

Without a command it explains, as in the original:
  python -m core --image_path photo.jpg --prompt "Describe the picture." --mode grid
Options and their defaults: python -m core COMMAND --help
Pages, batches and what is stored: python -m dashboard --help
"""
