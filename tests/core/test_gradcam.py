"""Everything that the original's README offers."""

import numpy as np
import pytest
from PIL import Image

from core import InputError, SmoothQwenGradCAM, get_model_layers
from core.gradcam import (
    create_comparative_analysis,
    create_layer_comparison_grid,
    single_layer_visualization,
    visualize_multiple_layers,
)
from tests.conftest import gradient_picture

PROMPT = "Where is the red square?"


@pytest.fixture(scope="module")
def image():
    return gradient_picture(120, 200)


@pytest.fixture(scope="module")
def parts(explainer):
    return explainer.loaded.model, explainer.loaded.processor


@pytest.fixture
def passes(explainer, monkeypatch):
    """Counts generations and passes."""
    from core.engine import runs as module

    counts = {"generations": 0, "passes": 0}

    def counted(name, function):
        def call(*args):
            counts[name] += 1
            return function(*args)

        return call

    monkeypatch.setattr(module, "generate_answer", counted("generations", module.generate_answer))
    monkeypatch.setattr(module, "compute_chunk", counted("passes", module.compute_chunk))
    return counts


def drawn(folder):
    return {path.name for path in folder.iterdir()}


def opened(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_get_model_layers(parts):
    layers, count = get_model_layers(parts[0])
    assert count == 8 and layers[-1] is parts[0].model.language_model.layers[7]


@pytest.mark.parametrize("use_smooth", [True, False])
def test_generate_cam_at_the_last_layer(parts, image, use_smooth):
    layers, _ = get_model_layers(parts[0])
    cam = SmoothQwenGradCAM(*parts, target_layer=layers[-1], num_samples=2, noise_std=0.15)
    superimposed, heatmap = cam.generate_cam(image, PROMPT, use_smooth=use_smooth)
    for picture in (superimposed, heatmap):
        assert picture.shape == (120, 200, 3) and picture.dtype == np.uint8
    assert heatmap.reshape(-1, 3).std(0).max() > 5  # not one colour, as the original's last layer is
    blend = 0.3 * heatmap + 0.7 * np.asarray(image)
    assert np.abs(blend - superimposed).max() <= 1


def test_the_originals_formula_can_be_asked_for(parts, image):
    layers, _ = get_model_layers(parts[0])
    maps = [
        SmoothQwenGradCAM(*parts, layers[2], 1, 0.0, method=method).generate_cam(image, PROMPT)[1]
        for method in ("gradcam", None)
    ]
    assert (maps[0] != maps[1]).any()


def test_a_layer_of_another_model_is_refused(parts):
    with pytest.raises(InputError, match="8 decoder layers"):
        SmoothQwenGradCAM(*parts, target_layer=parts[0].lm_head)


def test_single(parts, image, tmp_path):
    pictures = single_layer_visualization(*parts, image, PROMPT, layer_idx=3, num_samples=2, save_dir=tmp_path)
    assert list(pictures) == [3] and set(pictures[3]) == {"heatmap", "superimposed"}
    assert drawn(tmp_path) == {"heatmap.png", "superimposed_result.png", "original_image.png", "visualization.png"}
    assert (opened(tmp_path / "heatmap.png") == pictures[3]["heatmap"]).all()
    assert (opened(tmp_path / "original_image.png") == np.asarray(image)).all()


def test_grid(parts, image, tmp_path, passes):
    pictures = create_layer_comparison_grid(*parts, image, PROMPT, layer_range="auto", save_dir=tmp_path, num_samples=2)
    assert list(pictures) == [0, 1, 3, 4, 6, 7]
    assert drawn(tmp_path) == {"layer_comparison_grid.png"} | {
        f"layer_{i}_{kind}.png" for i in pictures for kind in ("heatmap", "superimposed")
    }
    assert passes == {"generations": 1, "passes": 1}


def test_multi(parts, image, tmp_path, passes):
    pictures = visualize_multiple_layers(*parts, image, PROMPT, layer_indices=[1, 5], save_dir=tmp_path, num_samples=2)
    assert list(pictures) == [1, 5]
    assert {"all_layers_comparison.png", "original_image.png", "layer_5_heatmap.png"} <= drawn(tmp_path)
    assert passes == {"generations": 1, "passes": 1}


def test_multi_by_default_takes_four_layers(parts, image, tmp_path):
    pictures = visualize_multiple_layers(*parts, image, PROMPT, save_dir=tmp_path, num_samples=1)
    assert list(pictures) == [2, 4, 6, 7]


def test_comparative(parts, image, tmp_path, passes):
    stages = create_comparative_analysis(*parts, image, PROMPT, save_dir=tmp_path, num_samples=2)
    assert {stage: list(layers) for stage, layers in stages.items()} == {
        "early": [0, 1],
        "middle": [2, 3, 4],
        "late": [5, 6, 7],
    }
    assert drawn(tmp_path) == {"early", "middle", "late", "comparative_analysis.png"}
    assert "layer_comparison_grid.png" in drawn(tmp_path / "late")
    assert passes == {"generations": 1, "passes": 1}


@pytest.mark.parametrize("mode", [create_layer_comparison_grid, visualize_multiple_layers, create_comparative_analysis])
def test_samples_and_noise_count_in_every_mode(parts, image, tmp_path, monkeypatch, mode):
    from core import gradcam

    asked = []
    explain = gradcam.Explainer.explain

    def spy(self, *args, **options):
        result = explain(self, *args, **options)
        asked.append(result.request)
        return result

    monkeypatch.setattr(gradcam.Explainer, "explain", spy)
    mode(*parts, image, PROMPT, save_dir=tmp_path, num_samples=3, noise_std=0.7)
    assert [(request.num_samples, request.noise_std) for request in asked] == [(3, 0.7)]
