"""The rules of the badge, on reports made by hand."""

from dataclasses import replace

import pytest

from core.analysis.artefacts import Artefacts
from core.evaluation.trust.report import Findings
from core.evaluation.trust.verdict import MEANS, checks_of, judge, still_to_come
from tests.core.evaluation.trust.reports import GOOD

WEAK_GAIN = {"deletion_area": 0.45, "insertion_area": 0.55}  # 0.10, and blind orders differ by 0.20
NO_GAIN = {"deletion_area": 0.7, "insertion_area": 0.3}


def verdicts(report):
    return {check.title: check.verdict for check in judge(report).checks}


def test_all_good_is_strong():
    trust = judge(GOOD)
    assert trust.level == "strong" and len(trust.checks) == 7
    assert set(verdicts(GOOD).values()) == {"pass"}
    told = {check.title: check.sentence for check in trust.checks}
    assert "a gain of 0.40" in told["Deletion and insertion of visual tokens"]
    assert "at most 0.20" in told["Deletion and insertion of pixels"]
    assert "0.90 (1), 0.70 (2), 0.20 (4), -0.10 (8)" in told["Depends on the model"]
    assert "about 11 samples would give 0.95" in told["Steady under noise"]
    assert judge(replace(GOOD, greyed=replace(GOOD.pixels, fill="mean", **NO_GAIN))) == trust  # shown, not judged
    assert set(MEANS) == {"strong", "mixed", "weak"}


def test_one_way_of_taking_apart_is_mixed_and_none_is_weak():
    pixels = replace(GOOD.pixels, **WEAK_GAIN)
    assert judge(replace(GOOD, pixels=pixels)).level == "mixed"
    assert verdicts(replace(GOOD, pixels=pixels))["Deletion and insertion of pixels"] == "doubt"
    tokens = replace(GOOD.tokens, **WEAK_GAIN)
    assert judge(replace(GOOD, pixels=pixels, tokens=tokens)).level == "weak"
    assert judge(replace(GOOD, pixels=replace(GOOD.pixels, **NO_GAIN))).level == "weak"


def test_where_the_picture_hardly_matters_nothing_can_be_told():
    flat = {"deletion": (0.9, 0.9, 0.85), "insertion": (0.9, 0.9, 0.85)}
    report = replace(GOOD, tokens=replace(GOOD.tokens, **flat), pixels=replace(GOOD.pixels, **flat))
    assert judge(report).level == "weak"
    assert verdicts(report)["Deletion and insertion of visual tokens"] == "doubt"
    assert "as likely without the picture (0.85) as with it (0.90)" in judge(report).checks[0].sentence


@pytest.mark.parametrize(
    ("changes", "title", "verdict"),
    [
        ({"sanity": replace(GOOD.sanity, cascade=(1.0, 1.0, 0.9, 0.9))}, "Depends on the model", "fail"),
        ({"sanity": replace(GOOD.sanity, cascade=(1.0, 1.0, 0.8, 0.6))}, "Depends on the model", "doubt"),
        ({"sanity": replace(GOOD.sanity, shuffled=1.0)}, "Depends on the answer", "doubt"),
        ({"sanity": replace(GOOD.sanity, blank=0.95)}, "Depends on the picture", "fail"),
        ({"steadiness": replace(GOOD.steadiness, reliability=0.6)}, "Steady under noise", "doubt"),
        ({"steadiness": replace(GOOD.steadiness, reliability=0.1, samples_needed=None)}, "Steady under noise", "fail"),
        ({"artefacts": Artefacts(blank=True)}, "Artefacts", "fail"),
        ({"artefacts": Artefacts(((0, 1),), 0.6)}, "Artefacts", "fail"),
        ({"artefacts": Artefacts(((0, 1), (1, 1)), 0.3)}, "Artefacts", "fail"),
        ({"artefacts": Artefacts(((0, 1), (1, 1)), 0.2)}, "Artefacts", "doubt"),
        ({"artefacts": Artefacts(((0, 1),), 0.05, hottest_is_sink=True)}, "Artefacts", "fail"),
        ({"artefacts": Artefacts(((0, 1),), 0.05, sinks_above=1)}, "Artefacts", "doubt"),
        ({"artefacts": Artefacts(((0, 1),), 0.05)}, "Artefacts", "pass"),
        ({"artefacts": Artefacts(blank_layers=(7,))}, "Artefacts", "doubt"),
        ({"artefacts": Artefacts(hottest_share=0.95)}, "Artefacts", "pass"),
    ],
)
def test_each_check_has_its_verdict_and_a_failure_makes_the_map_weak(changes, title, verdict):
    report = replace(GOOD, **changes)
    assert verdicts(report)[title] == verdict
    assert judge(report).level == ("weak" if verdict == "fail" else "strong")


def test_a_blank_map_is_not_praised_for_being_like_no_other():
    nothing = replace(GOOD.sanity, cascade=(0.0,) * 4, shuffled=0.0, blank=0.0)
    found = verdicts(replace(GOOD, sanity=nothing, artefacts=Artefacts(blank=True)))
    assert {found[f"Depends on the {what}"] for what in ("model", "answer", "picture")} == {"doubt"}
    assert set(verdicts(replace(GOOD, sanity=nothing)).values()) == {"pass"}


def test_the_sentence_says_how_many_sinks_there_are():
    (told,) = [
        c.sentence for c in judge(replace(GOOD, artefacts=Artefacts(((0, 1),), 0.6))).checks if c.title == "Artefacts"
    ]
    assert told == (
        "1 visual token is a sink (massive activations); 60 % of the heat lies there. It marks where attention is left "
        "over, not where the answer comes from."
    )


def test_of_what_is_measured_so_far_each_check_is_final_and_the_rest_is_to_come():
    nothing = Findings()
    assert checks_of(nothing) == () and len(still_to_come(nothing)) == 7
    begun = replace(nothing, artefacts=GOOD.artefacts, pixels=GOOD.pixels)
    assert {check.title for check in checks_of(begun)} == {"Deletion and insertion of pixels", "Artefacts"}
    assert {check.title for check in checks_of(begun)}.isdisjoint(still_to_come(begun))
    complete = Findings(GOOD.artefacts, GOOD.tokens, GOOD.pixels, None, GOOD.sanity, GOOD.steadiness)
    assert checks_of(complete) == judge(GOOD).checks and still_to_come(complete) == ()
    # Whether a map is blank decides what other checks of it say: without it, they say nothing.
    assert checks_of(Findings(sanity=GOOD.sanity)) == ()
