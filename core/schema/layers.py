"""Which layers: "auto" | "early" | "middle" | "late" | "all" | a list -> ascending indices."""

from collections.abc import Iterable

from core.errors import InputError, shown
from core.schema.checks import check_list
from core.schema.model_parts import PARTS, Part

LAYER_CHOICES = ("all", "auto", "early", "middle", "late")
AUTO_LAYERS = 6
MOST_LISTED = 10_000
"""Indices that one list may hold, repeats included."""


def select_layers(choice: str | int | Iterable[int], total: int, part: Part = "decoder") -> tuple[int, ...]:
    """Indices of decoder layers or of vision tower blocks, ascending and without repeats.

    Args:
        choice: "all"; "auto", six layers spread evenly from first to last; "early", "middle" or
            "late", a third of the depth each; one index; or several. Negative ones count from the end.
        total: how many there are.
        part: of which part of the model, for the messages.

    Raises:
        InputError: an unknown word, no layer at all, an index outside [-total, total - 1], or the model has none.
    """
    words = PARTS[part]
    if total < 1:
        raise InputError(f"Of this model it is not known how many {words.all} there are. Look at another part of it.")
    if isinstance(choice, str):
        return _named(choice, total)
    indices = [choice] if isinstance(choice, int) else check_list("Layers", choice, MOST_LISTED)
    if not indices:
        raise InputError(f"No {words.one} was chosen. Give {words.many} from 0 to {total - 1}, or one of: {_words()}.")
    for index in indices:
        if isinstance(index, bool) or not isinstance(index, int) or not -total <= index < total:
            raise InputError(
                f"There is no {words.one} {shown(index)}: this model has {total} {words.all}, 0 to {total - 1} "
                f"(or -{total} to -1, counted from the end)."
            )
    return tuple(sorted({index % total for index in indices}))


def thirds(total: int) -> dict[str, tuple[int, ...]]:
    """The depth cut in three: {"early", "middle", "late"} -> layers. Every layer is in exactly one."""
    first, second = total // 3, 2 * total // 3
    return {
        "early": tuple(range(0, first)),
        "middle": tuple(range(first, second)),
        "late": tuple(range(second, total)),
    }


def quarters(total: int) -> list[int]:
    """The layers at a quarter, half and three quarters of the depth, and the last one; as the original's default."""
    return [total // 4, total // 2, 3 * total // 4, total - 1]


def _named(choice: str, total: int) -> tuple[int, ...]:
    if choice == "all":
        return tuple(range(total))
    if choice == "auto":
        count = min(AUTO_LAYERS, total)
        return tuple(sorted({round(i * (total - 1) / max(1, count - 1)) for i in range(count)}))
    if choice in LAYER_CHOICES:
        # A model of one or two layers has empty thirds; its nearest layer stands in for them.
        return thirds(total)[choice] or (0,)
    raise InputError(f"There is no layer choice {shown(choice)}. Use one of: {_words()}, or a list of indices.")


def _words() -> str:
    return ", ".join(f'"{word}"' for word in LAYER_CHOICES)
