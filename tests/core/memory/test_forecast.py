"""What a page says of a run's memory, against what the run then takes."""

import subprocess
import sys
from dataclasses import replace

import pytest

from core.devices import peak_bytes
from core.memory.forecast import predicted_peak
from core.models.checkpoints import describe_model
from core.schema import ExplainRequest
from tests.conftest import gradient_picture

CARD = describe_model(device="cpu")
REQUEST = ExplainRequest(image="i", prompt="What is there?", model="m", layers=tuple(range(8)), num_samples=4)


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
    code = "import sys; import core.memory.forecast; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
