"""Heat of a prompt's words -> CSV, and lines of text for a terminal."""

from collections.abc import Iterator

from core.export.tables import csv_text, digits
from core.schema.readings.prompt_heat import FIRST_LAYER, SOURCES, PromptHeat
from core.schema.visible_text import visible

_BAR = 30  # characters


def prompt_words_csv(heat: PromptHeat) -> str:
    """One line for each source and each word at each layer: layer, kind, number, text, heat, share of the whole.

    `kind` is "picture" (one line each, numbered from 1), "prompt", "answer" or "template", which add up to the layer's
    whole, or "turn" (one line each turn before the question) or "word" (of the question), whose lines are parts of the
    prompt's.
    """
    return csv_text(("layer", "kind", "number", "text", "heat", "share"), _lines(heat))


def _lines(heat: PromptHeat) -> Iterator[tuple]:
    for layer in range(heat.total_layers):
        for number, own in enumerate(zip(heat.picture_heat[layer], heat.picture_shares(layer), strict=True), 1):
            yield layer, "picture", number, "", *map(digits, own)
        rest = (heat.prompt_heat, heat.answer_heat, heat.template_heat)
        for kind, values in zip(SOURCES[1:], rest, strict=True):
            yield layer, kind, "", "", digits(values[layer]), digits(heat.shares(layer)[kind])
        if heat.turn_heat:
            turns = zip(heat.turn_heat[layer], heat.turn_shares(layer), strict=True)
            for number, (own, share) in enumerate(turns, 1):
                yield layer, "turn", number, "", digits(own), digits(share)
        words = zip(heat.words, heat.word_heat[layer], heat.word_shares(layer), strict=True)
        for number, (word, own, share) in enumerate(words, 1):
            yield layer, "word", number, word.text, digits(own), digits(share)


def prompt_words_text(heat: PromptHeat) -> str:
    """The shares of the first layer, where words are read, and those of the sources at every layer."""
    words = zip(heat.words, heat.word_shares(), strict=True)
    lines = [f"Shares of the heat of all tokens, at the input of layer {FIRST_LAYER}:"]
    lines += [f"  {name:10s}{share:7.1%}" for name, share in heat.shares().items()]
    if len(heat.picture_heat[FIRST_LAYER]) > 1:
        each = enumerate(heat.picture_shares(), 1)
        lines += ["of which each picture:", *(f"  picture {number:<3d}{share:6.1%}" for number, share in each)]
    if heat.turn_heat:
        each = enumerate(heat.turn_shares(), 1)
        lines += ["of which each earlier turn:", *(f"  turn {number:<6d}{share:6.1%}" for number, share in each)]
    most = max(heat.word_shares(), default=0.0) or 1.0
    lines.append("of which each word of the prompt:")
    lines += [
        f"  {share:6.1%} {'#' * round(_BAR * share / most):{_BAR}s} {visible(word.text)}" for word, share in words
    ]
    lines.append("layer  " + "  ".join(f"{name:>8s}" for name in SOURCES))
    for layer in range(heat.total_layers):
        lines.append(f"{layer:5d}  " + "  ".join(f"{share:8.1%}" for share in heat.shares(layer).values()))
    return "\n".join(lines)
