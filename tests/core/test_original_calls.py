"""Calls as the original's README shows them: only the lines that import are others."""

import inspect

import numpy as np
import pytest
from PIL import Image

from core.embedded import CHECKPOINT
from tests.conftest import gradient_picture

PROMPT = "Where is the red square?"
SHORT = {"num_samples": 1}
"""Not in its README: each takes a second less."""


@pytest.fixture(scope="module")
def loaded():
    """As its first lines load them; `device_map` is accelerate's."""
    pytest.importorskip("accelerate")
    from transformers import Qwen2_5_VLForConditionalGeneration

    from core.gradcam import AutoProcessor

    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(str(CHECKPOINT), torch_dtype="auto", device_map="auto")
    processor = AutoProcessor.from_pretrained(str(CHECKPOINT))
    model.eval()
    return model, processor


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    file = tmp_path_factory.mktemp("picture") / "demo.jpeg"
    gradient_picture(120, 200).save(file)
    return Image.open(file).convert("RGB")


def test_basic_usage(loaded, image):
    from core import SmoothQwenGradCAM, get_model_layers

    model, processor = loaded
    layers, total_layers = get_model_layers(model)
    target_layer = layers[-1]
    grad_cam = SmoothQwenGradCAM(
        model=model, processor=processor, target_layer=target_layer, num_samples=2, noise_std=0.15
    )
    superimposed_image, heatmap = grad_cam.generate_cam(image, PROMPT)
    assert total_layers == 8
    assert superimposed_image.shape == heatmap.shape == (120, 200, 3) and heatmap.dtype == np.uint8


def test_a_single_layer(loaded, image, tmp_path):
    from core.gradcam import single_layer_visualization

    model, processor = loaded
    single_layer_visualization(
        model, processor, image, PROMPT, layer_idx=7, num_samples=2, noise_std=0.15, save_dir=str(tmp_path)
    )
    assert (tmp_path / "visualization.png").is_file()


@pytest.mark.parametrize(
    ("layer_range", "layers"),
    [("auto", 6), ("early", 2), ("middle", 3), ("late", 3), ("all", 8), ([0, 2, 5], 3)],
)
def test_a_grid_of_each_range(loaded, image, tmp_path, layer_range, layers):
    from core.gradcam import create_layer_comparison_grid

    model, processor = loaded
    results = create_layer_comparison_grid(
        model, processor, image, PROMPT, layer_range=layer_range, save_dir=str(tmp_path), **SHORT
    )
    assert len(results) == layers and (tmp_path / "layer_comparison_grid.png").is_file()


def test_several_layers_and_thirds(loaded, image, tmp_path):
    from core.gradcam import create_comparative_analysis, visualize_multiple_layers

    model, processor = loaded
    results = visualize_multiple_layers(
        model, processor, image, PROMPT, layer_indices=[1, 3, 5, 7], save_dir=str(tmp_path / "multilayer"), **SHORT
    )
    assert list(results) == [1, 3, 5, 7]
    results = create_comparative_analysis(model, processor, image, PROMPT, save_dir=str(tmp_path / "three"), **SHORT)
    assert list(results) == ["early", "middle", "late"]


def test_arguments_have_its_names_order_and_defaults():
    from core import SmoothQwenGradCAM, get_model_layers
    from core.gradcam import create_layer_comparison_grid

    def beginning(function, count):
        return [(each.name, each.default) for each in list(inspect.signature(function).parameters.values())[:count]]

    needed = inspect.Parameter.empty
    assert beginning(SmoothQwenGradCAM, 5) == [
        *(("model", needed), ("processor", needed), ("target_layer", needed)),
        *(("num_samples", 10), ("noise_std", 0.1)),
    ]
    assert beginning(SmoothQwenGradCAM.generate_cam, 4)[1:] == [
        *(("image", needed), ("prompt", needed)),
        ("use_smooth", True),
    ]
    assert beginning(get_model_layers, 1) == [("model", needed)]
    assert [name for name, _ in beginning(create_layer_comparison_grid, 6)] == [
        *("model", "processor", "image", "prompt", "layer_range", "save_dir")
    ]
