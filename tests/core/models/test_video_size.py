"""The size of a video's frames, against the functions of transformers' video processors, which need torchvision."""

import ast
import json
import math
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from core.models.video_size import QWEN2, QWEN3, fitted_frames, steps_of, video_settings
from core.models.visual_token_count import most_visual_tokens, usual_max_pixels
from tests.some import some

SIZES = [(640, 480), (61, 90), (1920, 1080), (20, 300), (448, 448)]
COUNTS = [2, 3, 16, 768]
BOUNDS = {"size": {"shortest_edge": 4096, "longest_edge": 25_165_824}}


def own_function(kind, name):
    """A function of transformers, taken out of the source of its module, which does not load without torchvision."""
    folder = Path(next(iter(find_spec("transformers").submodule_search_locations)))
    source = (folder / "models" / kind / f"video_processing_{kind}.py").read_text("utf-8")
    (found,) = (each for each in ast.walk(ast.parse(source)) if getattr(each, "name", "") == name)
    scope = {"math": math}
    exec(compile(ast.Module([found], []), name, "exec"), scope)
    return scope[name]


@pytest.mark.parametrize("settings", [{}, BOUNDS], ids=["defaults", "of a folder"])
def test_qwen2_bounds_each_frame(settings):
    resize = own_function("qwen2_vl", "smart_resize")
    least, most = settings.get("size", {"shortest_edge": QWEN2.least, "longest_edge": QWEN2.most}).values()
    for size, count in some(product(SIZES, COUNTS)):
        rows, columns = (each // 28 for each in resize(size[1], size[0], 28, least, most))
        assert fitted_frames(size, count, QWEN2, settings, 28, None) == (columns, rows)


@pytest.mark.parametrize("settings", [{}, BOUNDS], ids=["defaults", "of a folder"])
def test_qwen3_bounds_all_frames_together(settings):
    resize = own_function("qwen3_vl", "smart_resize")
    least, most = settings.get("size", {"shortest_edge": QWEN3.least, "longest_edge": QWEN3.most}).values()
    for size, count in some(product(SIZES, COUNTS)):
        rows, columns = (each // 32 for each in resize(count, size[1], size[0], 2, 32, least, most))
        assert fitted_frames(size, count, QWEN3, settings, 32, None) == (columns, rows)


def test_a_cap_shares_the_budget_of_the_reference_implementation():
    # Qwen2: 90 % of 128,000 tokens for two frames each; Qwen3: at most 768 tokens a frame.
    columns, rows = fitted_frames((1920, 1080), 768, QWEN2, {"cap_pixels_per_frame": True}, 28, None)
    assert columns * rows <= int(128_000 * 0.9) * 2 // 768
    columns, rows = fitted_frames((4096, 2160), 4, QWEN3, BOUNDS | {"cap_pixels_per_frame": True}, 32, None)
    assert columns * rows <= 768
    assert math.prod(fitted_frames((4096, 2160), 4, QWEN3, BOUNDS, 32, None)) > 768


def test_a_budget_is_that_of_a_frame():
    for rule, side in some([(QWEN2, 28), (QWEN3, 32)]):
        columns, rows = fitted_frames((1920, 1080), 16, rule, BOUNDS, side, 64 * side**2)
        assert 40 < columns * rows <= 64


def test_shapes_that_are_refused():
    with pytest.raises(ValueError, match="too long and thin"):
        fitted_frames((1, 300), 4, QWEN2, {}, 28, None)


def test_an_odd_frame_makes_a_step():
    assert [steps_of(count) for count in (1, 2, 3, 16)] == [1, 1, 2, 8]


def test_settings_are_read_in_transformers_order(tmp_path):
    def write(name, content):
        (tmp_path / name).write_text(json.dumps(content), "utf-8")

    assert video_settings(tmp_path) == {}
    write("processor_config.json", {"image_processor": {"patch_size": 1}})
    assert video_settings(tmp_path) == {"patch_size": 1}
    write("preprocessor_config.json", {"patch_size": 2})
    assert video_settings(tmp_path) == {"patch_size": 2}
    write("video_preprocessor_config.json", {"patch_size": 3})
    assert video_settings(tmp_path) == {"patch_size": 3}
    write("processor_config.json", {"video_processor": {"patch_size": 4}})
    assert video_settings(tmp_path) == {"patch_size": 4}


@pytest.mark.parametrize("name", ["qwen2_5_vl", "qwen3_vl"])
def test_tokens_are_counted_before_the_model_is_loaded(folder_of, name):
    folder = folder_of(name)
    tokens = most_visual_tokens([(140, 112)], folder, frames=5)
    assert tokens % 3 == 0 and tokens > 0
    each = usual_max_pixels([(1400, 1120)], folder, 24, frames=16)
    assert each is not None and most_visual_tokens([(1400, 1120)], folder, each, frames=16) <= 24
    with pytest.raises(ValueError, match="sees no video"):
        most_visual_tokens([(140, 112)], folder_of("glm46v"), frames=5)
