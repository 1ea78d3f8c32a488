"""What a page says of a run's memory, against what the run then takes."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from core.devices import peak_bytes
from core.memory.device_rate import DeviceRate
from core.memory.forecast import Pass, forecast, predicted_peak
from core.models.checkpoints import describe_model
from core.models.visual_token_count import most_visual_tokens, usual_max_pixels
from core.schema import ExplainRequest
from tests.conftest import gradient_picture
from tests.limits import PUBLISHED

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


RATE = DeviceRate(operations=1e11, bytes=1e10, starts=1e6)


def test_a_pass_takes_as_long_as_what_takes_longest_and_its_beginnings():
    assert Pass(2e11, 1e10, 0).seconds(RATE) == pytest.approx(3.0)  # two thirds of the rate
    assert Pass(1e11, 3e10, 0).seconds(RATE) == pytest.approx(3.0)
    assert Pass(1e11, 0, 5e5).seconds(RATE) == pytest.approx(2.0)


def test_a_runs_time_is_counted():
    found = forecast(CARD, [(448, 336)], REQUEST)
    assert (found.samples, found.longest, found.counted) == (4, 128, True)
    assert found.visual == most_visual_tokens([(448, 336)], CARD.folder)
    assert found.answer_seconds(RATE, 1) == found.prompt.seconds(RATE)
    more = found.answer_seconds(RATE, 11) - found.answer_seconds(RATE, 1)
    assert more == pytest.approx(10 * found.token.seconds(RATE))
    assert found.sample_seconds(RATE) == found.sample.seconds(RATE) > 0
    assert forecast(CARD, [(448, 336)], replace(REQUEST, noise_std=0.0)).samples == 1
    assert not forecast(CARD, [(448, 336)], replace(REQUEST, method="occlusion", layers=())).counted
    # The gradient goes down through the vision tower as well.
    tower = forecast(CARD, [(448, 336)], replace(REQUEST, part="tower", layers=(0, 1)))
    assert tower.sample.operations > found.sample.operations and tower.peak > found.peak


def test_published_shapes_take_what_is_known_of_them(tmp_path):
    """3B: a large photo as it is, and kept to the usual number of visual tokens; 10 samples, CUDA."""
    folder = tmp_path / "3b"
    folder.mkdir()
    text = {
        **{"hidden_size": 2048, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2},
        **{"intermediate_size": 11_008, "vocab_size": 151_936},
    }
    vision = {
        **{"hidden_size": 1280, "depth": 32, "num_heads": 16, "intermediate_size": 3420, "patch_size": 14},
        **{"fullatt_block_indexes": [7, 15, 23, 31], "window_size": 112, "hidden_act": "silu"},
    }
    (folder / "config.json").write_text(json.dumps({"text_config": text, "vision_config": vision}))
    (folder / "preprocessor_config.json").write_text(json.dumps({"size": PUBLISHED}))
    card = replace(CARD, folder=folder, device="cuda", dtype="bfloat16")
    request = replace(REQUEST, num_samples=10, layers=tuple(range(36)))
    whole = forecast(card, [(4000, 3000)], request)
    kept = forecast(card, [(4000, 3000)], replace(request, max_pixels=usual_max_pixels([(4000, 3000)], folder)))
    assert (whole.visual, kept.visual) == (15_301, 1_230)
    # Without the weights, 7.5 GB more: the folder has none.
    assert whole.peak == pytest.approx(55e9, rel=0.02) and whole.least > 7e9
    one = forecast(card, [(4000, 3000)], replace(request, num_samples=1, max_pixels=1280 * 28**2))
    assert one.peak == pytest.approx(4.7e9, rel=0.1) and kept.least < one.peak < kept.peak
    assert 7.5e9 + kept.least < 0.9 * 24e9
    fast = DeviceRate(operations=100e12, bytes=0.8e12, starts=2e5)  # about what a card of 24 GB does
    assert kept.answer_seconds(fast, 128) + 10 * kept.sample_seconds(fast) < 60


def test_a_videos_frames_count():
    asked = replace(REQUEST, num_samples=1)
    short, long = (forecast(CARD, [(168, 168)], replace(asked, frames=count)) for count in (4, 16))
    assert (short.visual, long.visual) == (2 * 36, 8 * 36) and long.peak > short.peak
    assert forecast(CARD, [(168, 168)], asked).visual == 36
