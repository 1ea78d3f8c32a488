"""Several layers in words."""

from core.schema.model_parts import PARTS, Part


def span(layers: tuple[int, ...], part: Part = "decoder") -> str:
    """Layers, or blocks, in words."""
    words, first, last = PARTS[part], layers[0], layers[-1]
    if len(layers) == 1:
        return f"{words.one} {first}"
    whole = layers == tuple(range(first, last + 1))
    return f"{words.many} {first} to {last}" if whole else f"{len(layers)} {words.many}, {first} to {last}"
