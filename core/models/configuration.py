"""config.json as its model reads it: what is written in another way, where its meaning is known. No torch here."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None, "none": None}
_TEXTS = ("version", "name", "path", "type", "label", "commit")
"""Parts of the names of settings that are text even where they look like a number."""


def read_config(folder: Path) -> dict[str, Any]:
    """What a folder's config.json says, mended.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, or no settings.
    """
    content = json.loads((folder / "config.json").read_text("utf-8"))
    if not isinstance(content, dict):
        raise ValueError("config.json holds no settings.")
    return mended(content)


def mended(config: Mapping[str, Any]) -> dict[str, Any]:
    """The same settings with numbers and truth values that are written as text ("4", "1e-6", "false") read as such."""
    return {name: _mended(name, value) for name, value in config.items()}


def _mended(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return mended(value)
    if isinstance(value, list):
        return [_mended(name, each) for each in value]
    if not isinstance(value, str) or any(part in name for part in _TEXTS):
        return value
    text = value.strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if re.fullmatch(r"-?\d+", text) else number
    return _WORDS.get(text.lower(), value)
