"""How every command ends: its exit code, and one sentence for whatever went wrong on the way."""

import json
import sys
from collections.abc import Callable
from typing import Any

from core.errors import ExplainError

SOME_FAILED, FAILED, STOPPED = 1, 2, 130


def ended(run: Callable[[], int | None], output_dir: str = "", as_json: bool = False) -> int:
    """Runs a command; returns its exit code, 0 where it says none.

    Args:
        output_dir: where it writes: what else cannot be read has sentences of its own.
        as_json: whether what went wrong is said as {"error": ...} on standard output, too.
    """
    try:
        return run() or 0
    except ExplainError as error:
        return failed(str(error), as_json)
    except OSError as error:
        where, why = error.filename or output_dir, error.strerror or error
        return failed(f"{where} cannot be written: {why}. Choose another --output_dir.", as_json)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return STOPPED


def failed(sentence: str, as_json: bool = False, **about: object) -> int:
    """Says what is wrong on standard error; with `as_json` also on standard output. Returns the exit code.

    Args:
        about: of which question it is told, for the object on standard output.
    """
    print(f"error: {sentence}", file=sys.stderr)
    if as_json:
        say({"error": sentence, **about})
    return FAILED


def say(value: dict[str, Any]) -> None:
    """Prints an object as one line of JSON; by numbers what the terminal, or no text at all, can hold."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value)
    print(text, flush=True)
