"""What words rest on, as plain values."""

import json

import pytest

from core.interventions.reliance_report import DECISIVE, HARDLY, KINDS, Reliance, TokenReliance, WordReliance
from core.interventions.report import FILLS


def token(text: str, start: int, picture: tuple[float, ...], question: float, so_far: float) -> TokenReliance:
    return TokenReliance(text, start, start + len(text), picture, question, so_far)


RELIANCE = Reliance(
    "red boxes",
    FILLS,
    (
        token("red", 0, (3.0, 2.0, 1.0), 0.5, 0.0),
        token(" box", 3, (0.1, 0.1, 0.1), 2.0, 0.5),
        token("es", 7, (0.3, 0.3, 0.3), 0.0, 0.25),
    ),
)


def test_reliance_comes_back_from_json():
    assert Reliance.from_dict(json.loads(json.dumps(RELIANCE.to_dict()))) == RELIANCE


def test_values_of_other_fills_are_refused():
    values = RELIANCE.to_dict() | {"fills": ["blur"]}
    with pytest.raises(ValueError, match="not those of the fills"):
        Reliance.from_dict(values)


def test_a_word_has_the_sums_of_its_tokens():
    first, second = RELIANCE.words()
    assert (first.text, first.start, first.stop, first.picture) == ("red", 0, 1, 2.0)
    assert (second.text, second.start, second.stop) == ("boxes", 1, 3)
    assert second.picture == pytest.approx(0.4)
    assert (second.question, second.so_far) == (2.0, 0.75)
    assert [first.kind, second.kind] == ["rests on the picture", "rests on the question"]


@pytest.mark.parametrize(
    ("sums", "kind"),
    [
        ((HARDLY - 0.01, 0.0, 0.0), KINDS[0]),
        ((HARDLY - 0.01, 5.0, 9.0), KINDS[0]),
        ((HARDLY + 0.01, 0.1, 0.2), KINDS[1]),
        ((1.0, 2.0, 1.5), KINDS[2]),
        ((1.0, 2.0, 2.5), KINDS[3]),
        ((DECISIVE + 1, DECISIVE + 20, DECISIVE + 9), KINDS[1]),
        ((DECISIVE - 1, DECISIVE + 2, DECISIVE + 9), KINDS[2]),
    ],
)
def test_a_word_rests_on_what_takes_most_away(sums, kind):
    assert WordReliance("w", 0, 1, *sums).kind == kind
