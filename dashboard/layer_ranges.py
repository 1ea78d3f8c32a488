"""Layers as people type them."""

import re

from core.errors import InputError
from core.schema.model_parts import PARTS, Part


def parse_layers(text: str) -> list[int]:
    """ "0, 3, 5-8, -1" -> [0, 3, 5, 6, 7, 8, -1].

    Raises:
        InputError: a piece is neither a whole number nor a range of them.
    """
    layers: list[int] = []
    for piece in re.split(r"[,;\s]+", text.strip(" ,;\t\n")):
        match = re.fullmatch(r"(-?\d{1,4})(?:-(\d{1,4}))?", piece)
        if match is None:
            raise InputError("Write layers as numbers and ranges, such as 0, 3, 5-8, -1 (-1 is the last one).")
        first = int(match[1])
        layers.extend([first] if match[2] is None else range(first, int(match[2]) + 1))
    return layers


def layer_words(layers: tuple[int, ...]) -> str:
    """The inverse of `parse_layers`: (0, 3, 5, 6, 7) -> "0, 3, 5-7"."""
    ends: list[list[int]] = []
    for layer in layers:
        if ends and layer == ends[-1][1] + 1:
            ends[-1][1] = layer
        else:
            ends.append([layer, layer])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


def span(layers: tuple[int, ...], part: Part = "decoder") -> str:
    """Layers, or blocks, in words."""
    words, first, last = PARTS[part], layers[0], layers[-1]
    if len(layers) == 1:
        return f"{words.one} {first}"
    whole = layers == tuple(range(first, last + 1))
    return f"{words.many} {first} to {last}" if whole else f"{len(layers)} {words.many}, {first} to {last}"
