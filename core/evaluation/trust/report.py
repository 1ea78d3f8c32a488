"""What is measured about one map: plain values for pages, files and the result store. No torch here."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from core.analysis.artefacts import Artefacts

Surface = Literal["tokens", "pixels"]

_SINCE = {"hottest_is_sink": False, "sinks_above": None}
"""What of `Artefacts` came after reports were stored: left out where it says nothing new."""


@dataclass(frozen=True)
class Curves:
    """What happens when a picture is taken apart in a map's order.

    Attributes:
        surface: whether the features of visual tokens are replaced, or pixels.
        fill: the baseline that replaces them, a name of `core.evaluation.trust.baselines.BASELINES`.
        fractions: shares of the cells that are gone, from 0 to 1.
        deletion: probability of the explained tokens at each, hottest cells gone first.
        insertion: likewise, coolest cells gone first (insertion, read backwards).
        random, centre: mean curves of as many orders that know nothing of the picture, any order and
            one that prefers the centre.
        deletion_area, insertion_area: areas under the curves.
        random_areas, centre_areas: areas under the curve of each such order. For both directions: an
            order's reverse is as likely.
    """

    surface: Surface
    fill: str
    fractions: tuple[float, ...]
    deletion: tuple[float, ...]
    insertion: tuple[float, ...]
    random: tuple[float, ...]
    centre: tuple[float, ...]
    deletion_area: float
    insertion_area: float
    random_areas: tuple[float, ...]
    centre_areas: tuple[float, ...]


@dataclass(frozen=True)
class Sanity:
    """Rank correlations with the true map; see `core.evaluation.trust.sanity`.

    Attributes:
        layers: how many decoder layers were scrambled at each step, from the top.
        cascade: similarity at each step.
        shuffled: similarity with the map of a shuffled answer.
        blank: similarity with the map of a picture of one colour.
    """

    layers: tuple[int, ...]
    cascade: tuple[float, ...]
    shuffled: float
    blank: float


@dataclass(frozen=True)
class Steadiness:
    """How far the map depends on the noise that was drawn; see `core.evaluation.trust.reliability`.

    Attributes:
        samples: noise samples that were compared, in two halves.
        noise_std: their noise.
        halves: rank correlation between the maps of the two halves.
        reliability: rank correlation to expect with a map of as many other samples.
        samples_needed: samples that give a reliability of 0.95; None where that cannot be said.
        relative_error: standard error of the typical cell, as a share of the hottest cell's heat.
    """

    samples: int
    noise_std: float
    halves: float
    reliability: float
    samples_needed: int | None
    relative_error: float


@dataclass(frozen=True)
class Report:
    """All that is measured about one map.

    Attributes:
        answer: the answer that it explains.
        tokens: taken apart by visual tokens, the mean token in their place.
        pixels: taken apart by pixels, blurred ones in their place.
        greyed: likewise, the picture's mean colour in their place; None in reports from before it was measured.
    """

    answer: str
    tokens: Curves
    pixels: Curves
    sanity: Sanity
    steadiness: Steadiness
    artefacts: Artefacts
    greyed: Curves | None = None

    @property
    def curves(self) -> tuple[Curves, ...]:
        """All ways in which the picture was taken apart."""
        return (self.tokens, self.pixels) if self.greyed is None else (self.tokens, self.pixels, self.greyed)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; `from_dict` reads it back."""
        return _values(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Report":
        """The inverse of `to_dict`, also after a round through JSON.

        Raises:
            KeyError, TypeError, ValueError: it was written by another version.
        """
        parts = {name: values[name] for name in _READ if name != "greyed"}
        if values.get("greyed") is not None:
            parts["greyed"] = values["greyed"]
        return cls(values["answer"], **_read(parts))


@dataclass(frozen=True)
class Findings:
    """What of a `Report` is measured so far; None for what is still to come."""

    artefacts: Artefacts | None = None
    tokens: Curves | None = None
    pixels: Curves | None = None
    greyed: Curves | None = None
    sanity: Sanity | None = None
    steadiness: Steadiness | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form of what there is; `from_dict` reads it back."""
        return {name: value for name, value in _values(self).items() if value is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Findings":
        """The inverse of `to_dict`, also after a round through JSON."""
        return cls(**_read(values))


def _values(found: Report | Findings) -> dict[str, Any]:
    values = asdict(found)
    if values["artefacts"] is not None:
        told = values["artefacts"].items()
        values["artefacts"] = {name: value for name, value in told if name not in _SINCE or value != _SINCE[name]}
    return values


def _read(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _READ[name](value) for name, value in values.items()}


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _artefacts(values: dict[str, Any]) -> Artefacts:
    read = _tuples(values)
    return Artefacts(**read | {"sinks": tuple(map(tuple, read["sinks"]))})


def _curves(values: dict[str, Any]) -> Curves:
    return Curves(**_tuples(values))


_READ: dict[str, Callable[[dict[str, Any]], Any]] = {
    "artefacts": _artefacts,
    "tokens": _curves,
    "pixels": _curves,
    "greyed": _curves,
    "sanity": lambda values: Sanity(**_tuples(values)),
    "steadiness": lambda values: Steadiness(**values),
}
