"""The interface of the original (cyuQ1n/smooth-gradcam-qwen), on today's transformers and this engine.

Names, arguments, files and return values are the original's. What differs, and why:
- Maps are read at a layer's input. At its output, as the original does, the last layer's is blank.
- The method is the project's default; `method="gradcam"` gives the original's formula.
- A sweep over layers generates once and runs one pass, and `num_samples` and `noise_std` count in
  every mode.
- Pictures are RGB; the original's heat maps had red and blue exchanged.
- Noise is seeded: the same call gives the same picture.
- `AutoProcessor` here needs no torchvision, which that of transformers asks for because of videos.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import nn

from core.engine.explainer import Explainer
from core.errors import InputError
from core.inputs.brightness import AUTO
from core.inputs.pictures import load_picture
from core.models.families import family_of
from core.models.loading import live_model, wrap_model
from core.models.processor import load_processor
from core.rendering import figures
from core.rendering.figures import LayerPictures
from core.rendering.look import ORIGINAL
from core.schema import MAX_SAMPLES, ExplainResult
from core.schema.checks import check_instance, check_whole
from core.schema.layers import quarters
from core.schema.limits import check_noise
from core.schema.methods import check_method


class SmoothQwenGradCAM:
    """Heat map of one decoder layer for a loaded model."""

    def __init__(
        self,
        model: nn.Module,
        processor: Any,
        target_layer: nn.Module,
        num_samples: int = 10,
        noise_std: float = 0.1,
        *,
        method: str | None = None,
        seed: int = 0,
    ) -> None:
        """
        Args:
            model: a loaded model of a supported family; it is left as it was.
            processor: its processor.
            target_layer: one of `get_model_layers(model)[0]`.
            num_samples: SmoothGrad samples.
            noise_std: standard deviation of the noise on normalised pixel values.
            method: a name of `core.METHODS`; None for the default.
            seed: seed of the noise.

        Raises:
            InputError: the layer is not one of this model's decoder layers, or another value is out of its range.
            ModelError: the model is of no supported family.
        """
        layers, total = get_model_layers(model)
        indices = [index for index, layer in enumerate(layers) if layer is target_layer]
        if not indices:
            raise InputError(f"The target layer is none of this model's {total} decoder layers.")
        check_whole("The number of samples", num_samples, 1, MAX_SAMPLES)
        check_noise(noise_std)
        check_whole("The seed", seed, 0, 2**63 - 1)
        if method is not None:
            check_method(method)
        self.model, self.processor, self.layer = model, processor, indices[0]
        self.num_samples, self.noise_std, self.method, self.seed = num_samples, noise_std, method, seed

    def generate_cam(self, image: Image.Image, prompt: str, use_smooth: bool = True) -> tuple[np.ndarray, np.ndarray]:
        """The picture with its map over it, and the map alone.

        Args:
            image: a PIL image; also what `load_picture` takes.
            prompt: the question.
            use_smooth: average over noise samples; else one plain pass.

        Returns:
            (superimposed, heatmap), both uint8 [height, width, 3], RGB, of the picture's size.

        Raises:
            InputError: the picture, the prompt or a parameter cannot be used.
        """
        check_instance("Whether to smooth", use_smooth, bool, "true or false")
        result, pixels = _sweep(
            self.model,
            self.processor,
            image,
            prompt,
            [self.layer],
            num_samples=self.num_samples if use_smooth else 1,
            noise_std=self.noise_std if use_smooth else 0.0,
            method=self.method,
            seed=self.seed,
        )
        drawn = figures.draw_layers(result, pixels, ORIGINAL)[self.layer]
        return drawn["superimposed"], drawn["heatmap"]


class AutoProcessor:
    """In the place of transformers' class of that name, for code that was written for it: `core.load_processor`."""

    @staticmethod
    def from_pretrained(model: str | Path) -> Any:
        """The processor of a folder or a hub id.

        Raises:
            ModelError: as `core.load_processor`.
        """
        return load_processor(model)


def get_model_layers(model: nn.Module) -> tuple[nn.ModuleList, int]:
    """The decoder layers of a loaded model.

    Args:
        model: of a supported family; also a `PeftModel`, or what `torch.compile` made of one.

    Returns:
        (layers, their number), lowest first.

    Raises:
        ModelError: the model is of no supported family.
    """
    bare = live_model(model)
    layers = family_of(bare).decoder_layers(bare)
    return layers, len(layers)


def single_layer_visualization(
    model: nn.Module,
    processor: Any,
    image: Image.Image,
    prompt: str,
    layer_idx: int = -1,
    num_samples: int = 10,
    noise_std: float = 0.15,
    save_dir: str | Path = "cam_results_single",
    **options: Any,
) -> LayerPictures:
    """One layer in detail; writes what `core.rendering.figures.save_single` says and returns {layer: pictures}.

    Args:
        options: further keyword arguments of `Explainer.explain` (method, seed, max_new_tokens, ...).
    """
    options |= {"num_samples": num_samples, "noise_std": noise_std}
    result, pixels = _sweep(model, processor, image, prompt, [layer_idx], **options)
    return figures.save_single(result, pixels, save_dir, ORIGINAL)


def create_layer_comparison_grid(
    model: nn.Module,
    processor: Any,
    image: Image.Image,
    prompt: str,
    layer_range: str | list[int] = "auto",
    save_dir: str | Path = "cam_results_grid",
    **options: Any,
) -> LayerPictures:
    """Several layers in a grid; writes what `core.rendering.figures.save_grid` says and returns {layer: pictures}."""
    result, pixels = _sweep(model, processor, image, prompt, layer_range, **options)
    return figures.save_grid(result, pixels, save_dir, ORIGINAL)


def visualize_multiple_layers(
    model: nn.Module,
    processor: Any,
    image: Image.Image,
    prompt: str,
    layer_indices: list[int] | None = None,
    save_dir: str | Path = "cam_results_multilayer",
    **options: Any,
) -> LayerPictures:
    """Chosen layers, heat and overlay; returns {layer: pictures}, writes what `core.rendering.figures.save_multi` says.

    Args:
        layer_indices: None takes a quarter, half, three quarters and the end of the depth.
    """
    if layer_indices is None:
        layer_indices = quarters(get_model_layers(model)[1])
    result, pixels = _sweep(model, processor, image, prompt, layer_indices, **options)
    return figures.save_multi(result, pixels, save_dir, ORIGINAL)


def create_comparative_analysis(
    model: nn.Module,
    processor: Any,
    image: Image.Image,
    prompt: str,
    save_dir: str | Path = "cam_results_comparative",
    **options: Any,
) -> dict[str, LayerPictures]:
    """Early, middle and late layers; writes what `core.rendering.figures.save_comparative` says.

    Returns:
        {"early" | "middle" | "late": {layer: pictures}}.
    """
    result, pixels = _sweep(model, processor, image, prompt, "all", **options)
    return figures.save_comparative(result, pixels, save_dir, ORIGINAL)


def _sweep(
    model: nn.Module, processor: Any, image: Image.Image, prompt: str, layers: Any, **options: Any
) -> tuple[ExplainResult, np.ndarray]:
    picture = load_picture(image, options.pop("brightness", AUTO), options.pop("page", 1))
    return Explainer(wrap_model(model, processor)).explain(picture, prompt, layers=layers, **options), picture.pixels
