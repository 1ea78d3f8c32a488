"""The options of a run: shown by name, checked, and the request that they make."""

from inspect import signature

import numpy as np
import pytest
from PIL import Image

from core import Explainer, InputError
from core.engine.run_options import RunOptions
from core.inputs.brightness import AUTO
from core.inputs.pictures import load_picture
from core.schema import ExplainRequest, Target
from tests.conftest import gradient_picture

SHARED = {
    "layers": "all",
    "part": "decoder",
    "num_samples": 10,
    "noise_std": 0.15,
    "seed": 0,
    "max_new_tokens": 128,
    "temperature": 0.0,
    "top_p": 1.0,
    "answer_seed": 0,
    "max_pixels": None,
    "picture_first": True,
    "system": None,
    "conversation": (),
    "brightness": AUTO,
    "page": 1,
    "on_progress": None,
}


def shown(method):
    return {name: each.default for name, each in signature(method).parameters.items() if name != "self"}


def test_signatures_show_every_option_and_its_default():
    explain, words = shown(Explainer.explain), shown(Explainer.explain_words)
    assert list(explain)[:2] == list(words)[:2] == ["image", "prompt"]
    assert SHARED.items() <= explain.items()
    assert (SHARED | {"num_samples": 1, "noise_std": 0.0}).items() <= words.items()
    assert explain.keys() - words.keys() == {"tap", "target", "answer"} and words.keys() - explain.keys() == {
        "score",
        "sentence",
    }
    assert Explainer.explain.__name__ == "explain" and "Args:" in Explainer.explain_words.__doc__


@pytest.mark.parametrize("name", ["explain", "explain_words"])
def test_an_unknown_name_is_refused_with_those_that_there_are(explainer, name):
    with pytest.raises(TypeError, match=rf"{name}\(\) takes no argument samples\. It takes: image, .*num_samples"):
        getattr(explainer, name)("photo.png", "What?", samples=3)


def test_the_request_holds_what_was_given():
    one, two = (load_picture(gradient_picture(56, side)) for side in (56, 84))
    drawn = {"temperature": 0.7, "top_p": 0.9, "answer_seed": 5}
    options = RunOptions(num_samples=2, noise_std=0.5, seed=7, max_new_tokens=9, max_pixels=28 * 28 * 64, **drawn)
    given = {"prompt": "What?", "model": "m", "layers": (1,), "method": "gradcam", "target": Target.answer()}
    request = options.request((one, two), **given)
    assert request == ExplainRequest(
        image=one.digest,
        images=(one.digest, two.digest),
        num_samples=2,
        noise_std=0.5,
        seed=7,
        max_new_tokens=9,
        max_pixels=28 * 28 * 64,
        **drawn,
        **given,
    )
    assert options.request((one,), **given).images == ()


def test_layers_are_those_of_the_part():
    depth = {"decoder": 8, "tower": 4}.__getitem__
    assert RunOptions().selected_layers(depth) == tuple(range(8))
    assert RunOptions(part="tower").selected_layers(depth) == tuple(range(4))
    with pytest.raises(InputError, match="There is no block 4"):
        RunOptions(part="tower", layers=4).selected_layers(depth)
    with pytest.raises(InputError):
        RunOptions(part="head").selected_layers(depth)


@pytest.mark.parametrize("name", ["explain", "explain_words"])
def test_the_brightness_is_that_of_pictures_which_are_read(explainer, name):
    values = np.linspace(0, 4095, 56 * 56).round().astype(np.uint16).reshape(56, 56)
    image = Image.fromarray(values)
    told = {"layers": [1], "num_samples": 1, "max_new_tokens": 1, "brightness": "0..1000"}
    result = getattr(explainer, name)(image, "Where?", **told)
    results = [result] if name == "explain" else list(result.values())
    assert {each.request.image for each in results} <= {load_picture(image, "0..1000").digest}
    assert load_picture(image).digest != load_picture(image, "0..1000").digest
    with pytest.raises(InputError, match="no brightness"):
        getattr(explainer, name)(image, "Where?", **told | {"brightness": "loud"})


@pytest.mark.parametrize("name", ["explain", "explain_words", "answer", "prompt_words", "heads"])
def test_the_page_is_that_of_documents_which_are_read(explainer, name, picture_bytes):
    with pytest.raises(InputError, match="This is no PDF document, so there is no page 2 of it"):
        getattr(explainer, name)(picture_bytes, "Where?", page=2)
    with pytest.raises(InputError, match="A page is a number from 1 on"):
        getattr(explainer, name)(picture_bytes, "Where?", page="two")


def test_a_video_has_no_pages(explainer):
    with pytest.raises(InputError, match="A page is chosen of a PDF document, and a video was given"):
        explainer.explain(video=[gradient_picture(56, 56)], prompt="Where?", page=2)
