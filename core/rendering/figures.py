"""`ExplainResult` + picture -> picture files: a heat map and an overlay per layer, and one sheet.

File names are those of the original's scripts. The colours are too (jet, heat at 0.3 over the
picture), for comparison with older figures.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from core.analysis.stages import stage_means
from core.rendering.overlay import heatmap, overlay, sheet
from core.schema import ExplainResult
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS
from core.schema.time_steps import refuse_video

COLORMAP = "jet"
OPACITY = 0.3
"""The same everywhere, as in the original."""

LayerPictures = dict[int, dict[str, np.ndarray]]


def draw_layers(result: ExplainResult, pixels: np.ndarray) -> LayerPictures:
    """{layer: {"heatmap", "superimposed"}}, each uint8 RGB of the picture's size, own scale a layer."""
    refuse_video(result.request, "This figure")
    size = pixels.shape[1], pixels.shape[0]
    return {
        layer: {
            "heatmap": heatmap(heat, size, COLORMAP),
            "superimposed": overlay(pixels, heat, OPACITY, COLORMAP, even=True),
        }
        for layer, heat in zip(result.layers, result.heat, strict=True)
    }


def save_single(result: ExplainResult, pixels: np.ndarray, folder: str | Path) -> LayerPictures:
    """One layer: heatmap.png, superimposed_result.png, original_image.png, and visualization.png of all three."""
    folder, pictures = _folder(folder), draw_layers(result, pixels)
    ((layer, drawn),) = pictures.items()
    _save(drawn["heatmap"], folder / "heatmap.png")
    _save(drawn["superimposed"], folder / "superimposed_result.png")
    _save(pixels, folder / "original_image.png")
    tiles = [("Picture", pixels), ("Heat", drawn["heatmap"]), ("Overlay", drawn["superimposed"])]
    title = f"{_method(result)}, {_one(result)} {layer} of {result.total_layers}"
    _save(sheet(tiles, 3, title), folder / "visualization.png")
    return pictures


def save_combined(result: ExplainResult, pixels: np.ndarray, folder: str | Path) -> LayerPictures:
    """The one map of a method without layers: combined_heatmap.png, combined_superimposed.png, original_image.png."""
    refuse_video(result.request, "This figure")
    folder, heat = _folder(folder), result.at()
    size = pixels.shape[1], pixels.shape[0]
    _save(heatmap(heat, size, COLORMAP), folder / "combined_heatmap.png")
    _save(overlay(pixels, heat, OPACITY, COLORMAP, even=True), folder / "combined_superimposed.png")
    _save(pixels, folder / "original_image.png")
    return {}


def save_grid(result: ExplainResult, pixels: np.ndarray, folder: str | Path) -> LayerPictures:
    """Several layers, four in a row: layer_N_heatmap.png, layer_N_superimposed.png, layer_comparison_grid.png."""
    folder, pictures = _folder(folder), draw_layers(result, pixels)
    _save_each(pictures, folder)
    tiles = [(f"{_one(result).capitalize()} {layer}", drawn["superimposed"]) for layer, drawn in pictures.items()]
    title = f"{_method(result)}, {len(tiles)} of {result.total_layers} {PARTS[result.request.part].many}"
    _save(sheet(tiles, min(4, len(tiles)), title), folder / "layer_comparison_grid.png")
    return pictures


def save_multi(result: ExplainResult, pixels: np.ndarray, folder: str | Path) -> LayerPictures:
    """Chosen layers, heat above overlay: layer_N_*.png, original_image.png, all_layers_comparison.png."""
    folder, pictures = _folder(folder), draw_layers(result, pixels)
    _save_each(pictures, folder)
    _save(pixels, folder / "original_image.png")
    name = _one(result).capitalize()
    tiles = [(f"{name} {layer}: heat", drawn["heatmap"]) for layer, drawn in pictures.items()]
    tiles += [(f"{name} {layer}: overlay", drawn["superimposed"]) for layer, drawn in pictures.items()]
    _save(sheet(tiles, len(pictures), _method(result)), folder / "all_layers_comparison.png")
    return pictures


def save_comparative(result: ExplainResult, pixels: np.ndarray, folder: str | Path) -> dict[str, LayerPictures]:
    """Thirds of the depth: early/, middle/ and late/ as `save_grid` leaves them, and comparative_analysis.png.

    The sheet shows each third's mean map; layers are brought to the same maximum before the mean,
    since raw heat differs by orders of magnitude between depths.
    """
    folder = _folder(folder)
    stages, tiles = {}, [("Picture", pixels)]
    for stage, (held, mean) in stage_means(result).items():
        third = take_layers(result, held)
        stages[stage] = save_grid(third, pixels, folder / stage)
        caption = f"{stage.capitalize()}: {PARTS[result.request.part].many} {held[0]} to {held[-1]}"
        tiles.append((caption, overlay(pixels, mean, OPACITY, COLORMAP, even=True)))
    _save(sheet(tiles, len(tiles), f"{_method(result)}, mean of each third"), folder / "comparative_analysis.png")
    return stages


def take_layers(result: ExplainResult, layers: tuple[int, ...]) -> ExplainResult:
    """The same result with only some of its layers."""
    rows = [result.layers.index(layer) for layer in layers]
    return replace(
        result,
        request=result.request.for_layers(layers),
        heat=result.heat[rows],
        squared_deviation=result.squared_deviation[rows],
    )


def _folder(folder: str | Path) -> Path:
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    return path


def _method(result: ExplainResult) -> str:
    return METHODS[result.request.method].title


def _one(result: ExplainResult) -> str:
    return PARTS[result.request.part].one


def _save_each(pictures: LayerPictures, folder: Path) -> None:
    for layer, drawn in pictures.items():
        _save(drawn["heatmap"], folder / f"layer_{layer}_heatmap.png")
        _save(drawn["superimposed"], folder / f"layer_{layer}_superimposed.png")


def _save(pixels: np.ndarray, path: Path) -> None:
    Image.fromarray(pixels).save(path)
