"""`ExplainResult` + picture -> picture files: a heat map and an overlay per layer, and one sheet.

File names are those of the original's scripts. The colours are those of the pages, unless another `Look` is given, such
as `ORIGINAL`. Below each sheet stand prompt, answer, and what its colours are.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from core.analysis.stages import stage_means
from core.rendering.look import Look
from core.rendering.overlay import heatmap, overlay, sheet
from core.rendering.result_captions import captioned
from core.schema import ExplainResult
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS
from core.schema.time_steps import refuse_video

PAGES = Look()
"""How the pages draw."""

LayerPictures = dict[int, dict[str, np.ndarray]]


def draw_layers(result: ExplainResult, pixels: np.ndarray, look: Look = PAGES) -> LayerPictures:
    """{layer: {"heatmap", "superimposed"}}, each uint8 RGB of the picture's size, own scale a layer."""
    refuse_video(result.request, "This figure")
    size = pixels.shape[1], pixels.shape[0]
    return {
        layer: {
            "heatmap": heatmap(heat, size, look.colormap),
            "superimposed": overlay(pixels, heat, look.opacity, look.colormap, even=look.even),
        }
        for layer, heat in zip(result.layers, result.heat, strict=True)
    }


def save_single(result: ExplainResult, pixels: np.ndarray, folder: str | Path, look: Look = PAGES) -> LayerPictures:
    """One layer: heatmap.png, superimposed_result.png, original_image.png, and visualization.png of all three."""
    folder, pictures = _folder(folder), draw_layers(result, pixels, look)
    ((layer, drawn),) = pictures.items()
    _save(drawn["heatmap"], folder / "heatmap.png")
    _save(drawn["superimposed"], folder / "superimposed_result.png")
    _save(pixels, folder / "original_image.png")
    tiles = [("Picture", pixels), ("Heat", drawn["heatmap"]), ("Overlay", drawn["superimposed"])]
    shown = f"{_one(result)} {layer} of {result.total_layers}"
    page = sheet(tiles, 3, f"{_method(result)}, {shown}")
    _save(captioned(page, result, look, float(result.at(layer).max()), shown), folder / "visualization.png")
    return pictures


def save_combined(result: ExplainResult, pixels: np.ndarray, folder: str | Path, look: Look = PAGES) -> LayerPictures:
    """The one map of a method without layers: combined_heatmap.png, combined_superimposed.png, original_image.png, and
    visualization.png of all three."""
    refuse_video(result.request, "This figure")
    folder, heat = _folder(folder), result.at()
    warm = heatmap(heat, (pixels.shape[1], pixels.shape[0]), look.colormap)
    over = overlay(pixels, heat, look.opacity, look.colormap, even=look.even)
    _save(warm, folder / "combined_heatmap.png")
    _save(over, folder / "combined_superimposed.png")
    _save(pixels, folder / "original_image.png")
    page = sheet([("Picture", pixels), ("Heat", warm), ("Overlay", over)], 3, _method(result))
    _save(captioned(page, result, look, float(heat.max()), "one map"), folder / "visualization.png")
    return {}


def save_grid(result: ExplainResult, pixels: np.ndarray, folder: str | Path, look: Look = PAGES) -> LayerPictures:
    """Several layers, four in a row: layer_N_heatmap.png, layer_N_superimposed.png, layer_comparison_grid.png."""
    folder, pictures = _folder(folder), draw_layers(result, pixels, look)
    _save_each(pictures, folder)
    tiles = [(f"{_one(result).capitalize()} {layer}", drawn["superimposed"]) for layer, drawn in pictures.items()]
    title = f"{_method(result)}, {len(tiles)} of {result.total_layers} {PARTS[result.request.part].many}"
    page = sheet(tiles, min(4, len(tiles)), title)
    _save(captioned(page, result, look, shown=_layers(result)), folder / "layer_comparison_grid.png")
    return pictures


def save_multi(result: ExplainResult, pixels: np.ndarray, folder: str | Path, look: Look = PAGES) -> LayerPictures:
    """Chosen layers, heat above overlay: layer_N_*.png, original_image.png, all_layers_comparison.png."""
    folder, pictures = _folder(folder), draw_layers(result, pixels, look)
    _save_each(pictures, folder)
    _save(pixels, folder / "original_image.png")
    name = _one(result).capitalize()
    tiles = [(f"{name} {layer}: heat", drawn["heatmap"]) for layer, drawn in pictures.items()]
    tiles += [(f"{name} {layer}: overlay", drawn["superimposed"]) for layer, drawn in pictures.items()]
    page = sheet(tiles, len(pictures), _method(result))
    _save(captioned(page, result, look, shown=_layers(result)), folder / "all_layers_comparison.png")
    return pictures


def save_comparative(
    result: ExplainResult, pixels: np.ndarray, folder: str | Path, look: Look = PAGES
) -> dict[str, LayerPictures]:
    """Thirds of the depth: early/, middle/ and late/ as `save_grid` leaves them, and comparative_analysis.png.

    The sheet shows each third's mean map; layers are brought to the same maximum before the mean,
    since raw heat differs by orders of magnitude between depths.
    """
    folder = _folder(folder)
    stages, tiles = {}, [("Picture", pixels)]
    for stage, (held, mean) in stage_means(result).items():
        third = take_layers(result, held)
        stages[stage] = save_grid(third, pixels, folder / stage, look)
        caption = f"{stage.capitalize()}: {PARTS[result.request.part].many} {held[0]} to {held[-1]}"
        tiles.append((caption, overlay(pixels, mean, look.opacity, look.colormap, even=look.even)))
    page = sheet(tiles, len(tiles), f"{_method(result)}, mean of each third")
    shown = f"means of thirds of the {_layers(result)}"
    _save(captioned(page, result, look, shown=shown), folder / "comparative_analysis.png")
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


def _layers(result: ExplainResult) -> str:
    return f"{PARTS[result.request.part].many} {', '.join(map(str, result.layers))} of {result.total_layers}"


def _save_each(pictures: LayerPictures, folder: Path) -> None:
    for layer, drawn in pictures.items():
        _save(drawn["heatmap"], folder / f"layer_{layer}_heatmap.png")
        _save(drawn["superimposed"], folder / f"layer_{layer}_superimposed.png")


def _save(pixels: np.ndarray, path: Path) -> None:
    Image.fromarray(pixels).save(path)
