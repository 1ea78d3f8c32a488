"""What a page says of a run's memory, against what the run then takes."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from core.checkpoints import describe_model
from core.dimensions import Tower
from core.images import load_picture
from core.memory import peak_bytes
from core.outlook import predicted_peak, visual_tokens
from core.prompt import prepare
from core.schema import ExplainRequest
from tests.conftest import gradient_picture

CARD = describe_model(device="cpu")
TOWER = Tower(4, 96, 192, 3, 14, 2)
REQUEST = ExplainRequest(image="i", prompt="What is there?", model="m", layers=tuple(range(8)), num_samples=4)


@given(
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    st.one_of(st.none(), st.integers(1, 60).map(lambda side: (side * 28) ** 2)),
)
def test_visual_tokens_are_counted_as_the_processor_counts(size, max_pixels):
    width, height = size
    most = 84_672 if max_pixels is None else max_pixels
    try:
        rows, columns = smart_resize(height, width, 28, min_pixels=min(28_224, most), max_pixels=most)
    except ValueError:  # too long and narrow
        return
    assert visual_tokens(size, CARD.folder, TOWER, max_pixels) == rows * columns // 28**2


def test_a_picture_has_as_many_in_its_prompt(explainer):
    prepared = prepare(explainer.loaded, load_picture(gradient_picture(333, 500)), "What?", 100_000)
    assert visual_tokens((500, 333), CARD.folder, TOWER, 100_000) == len(prepared.visual)


def test_an_older_processor_has_its_budget_elsewhere(tmp_path):
    settings = {"min_pixels": 3136, "max_pixels": 12_845_056}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(settings))
    assert visual_tokens((2044, 1372), tmp_path, TOWER) == 49 * 73
    shrunk = visual_tokens((20_440, 13_720), tmp_path, TOWER)
    assert 0.95 * 12_845_056 < shrunk * 28**2 <= 12_845_056


def test_the_embedded_models_run_takes_about_what_was_said(explainer):
    size = (448, 336)
    predicted = predicted_peak(CARD, [size], REQUEST)
    result = explainer.explain(gradient_picture(*size[::-1]), REQUEST.prompt, num_samples=4, max_new_tokens=16)
    # Tests' own libraries are in the process, too: so no more than an order is held here.
    assert 0.2 * predicted < result.peak_bytes < 5 * predicted
    assert peak_bytes(explainer.loaded.device) > 0


def test_more_of_anything_takes_more():
    base = predicted_peak(CARD, [(448, 336)], REQUEST)
    assert predicted_peak(CARD, [(448, 336)] * 2, replace(REQUEST, num_samples=2)) > 0
    assert predicted_peak(CARD, [(448, 336)], replace(REQUEST, num_samples=1)) < base
    assert predicted_peak(CARD, [(448, 336)], replace(REQUEST, method="integrated_gradients", layers=())) > base
    assert predicted_peak(replace(CARD, dtype="bfloat16"), [(448, 336)], REQUEST) < base


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json", "model.safetensors"])
def test_a_folder_that_does_not_tell(tmp_path, name):
    for each in CARD.folder.iterdir():
        if each.name != name and each.is_file():
            (tmp_path / each.name).symlink_to(each)
    (tmp_path / name).write_bytes(b"damaged")
    assert predicted_peak(replace(CARD, folder=tmp_path), [(448, 336)], REQUEST) is None


def test_no_torch_is_needed():
    code = "import sys; import core.outlook; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
