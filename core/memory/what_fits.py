"""Which published sizes of a model fit which card, by the estimate of a run's memory. No torch here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.memory.budget import UNPACKING, rounded_bytes
from core.memory.estimate import phases, sweep_load
from core.models.dimensions import CHANNELS, FRAMES, Dimensions, Tower
from core.models.options import BITS, Quantisation

ITEM = 2
"""Bytes of a bfloat16 number, which all is computed with on a card."""

CONTEXT = 700 << 20
"""What CUDA and its libraries take of a card beside a model, and what lies between tensors; a round number."""

RESERVE = 0.9
"""As `core.memory.fit.RESERVE`."""

CARDS = (16, 24, 48, 80, 141)
"""Gibibytes."""


@dataclass(frozen=True)
class Published:
    """A size of Qwen2.5-VL, as its config.json tells.

    Attributes:
        tied: whether embeddings and output head are one.
    """

    title: str
    dimensions: Dimensions
    tied: bool = False


def _tower(inner: int) -> Tower:
    return Tower(depth=32, width=1280, inner=inner, heads=16, patch=14, merge=2, window=64, whole=4, gated=True)


# Layers, width, inner width, heads, heads of keys, width of a head, vocabulary.
MODELS = (
    Published("Qwen2.5-VL-3B", Dimensions(36, 2048, 11008, 16, 2, 128, 151_936, _tower(3420)), tied=True),
    Published("Qwen2.5-VL-7B", Dimensions(28, 3584, 18_944, 28, 4, 128, 152_064, _tower(3420))),
    Published("Qwen2.5-VL-32B", Dimensions(64, 5120, 27_648, 40, 8, 128, 152_064, _tower(3456))),
    Published("Qwen2.5-VL-72B", Dimensions(80, 8192, 29_568, 64, 8, 128, 152_064, _tower(3456))),
)


def linear_shapes(d: Dimensions) -> list[tuple[int, int]]:
    """(outputs, inputs) of the linear layers inside one decoder layer."""
    queries, keys = d.heads * d.head_width, d.key_heads * d.head_width
    attention = [(queries, d.width), (keys, d.width), (keys, d.width), (d.width, queries)]
    return [*attention, (d.inner, d.width), (d.inner, d.width), (d.width, d.inner)]


def weight_bytes(model: Published, quantisation: Quantisation | None) -> int:
    """What the weights take on a card: those of the decoder's linear layers rounded, all others in bfloat16."""
    d, shapes = model.dimensions, linear_shapes(model.dimensions)
    if quantisation is None:
        linear = ITEM * sum(rows * columns for rows, columns in shapes)
    else:
        linear = sum(rounded_bytes(shape, quantisation) for shape in shapes)
    t, biases = d.tower, (d.heads + 2 * d.key_heads) * d.head_width
    blocks = t.depth * (4 * t.width**2 + 3 * t.width * t.inner + 7 * t.width + 2 * t.inner)
    joined = t.width * t.merge**2
    merger = t.width + joined**2 + joined + joined * d.width + d.width
    tower = CHANNELS * FRAMES * t.patch**2 * t.width + blocks + merger
    others = d.layers * (2 * d.width + biases) + d.width + (1 if model.tied else 2) * d.vocabulary * d.width + tower
    return round(d.layers * linear + ITEM * others)


def samples_that_fit(
    model: Published, quantisation: Quantisation | None, card: float, visual: int, answer: int, most: int
) -> tuple[int, bool]:
    """(noise samples that go through the model at once, whether layers are computed again), or (0, True).

    Args:
        card: bytes of its memory.
        visual: visual tokens.
        answer: tokens of the answer.
        most: samples that are wanted.
    """
    d = model.dimensions
    plain = (UNPACKING + ITEM) * d.width * d.inner if quantisation else 0
    free = RESERVE * (card - CONTEXT - weight_bytes(model, quantisation) - plain)
    for recompute in (False, True):
        load = replace(sweep_load(d.layers, visual + answer + 60, visual, answer), recompute=recompute)
        times = int(max(0.0, free) // phases(d, load, ITEM).peak)
        if times:
            return min(most, times), recompute
    return 0, True


@dataclass(frozen=True)
class Row:
    """What fits of a model.

    Attributes:
        bits: its linear layers' weights have; 16 where nothing is rounded.
        bytes: all of its weights take.
        found: of each card, as `samples_that_fit` gives it.
    """

    model: str
    bits: int
    bytes: int
    found: tuple[tuple[int, bool], ...]


def rows(visual: int, answer: int, samples: int, cards: Iterable[int]) -> Iterator[Row]:
    """Every model at every number of bits; see `samples_that_fit`.

    Args:
        cards: memory of each, in GiB.
    """
    sizes = [card << 30 for card in cards]
    for model in MODELS:
        for quantisation in (None, *sorted(BITS, key=BITS.get, reverse=True)):
            found = (samples_that_fit(model, quantisation, size, visual, answer, samples) for size in sizes)
            bits = 8 * ITEM if quantisation is None else BITS[quantisation]
            yield Row(model.title, bits, weight_bytes(model, quantisation), tuple(found))


def table(visual: int = 1230, answer: int = 64, samples: int = 10, cards: Iterable[int] = CARDS) -> str:
    """Models and bits down, cards across, in Markdown."""
    cards = list(cards)
    lines = [
        f"| model | weights in | they take | {' | '.join(f'{card} GB' for card in cards)} |",
        f"|---|---|---|{'---|' * len(cards)}",
    ]
    for row in rows(visual, answer, samples, cards):
        cells = [f"{count}{' *' if again else ''}" if count else "–" for count, again in row.found]
        stored = "bfloat16" if row.bits == 8 * ITEM else f"{row.bits} bits"
        lines.append(f"| {row.model} | {stored} | {row.bytes / 1e9:.1f} GB | {' | '.join(cells)} |")
    return "\n".join(lines)
