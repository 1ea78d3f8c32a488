"""What was measured about one map -> how far it can be trusted, in words. No torch here.

The level rests on rules that know nothing of the right answer or the right place, so that they apply to any
picture; how well they tell true maps from false ones is measured on scenes whose truth is known
(docs/maps.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.analysis.artefacts import Artefacts
from core.evaluation.trust.report import Curves, Findings, Report, Sanity, Steadiness

Outcome = Literal["pass", "doubt", "fail"]
Level = Literal["strong", "mixed", "weak"]

NOTHING_TO_LOSE = 0.1
"""Where the whole picture changes the answer's probability by less, taking it apart tells nothing."""
STILL_ALIKE, ALIKE = 0.6, 0.85
"""Rank correlations: above the first a change was hardly noticed, above the second it was not."""
RELIABLE, SOMEWHAT_RELIABLE = 0.8, 0.5

MOSTLY_SINKS, PARTLY_SINKS = 0.25, 0.1
"""Shares of a map's heat: a few cells that carry nothing hold more than the first, or more than the second."""

_NO_ORDER = "A map without heat has no order of cells that could be compared."

MEANS: dict[Level, str] = {
    "strong": "The answer is lost with the cells that this map marks, far sooner than with the others, and no check "
    "failed; one or another may leave a doubt.",
    "mixed": "Some checks speak for this map and some do not: read them before you build on it.",
    "weak": "A check failed, or taking the picture apart does not speak for this map: do not draw conclusions from it.",
}
DOES_NOT_MEAN = (
    "No badge says that the answer is right, that the model looked where a person would, or that nothing outside "
    "of the marked cells matters. It speaks of this picture, this prompt and these words alone. Removed cells make "
    "pictures that the model has never seen, and several things that hold one another up can hide each other."
)


@dataclass(frozen=True)
class Check:
    """One check of one map.

    Attributes:
        title: what was checked.
        verdict: what came out.
        sentence: what was measured, in figures.
    """

    title: str
    verdict: Outcome
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """How far a map can be trusted.

    Attributes:
        level: all in one word.
        checks: why.
    """

    level: Level
    checks: tuple[Check, ...]


def judge(report: Report) -> Verdict:
    """The verdict on one map.

    Strong: both ways of taking the picture apart speak for the map, and no check fails. Weak: neither way does,
    or a check fails. Mixed: the rest.
    """
    checks = checks_of(report)
    removal = [check.verdict for check in checks if check.title in (_OF_TOKENS, _OF_PIXELS)]
    failed = any(check.verdict == "fail" for check in checks)
    if removal == ["pass", "pass"] and not failed:
        level: Level = "strong"
    elif failed or "pass" not in removal:
        level = "weak"
    else:
        level = "mixed"
    return Verdict(level, checks)


def checks_of(found: Report | Findings) -> tuple[Check, ...]:
    """The checks whose parts are there. They stay as they are when others follow."""
    return tuple(Check(rule.title, *rule.check(found)) for rule in _RULES if _is_there(found, rule.parts))


def still_to_come(found: Findings) -> tuple[str, ...]:
    """What the checks are of whose parts are not all there."""
    return tuple(rule.title for rule in _RULES if not _is_there(found, rule.parts))


def _is_there(found: Report | Findings, parts: tuple[str, ...]) -> bool:
    return all(getattr(found, part) is not None for part in parts)


_Result = tuple[Outcome, str]
"""What came out, and what was measured, in figures."""


def _removal(curves: Curves) -> _Result:
    if abs(curves.deletion[0] - curves.deletion[-1]) < NOTHING_TO_LOSE:
        return (
            "doubt",
            f"The answer is about as likely without the picture ({curves.deletion[-1]:.2f}) as with it "
            f"({curves.deletion[0]:.2f}): taking it apart tells nothing.",
        )
    blind = (*curves.random_areas, *curves.centre_areas)
    gain, spread = curves.insertion_area - curves.deletion_area, max(blind) - min(blind)
    sentence = (
        f"Area under the answer's probability: {curves.insertion_area:.2f} with the coolest cells gone first, "
        f"{curves.deletion_area:.2f} with the hottest gone first, a gain of {gain:.2f}. Between any two of "
        f"{len(blind)} orders that know nothing of the map, the difference is at most {spread:.2f}."
    )
    return "pass" if gain > spread else "doubt" if gain > 0 else "fail", sentence


def _alike(similarity: float) -> Outcome:
    return "pass" if similarity <= STILL_ALIKE else "doubt" if similarity <= ALIKE else "fail"


def _unless_blank(found: Report | Findings, check: Callable[[Sanity], _Result]) -> _Result:
    """A map without heat correlates with nothing, which is no merit."""
    return ("doubt", _NO_ORDER) if found.artefacts.blank else check(found.sanity)


def _cascade(sanity: Sanity) -> _Result:
    cascade = sanity.cascade[-2:]
    told = ", ".join(
        f"{similarity:.2f} ({count})" for count, similarity in zip(sanity.layers, sanity.cascade, strict=True)
    )
    sentence = f"Rank correlation with the map of a scrambled model: {told}, layers scrambled from the top in brackets."
    return _alike(sum(cascade) / len(cascade)), sentence


def _answer(sanity: Sanity) -> _Result:
    similarity = sanity.shuffled
    sentence = (
        "Rank correlation with the map of other words (the answer shuffled or, of one token, another token): "
        f"{similarity:.2f}."
    )
    if similarity > 0.99:
        sentence += " The map is the same whatever is said: it marks what stands out, not what was asked."
        return "doubt", sentence
    return "pass", sentence + " Words about the same thing may well agree."


def _blank(sanity: Sanity) -> _Result:
    similarity = sanity.blank
    sentence = f"Rank correlation with the map of a picture of one colour: {similarity:.2f}."
    return _alike(similarity), sentence


def _steadiness(found: Steadiness) -> _Result:
    count = found.samples_needed
    needed = "no number of samples" if count is None else f"about {count} sample{'' if count == 1 else 's'}"
    sentence = (
        f"Halves of {found.samples} samples with noise {found.noise_std:g} agree in rank by {found.halves:.2f}, which "
        f"makes all of them reliable to {found.reliability:.2f}; {needed} would give 0.95. The standard error of the "
        f"typical cell is {100 * found.relative_error:.1f} % of the hottest."
    )
    verdict = "pass" if found.reliability >= RELIABLE else "doubt" if found.reliability >= SOMEWHAT_RELIABLE else "fail"
    return verdict, sentence


def _artefacts(found: Artefacts) -> _Result:
    if found.blank:
        return ("fail", "The map is zero everywhere, or holds nothing but rounding.")
    sentences, verdict = [], "pass"
    if found.sinks:
        sentences.append(
            f"{len(found.sinks)} visual token{'s are sinks' if len(found.sinks) > 1 else ' is a sink'} (massive "
            f"activations); {100 * found.sink_share:.0f} % of the heat lies there."
        )
        if found.hottest_is_sink or found.sink_share > MOSTLY_SINKS:
            verdict = "fail"
            sentences.append("It marks where attention is left over, not where the answer comes from.")
        else:
            verdict = "doubt" if found.sink_share > PARTLY_SINKS else "pass"
    if found.sinks_above is not None:
        verdict = "doubt" if verdict == "pass" else verdict
        sentences.append(
            f"From layer {found.sinks_above} on there are sinks, and gradients below that are ruled by what makes them."
        )
    if found.blank_layers:
        sentences.append(f"Layers without heat, or with rounding alone: {', '.join(map(str, found.blank_layers))}.")
        verdict = "doubt" if verdict == "pass" else verdict
    if found.hottest_share > 0.9:
        sentences.append(f"One cell holds {100 * found.hottest_share:.0f} % of the heat.")
    return verdict, " ".join(sentences) or "No sinks, no layers without heat."


_OF_TOKENS = "Deletion and insertion of visual tokens"
_OF_PIXELS = "Deletion and insertion of pixels"


@dataclass(frozen=True)
class _Rule:
    """How a check is made.

    Attributes:
        title: what is checked.
        parts: of a report, which it takes.
        check: makes it of them.
    """

    title: str
    parts: tuple[str, ...]
    check: Callable[[Report | Findings], _Result]


_RULES = (
    _Rule(_OF_TOKENS, ("tokens",), lambda found: _removal(found.tokens)),
    _Rule(_OF_PIXELS, ("pixels",), lambda found: _removal(found.pixels)),
    _Rule("Depends on the model", ("sanity", "artefacts"), lambda found: _unless_blank(found, _cascade)),
    _Rule("Depends on the answer", ("sanity", "artefacts"), lambda found: _unless_blank(found, _answer)),
    _Rule("Depends on the picture", ("sanity", "artefacts"), lambda found: _unless_blank(found, _blank)),
    _Rule("Steady under noise", ("steadiness",), lambda found: _steadiness(found.steadiness)),
    _Rule("Artefacts", ("artefacts",), lambda found: _artefacts(found.artefacts)),
)
