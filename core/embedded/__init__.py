"""The small vision-language model that ships with the project, its scenes and its training recipe.

The model has the real Qwen2.5-VL architecture, only smaller, and speaks about drawn scenes whose
object masks are known: what a map shows can therefore be checked against the truth.
Nothing heavy is imported here.
"""

from pathlib import Path

CHECKPOINT: Path = Path(__file__).resolve().parent / "checkpoint"
"""Folder of the trained checkpoint, laid out as on a model hub."""
