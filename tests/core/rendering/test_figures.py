"""Picture files: which there are, and what each of them shows."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core.rendering.figures import (
    draw_layers,
    save_combined,
    save_comparative,
    save_grid,
    save_multi,
    save_single,
    take_layers,
)
from core.rendering.look import DEFAULT_COLORMAP, OPACITY, ORIGINAL
from core.rendering.overlay import colorize, heatmap, overlay, sheet
from core.rendering.result_captions import caption_of, captioned
from core.schema import Answer, ExplainRequest, ExplainResult, Target

PIXELS = np.full((40, 60, 3), 120, np.uint8)
HEAT = np.arange(24, dtype=np.float32).reshape(4, 2, 3)


def result_of(layers=(0, 1, 4, 5), method="hirescam"):
    request = ExplainRequest(image="i", prompt="?", model="m", layers=layers, method=method)
    heat = HEAT[: len(layers) or 1]
    return ExplainResult(request, Answer("a", ()), heat, heat * 2, 2, 6, {})


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.png")}


def pixels_of(path):
    return np.asarray(Image.open(path))


def test_each_layer_is_drawn_over_its_own_maximum():
    drawn = draw_layers(result_of(), PIXELS)
    assert list(drawn) == [0, 1, 4, 5]
    assert np.array_equal(drawn[4]["heatmap"], heatmap(HEAT[2], (60, 40)))
    assert np.array_equal(drawn[4]["superimposed"], overlay(PIXELS, HEAT[2]))


def test_colours_are_the_pages_and_the_originals_on_request():
    from dashboard.ui.viewer.view import View

    view = View(layer=4)
    assert (view.colormap, view.opacity, view.even) == (DEFAULT_COLORMAP, OPACITY, False)
    drawn = draw_layers(result_of(), PIXELS)
    assert np.array_equal(drawn[4]["superimposed"], view.draw(PIXELS, result_of(), 4))
    originals = draw_layers(result_of(), PIXELS, ORIGINAL)[4]
    assert np.array_equal(originals["heatmap"], heatmap(HEAT[2], (60, 40), "jet"))
    assert np.array_equal(originals["superimposed"], overlay(PIXELS, HEAT[2], 0.3, "jet", even=True))


def test_one_layer(tmp_path):
    pictures = save_single(result_of((3,)), PIXELS, tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert names(folder) == {"heatmap.png", "superimposed_result.png", "original_image.png", "visualization.png"}
    assert np.array_equal(pixels_of(folder / "heatmap.png"), pictures[3]["heatmap"])
    assert np.array_equal(pixels_of(folder / "original_image.png"), PIXELS)


def test_a_single_layer_is_wanted_where_one_is_drawn(tmp_path):
    with pytest.raises(ValueError, match="too many values"):
        save_single(result_of((0, 1)), PIXELS, tmp_path)


def test_the_map_of_a_method_without_layers(tmp_path):
    assert save_combined(result_of((), "combined"), PIXELS, tmp_path) == {}
    assert names(tmp_path) == {
        "combined_heatmap.png",
        "combined_superimposed.png",
        "original_image.png",
        "visualization.png",
    }
    assert np.array_equal(pixels_of(tmp_path / "combined_heatmap.png"), heatmap(HEAT[0], (60, 40)))


def test_a_grid_and_chosen_layers(tmp_path):
    each = {f"layer_{layer}_{kind}.png" for layer in (0, 1, 4, 5) for kind in ("heatmap", "superimposed")}
    save_grid(result_of(), PIXELS, tmp_path / "grid")
    assert names(tmp_path / "grid") == each | {"layer_comparison_grid.png"}
    save_multi(result_of(), PIXELS, tmp_path / "multi")
    assert names(tmp_path / "multi") == each | {"original_image.png", "all_layers_comparison.png"}
    # Heat above overlay: one more row of tiles than a grid of four in a row.
    grid, multi = (
        pixels_of(path) for path in (tmp_path / "grid" / "layer_comparison_grid.png", *tmp_path.glob("*/all*"))
    )
    assert grid.shape[1] == multi.shape[1] and multi.shape[0] > grid.shape[0] + 360 * 40 // 60


def test_thirds_of_the_depth(tmp_path):
    stages = save_comparative(result_of(), PIXELS, tmp_path)
    assert {stage: list(layers) for stage, layers in stages.items()} == {"early": [0, 1], "late": [4, 5]}
    assert names(tmp_path) == {
        "comparative_analysis.png",
        *(f"early/layer_{layer}_{kind}.png" for layer in (0, 1) for kind in ("heatmap", "superimposed")),
        *(f"late/layer_{layer}_{kind}.png" for layer in (4, 5) for kind in ("heatmap", "superimposed")),
        "early/layer_comparison_grid.png",
        "late/layer_comparison_grid.png",
    }


def test_taking_layers_takes_all_that_belongs_to_them():
    few = take_layers(result_of(), (1, 5))
    assert few.layers == (1, 5) and few.request.layers == (1, 5) and few.total_layers == 6
    assert np.array_equal(few.heat, HEAT[[1, 3]]) and np.array_equal(few.squared_deviation, 2 * HEAT[[1, 3]])


SHEETS = {
    "visualization.png": (save_single, (3,)),
    "layer_comparison_grid.png": (save_grid, (0, 1, 4, 5)),
    "all_layers_comparison.png": (save_multi, (0, 1)),
    "comparative_analysis.png": (save_comparative, (0, 1, 4, 5)),
}


@pytest.mark.parametrize("name", SHEETS)
def test_each_sheet_carries_prompt_answer_and_what_its_colours_are(tmp_path, monkeypatch, name):
    save, layers = SHEETS[name]
    written = []
    monkeypatch.setattr(
        "core.rendering.result_captions.with_caption",
        lambda pixels, lines, bar: written.append((lines, bar)) or pixels,
    )
    save(result_of(layers), PIXELS, tmp_path)
    lines, bar = written[-1]
    assert (lines["Prompt"], lines["Answer"]) == ("?", "a") and "2 noise samples" in lines["Map"]
    assert bar.colormap == DEFAULT_COLORMAP and bar.unit == "logits"
    is_one = name == "visualization.png"
    assert bar.maximum == (HEAT[0].max() if is_one else None)
    assert ("on a colour scale of its own" in lines["Map"]) == (not is_one)


def test_a_caption_says_what_is_explained_and_of_which_picture():
    request = replace(result_of().request, images=("i", "j"), target=Target.words("red"), noise_std=0.0)
    lines = caption_of(replace(result_of(), request=request), "layer 4 of 6")
    assert lines["Explained"] == 'the word "red"' and lines["Picture"] == "1 of the 2 in the prompt"
    assert lines["Map"].startswith("layer 4 of 6, ") and lines["Map"].endswith(", no noise")


@pytest.mark.parametrize(
    "prompt", ["在哪里？红色的圆", "a\nb\tc\0d", "x" * 20_000, "\u202egnp.exe", "مرحبا 👋 \ud800", "{} %s <b>&amp;</b>"]
)
def test_whatever_people_type_is_drawn_below_a_sheet_of_its_own_width(prompt):
    request = replace(result_of().request, prompt=prompt)
    result = replace(result_of(), request=request, answer=Answer(prompt, ()))
    page = sheet([(prompt[:50], PIXELS), ("two", PIXELS)], 2, prompt[:80])
    drawn = captioned(page, result, ORIGINAL)
    assert drawn.shape[1] == page.shape[1] and np.array_equal(drawn[: page.shape[0]], page)
    below = drawn[page.shape[0] :]
    assert 100 < below.shape[0] < 3_000 and (below < 128).any()
    hot = colorize(np.ones((1, 1)), "jet")[0, 0].astype(int)
    assert (np.abs(below.astype(int) - hot).max(-1) < 8).any()  # the bar's right end
