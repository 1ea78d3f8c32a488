"""`python -m core models`: the models that may be chosen, how each is loaded, and what is wrong with one."""

import argparse
import os
from typing import Any

from core.cli.terminal.command_parser import CommandParser
from core.cli.terminal.ending import say
from core.cli.terminal.progress_bar import ProgressBar
from core.errors import ExplainError
from core.memory.budget import expected_bytes
from core.models.checkpoints import EMBEDDED, ModelCard, describe_model

SETTING = "SMOOTHCAM_MODELS"


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = CommandParser(
        prog="python -m core models",
        description="Describes models without loading them: what they are, how they are loaded, how much memory their "
        "weights take. One that cannot be used is told in a sentence; the exit code is then 1.",
    )
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help=f"folder or hub id, maybe with options as in NAME;4bit (default: the embedded one and those of {SETTING})",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--json", action="store_true", help="print one JSON object a model, in a line")
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit code."""
    options, is_wrong = build_parser().parse_args(arguments), False
    for choice in options.models or _offered():
        try:
            with ProgressBar() as bar:
                name = None if choice == EMBEDDED else choice
                card = describe_model(name, options.device, among=_offered(), on_progress=bar.show)
        except ExplainError as error:
            is_wrong, facts, line = (
                True,
                {"model": choice, "error": str(error)},
                f"{choice}\n    cannot be used: {error}",
            )
        else:
            facts, line = _facts(choice, card), _line(choice, card)
        if options.json:
            say(facts)
        else:
            print(line)
    return int(is_wrong)


def _offered() -> list[str]:
    named = (name.strip() for name in os.environ.get(SETTING, "").split(","))
    return list(dict.fromkeys([EMBEDDED, *filter(None, named)]))


def _line(choice: str, card: ModelCard) -> str:
    facts = [card.model_type, f"{card.total_layers} layers", f"{card.dtype} on {card.device}"]
    size = expected_bytes(card)
    weights = f"weights {size / 1e9:.1f} GB" if size >= 1e8 else f"weights {size / 1e6:.0f} MB"
    facts.append(weights + (f" in {card.bits} bits" if card.bits else ""))
    if card.options:
        facts.append(f"options {card.options}")
    return f"{choice}\n    {', '.join(facts)}"


def _facts(choice: str, card: ModelCard) -> dict[str, Any]:
    return {
        "model": choice,
        "type": card.model_type,
        "layers": card.total_layers,
        "dtype": card.dtype,
        "device": card.device,
        "bytes": expected_bytes(card),
        "bits": card.bits,
        "options": str(card.options),
        "fingerprint": card.fingerprint,
    }
