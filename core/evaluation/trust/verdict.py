"""What was measured about one map -> how far it can be trusted, in words. No torch here.

The level rests on rules that know nothing of the right answer or the right place, so that they apply to any
picture; how well they tell true maps from false ones is measured on scenes whose truth is known
(docs/maps.md).
"""

from dataclasses import dataclass
from typing import Literal

from core.evaluation.trust.report import Curves, Report

Outcome = Literal["pass", "doubt", "fail"]
Level = Literal["strong", "mixed", "weak"]

NOTHING_TO_LOSE = 0.1
"""Where the whole picture changes the answer's probability by less, taking it apart tells nothing."""
STILL_ALIKE, ALIKE = 0.6, 0.85
"""Rank correlations: above the first a change was hardly noticed, above the second it was not."""
RELIABLE, SOMEWHAT_RELIABLE = 0.8, 0.5

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
    removal = (_removal(report.tokens), _removal(report.pixels))
    changed = (_cascade(report), _answer(report), _blank(report))
    if report.artefacts.blank:  # correlates with nothing, which is no merit
        changed = tuple(Check(check.title, "doubt", _NO_ORDER) for check in changed)
    others = (*changed, _steadiness(report), _artefacts(report))
    verdicts = [check.verdict for check in removal]
    failed = any(check.verdict == "fail" for check in (*removal, *others))
    if verdicts == ["pass", "pass"] and not failed:
        level: Level = "strong"
    elif failed or "pass" not in verdicts:
        level = "weak"
    else:
        level = "mixed"
    return Verdict(level, (*removal, *others))


def _removal(curves: Curves) -> Check:
    title = f"Deletion and insertion of {'visual tokens' if curves.surface == 'tokens' else 'pixels'}"
    if abs(curves.deletion[0] - curves.deletion[-1]) < NOTHING_TO_LOSE:
        return Check(
            title,
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
    return Check(title, "pass" if gain > spread else "doubt" if gain > 0 else "fail", sentence)


def _alike(similarity: float) -> Outcome:
    return "pass" if similarity <= STILL_ALIKE else "doubt" if similarity <= ALIKE else "fail"


def _cascade(report: Report) -> Check:
    cascade = report.sanity.cascade[-2:]
    told = ", ".join(
        f"{similarity:.2f} ({count})"
        for count, similarity in zip(report.sanity.layers, report.sanity.cascade, strict=True)
    )
    sentence = f"Rank correlation with the map of a scrambled model: {told}, layers scrambled from the top in brackets."
    return Check("Depends on the model", _alike(sum(cascade) / len(cascade)), sentence)


def _answer(report: Report) -> Check:
    similarity = report.sanity.shuffled
    sentence = (
        "Rank correlation with the map of other words (the answer shuffled or, of one token, another token): "
        f"{similarity:.2f}."
    )
    if similarity > 0.99:
        sentence += " The map is the same whatever is said: it marks what stands out, not what was asked."
        return Check("Depends on the answer", "doubt", sentence)
    return Check("Depends on the answer", "pass", sentence + " Words about the same thing may well agree.")


def _blank(report: Report) -> Check:
    similarity = report.sanity.blank
    sentence = f"Rank correlation with the map of a picture of one colour: {similarity:.2f}."
    return Check("Depends on the picture", _alike(similarity), sentence)


def _steadiness(report: Report) -> Check:
    found = report.steadiness
    count = found.samples_needed
    needed = "no number of samples" if count is None else f"about {count} sample{'' if count == 1 else 's'}"
    sentence = (
        f"Halves of {found.samples} samples with noise {found.noise_std:g} agree in rank by {found.halves:.2f}, which "
        f"makes all of them reliable to {found.reliability:.2f}; {needed} would give 0.95. The standard error of the "
        f"typical cell is {100 * found.relative_error:.1f} % of the hottest."
    )
    verdict = "pass" if found.reliability >= RELIABLE else "doubt" if found.reliability >= SOMEWHAT_RELIABLE else "fail"
    return Check("Steady under noise", verdict, sentence)


def _artefacts(report: Report) -> Check:
    found = report.artefacts
    if found.blank:
        return Check("Artefacts", "fail", "The map is zero everywhere, or holds nothing but rounding.")
    sentences, verdict = [], "pass"
    if found.sinks:
        sentences.append(
            f"{len(found.sinks)} visual token{'s are sinks' if len(found.sinks) > 1 else ' is a sink'} (massive "
            f"activations); {100 * found.sink_share:.0f} % of the heat lies there."
        )
        verdict = "fail" if found.sink_share > 0.5 else "doubt" if found.sink_share > 0.2 else "pass"
    if found.blank_layers:
        sentences.append(f"Layers without heat, or with rounding alone: {', '.join(map(str, found.blank_layers))}.")
        verdict = "doubt" if verdict == "pass" else verdict
    if found.hottest_share > 0.9:
        sentences.append(f"One cell holds {100 * found.hottest_share:.0f} % of the heat.")
    return Check("Artefacts", verdict, " ".join(sentences) or "No sinks, no layers without heat.")
