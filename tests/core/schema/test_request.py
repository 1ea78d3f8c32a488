import json
import math
from dataclasses import asdict

import pytest

from core.errors import InputError, PromptError
from core.schema import ExplainRequest, Target
from core.schema.drawn_answers import TokenSampling

GOOD = {"image": "a" * 64, "prompt": "Where?", "model": "m" * 64, "layers": (0, 2)}


@pytest.mark.parametrize(
    "change",
    [
        {"num_samples": 0},
        {"num_samples": 2.0},
        {"num_samples": True},
        {"noise_std": -0.1},
        {"noise_std": math.nan},
        {"noise_std": math.inf},
        {"noise_std": "0.1"},
        {"seed": -1},
        {"max_new_tokens": 0},
        {"temperature": -1},
        {"temperature": math.nan},
        {"temperature": True},
        {"temperature": 11},
        {"temperature": 0.001},
        {"temperature": "1"},
        {"temperature": 1, "top_p": 0},
        {"temperature": 1, "top_p": 1.1},
        {"top_p": math.nan},
        {"answer_seed": -1},
        {"answer_seed": 0.5},
        {"max_pixels": 5},
        {"method": "magic"},
        {"tap": "middle"},
        {"layers": ()},
        {"layers": (2, 0)},
        {"layers": (0, 0)},
        {"layers": (-1,)},
    ],
)
def test_values_out_of_range_are_refused(change):
    with pytest.raises(InputError):
        ExplainRequest(**{**GOOD, **change})


@pytest.mark.parametrize("prompt", ["", "  \n", "x" * 100_000])
def test_prompts_that_cannot_be_asked(prompt):
    with pytest.raises(PromptError):
        ExplainRequest(**{**GOOD, "prompt": prompt})


def test_a_request_survives_json():
    request = ExplainRequest(**GOOD, target=Target.tokens(1, 3), max_pixels=100_000, noise_std=0.5)
    assert ExplainRequest.from_dict(json.loads(json.dumps(request.to_dict()))) == request


def test_what_is_written_of_a_request_is_every_field_in_its_order():
    request = ExplainRequest(
        **{**GOOD, "image": "b"}, target=Target.words("left", 2), images=("a", "b"), picture=1, origin="0" * 64
    )
    written = {**asdict(request), "layers": [0, 2], "images": ["a", "b"]}
    # These say nothing new.
    for name in ("picture_first", "part", "frames", "temperature", "top_p", "answer_seed", "conversation"):
        del written[name]
    assert json.dumps(request.to_dict()) == json.dumps(written)
    request.to_dict()["target"]["kind"] = "of somebody else"
    assert request.target.kind == "words"


def test_how_an_answer_is_drawn():
    drawn = ExplainRequest(**GOOD, temperature=0.7, top_p=0.9, answer_seed=3)
    assert drawn.sampling == TokenSampling(0.7, 0.9, 3) and drawn.shared().sampling == drawn.sampling
    assert ExplainRequest.from_dict(json.loads(json.dumps(drawn.to_dict()))) == drawn
    # The likeliest token each time, and a sentence, leave nothing to draw.
    plain = ExplainRequest(**GOOD)
    assert plain.sampling is None
    assert ExplainRequest(**GOOD, temperature=0, top_p=0.9, answer_seed=3) == plain
    assert ExplainRequest(**GOOD, temperature=1, target=Target.text("Red.")).sampling is None


def test_what_was_written_before_there_was_a_second_formula_is_of_the_first():
    written = ExplainRequest(**GOOD).to_dict()
    assert written.pop("formula") == 2
    former = ExplainRequest.from_dict(written)
    assert former.formula == 1 and former.to_dict() == written
    assert former.with_method("combined", ()).formula == 1


@pytest.mark.parametrize("formula", [0, 3, True, "2"])
def test_formulas_that_do_not_exist(formula):
    with pytest.raises(InputError, match="formula of the combined map"):
        ExplainRequest(**GOOD, formula=formula)


def test_a_question_about_the_same_picture_is_the_same_question():
    several = ExplainRequest(**{**GOOD, "image": "b"}, images=("a", "b"), picture=1)
    assert several.of_picture(1) is several and several.of_picture(0).of_picture(1) == several
    assert ExplainRequest(**GOOD).of_picture(0) == ExplainRequest(**GOOD)


def test_a_video_is_named_by_its_digest_and_the_number_of_its_frames():
    video = ExplainRequest(**GOOD, frames=16)
    assert video.is_video and not ExplainRequest(**GOOD).is_video
    assert ExplainRequest.from_dict(video.to_dict()) == video and video.to_dict()["frames"] == 16
    assert "frames" not in ExplainRequest(**GOOD).to_dict()


@pytest.mark.parametrize("frames", [-1, 769, 2.0, True])
def test_numbers_of_frames_that_no_video_has(frames):
    with pytest.raises(InputError, match="a video's frames"):
        ExplainRequest(**GOOD, frames=frames)


def test_a_prompt_holds_one_video_or_pictures():
    with pytest.raises(InputError, match="one video, or pictures, not both"):
        ExplainRequest(**GOOD | {"images": (GOOD["image"], "b" * 64)}, frames=4)
