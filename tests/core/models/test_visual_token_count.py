"""Visual tokens counted from files alone, against what the processors make of pictures."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.checkpoints import describe_model
from core.models.visual_token_count import (
    FEWEST,
    OFF,
    cell_side,
    most_visual_tokens,
    pixel_budget,
    seen_sizes,
    token_side,
    usual_max_pixels,
)
from core.schema.limits import PIXEL_BUDGETS
from tests.conftest import gradient_picture
from tests.limits import with_published_limits

FOLDER = describe_model(device="cpu").folder


@given(
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    st.one_of(st.none(), st.integers(1, 60).map(lambda side: (side * 28) ** 2)),
)
def test_they_are_counted_as_the_processor_counts(size, max_pixels):
    width, height = size
    most = 84_672 if max_pixels is None else max_pixels
    try:
        rows, columns = smart_resize(height, width, 28, min_pixels=min(28_224, most), max_pixels=most)
    except ValueError:  # too long and narrow
        return
    assert most_visual_tokens([size], FOLDER, max_pixels) == rows * columns // 28**2


def test_pictures_have_as_many_in_their_prompt(explainer):
    pictures = [load_picture(gradient_picture(333, 500)), load_picture(gradient_picture(200, 100))]
    prepared = prepare(explainer.loaded, pictures, "What?", 100_000)
    assert most_visual_tokens([(500, 333), (100, 200)], FOLDER, 100_000) == len(prepared.visual)


@pytest.fixture
def folder(tmp_path):
    """One with the embedded model's sizes, and settings of pictures that the test writes."""
    (tmp_path / "config.json").write_text((FOLDER / "config.json").read_text("utf-8"), "utf-8")
    return tmp_path


def test_an_older_processor_has_its_budget_elsewhere(folder):
    settings = {"min_pixels": 3136, "max_pixels": 12_845_056}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    assert most_visual_tokens([(2044, 1372)], folder) == 49 * 73
    shrunk = most_visual_tokens([(20_440, 13_720)], folder)
    assert 0.95 * 12_845_056 < shrunk * 28**2 <= 12_845_056


def test_a_newer_folder_has_one_file_for_the_processor(folder):
    settings = json.loads((FOLDER / "preprocessor_config.json").read_text("utf-8"))
    (folder / "processor_config.json").write_text(json.dumps({"image_processor": settings}))
    assert most_visual_tokens([(500, 333)], folder) == most_visual_tokens([(500, 333)], FOLDER)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"size": 3}'])
def test_files_that_do_not_tell(folder, content):
    (folder / "preprocessor_config.json").write_text(content)
    with pytest.raises((OSError, ValueError, KeyError, TypeError)):
        most_visual_tokens([(500, 333)], folder)


def test_a_tokens_side(tmp_path):
    assert token_side(FOLDER) == 28
    assert token_side(tmp_path) == 28  # nothing there: the usual one


def test_no_torch_is_needed():
    code = "import sys; import core.models.visual_token_count; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


PHOTO = (4000, 3000)


@pytest.fixture
def published(tmp_path):
    return with_published_limits(tmp_path / "published")


def test_what_keeps_a_photo_to_the_usual_number(published):
    assert most_visual_tokens([PHOTO], published) == 143 * 107
    each = usual_max_pixels([PHOTO], published)
    assert each == 1_280 * 28**2 and most_visual_tokens([PHOTO], published, each) == 41 * 30
    assert seen_sizes([PHOTO], published, each) == [(1148, 840)]
    assert seen_sizes([PHOTO], published) == [(4004, 2996)]


def test_pictures_of_one_prompt_share_it(published):
    each = usual_max_pixels([PHOTO, PHOTO, (300, 200)], published)
    assert each == 1_280 // 3 * 28**2
    assert most_visual_tokens([PHOTO, PHOTO, (300, 200)], published, each) <= 1_280


@pytest.mark.parametrize("sizes", [[(980, 980)], [(500, 500)] * 3, []])
def test_what_is_small_enough_has_no_limit(published, sizes):
    """So that its run has the name that it had before there was a limit."""
    assert usual_max_pixels(sizes, published) is None


def test_no_limit_where_it_is_off_or_a_model_has_sizes_of_its_own(published):
    assert usual_max_pixels([PHOTO], published, None) is None
    assert usual_max_pixels([PHOTO], FOLDER) is None  # its own limit is lower
    config = json.loads((published / "config.json").read_text("utf-8"))
    (published / "config.json").unlink()
    (published / "config.json").write_text(
        json.dumps(config | {"vision_config": config["vision_config"] | {"image_size": 448}})
    )
    assert usual_max_pixels([PHOTO], published) is None and seen_sizes([PHOTO], published) is None


def test_no_limit_where_files_do_not_tell(tmp_path):
    assert usual_max_pixels([PHOTO], tmp_path) is None and seen_sizes([PHOTO], tmp_path) is None


@given(st.tuples(st.integers(1, 9000), st.integers(1, 9000)), st.integers(FEWEST, 16_384))
def test_a_limit_makes_fewer_tokens_or_is_none(size, budget):
    config = json.loads((FOLDER / "preprocessor_config.json").read_text("utf-8"))["size"]
    each = usual_max_pixels([size], FOLDER, budget)
    own = most_visual_tokens([size], FOLDER)
    if own <= budget:
        assert each is None
    elif each is not None:
        assert each < config["longest_edge"] and most_visual_tokens([size], FOLDER, each) < own


def test_a_cells_side():
    assert (cell_side(FOLDER, "decoder"), cell_side(FOLDER, "tower")) == (28, 14)


def test_a_pixel_budget_as_it_is_typed():
    assert pixel_budget("off") == OFF and pixel_budget("100000") == 100_000
    with pytest.raises(ValueError, match="many"):
        pixel_budget("many")


def test_a_limit_is_one_that_can_be_asked_for(published):
    assert usual_max_pixels([PHOTO] * 8, published, 8) == PIXEL_BUDGETS[0]
    assert usual_max_pixels([(20_000, 10_000)], published, 16_384) is None  # the model's own is lower
