"""A model that takes large pictures as they are."""

import json
from pathlib import Path

from core.embedded import CHECKPOINT

PUBLISHED = {"shortest_edge": 3_136, "longest_edge": 12_845_056}
"""Pixels of a picture at least and at most, as Qwen2.5-VL's folders say."""


def with_published_limits(folder: Path) -> Path:
    """Makes a folder of the embedded model with these limits in place of its own."""
    folder.mkdir()
    for path in CHECKPOINT.iterdir():
        if path.name == "preprocessor_config.json":
            (folder / path.name).write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"size": PUBLISHED}))
        else:
            (folder / path.name).symlink_to(path.resolve())
    return folder
