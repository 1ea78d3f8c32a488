"""What a run consists of."""

from core.schema import ExplainRequest
from core.schema.run_requests import of_every_picture, whole_run

ASKED = ExplainRequest(image="a", prompt="?", model="m", layers=(0, 2), method="hirescam", tap="output")
TWO = ExplainRequest(image="a", images=("a", "b"), prompt="?", model="m", layers=(1,), method="hirescam")


def test_a_run_has_the_combined_map_beside_its_own():
    own, combined = whole_run(ASKED)
    assert own == ASKED
    assert (combined.method, combined.layers, combined.tap, combined.part) == ("combined", (), "input", "decoder")


def test_the_combined_map_stands_alone():
    combined = ASKED.with_method("combined", ())
    assert whole_run(combined) == [combined]


def test_each_picture_has_all_of_it_one_after_the_other():
    found = whole_run(TWO)
    assert [(each.picture, each.image, each.method) for each in found] == [
        (0, "a", "hirescam"),
        (0, "a", "combined"),
        (1, "b", "hirescam"),
        (1, "b", "combined"),
    ]


def test_whatever_picture_was_asked_about_the_run_is_the_same():
    assert whole_run(TWO.of_picture(1)) == whole_run(TWO)


def test_nothing_is_asked_of_every_picture():
    assert of_every_picture([]) == [] and of_every_picture([ASKED]) == [ASKED]
