"""What is measured, its limits, and its name."""

import pytest

from core.errors import InputError
from core.evaluation.protocol.plan import Plan


def test_layers_become_numbers():
    assert Plan(layers="half").for_depth(28).layers == (14,)
    assert Plan(layers="all").for_depth(3).layers == (0, 1, 2)
    assert Plan(layers=(-1, 0)).for_depth(8).layers == (0, 7)
    assert Plan(methods=("tam", "tam", "gradcam")).for_depth(8).methods == ("tam", "gradcam")
    with pytest.raises(InputError, match="There is no layer 8"):
        Plan(layers=(8,)).for_depth(8)


def test_the_name_changes_with_everything_that_changes_numbers():
    plan = Plan().for_depth(8)
    keys = {
        plan.key("data", "model"),
        plan.key("other", "model"),
        plan.key("data", "other"),
        Plan(seed=1).for_depth(8).key("data", "model"),
        Plan(layers="all").for_depth(8).key("data", "model"),
    }
    assert len(keys) == 5 and plan.key("data", "model") == Plan().for_depth(8).key("data", "model")


@pytest.mark.parametrize(
    "wrong",
    [
        {"methods": ()},
        {"methods": ("magic",)},
        {"num_samples": 0},
        {"taken_apart": -1},
        {"steps": 0},
        {"fill": "pink"},
        {"words": -1},
        {"score": "best"},
        {"max_pixels": 3},
        {"max_new_tokens": 0},
    ],
)
def test_what_cannot_be_measured_is_refused(wrong):
    with pytest.raises(InputError):
        Plan(**wrong)
