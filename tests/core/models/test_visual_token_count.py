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
from core.models.visual_token_count import most_visual_tokens, token_side
from tests.conftest import gradient_picture

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
