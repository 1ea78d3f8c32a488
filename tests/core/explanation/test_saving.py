"""What is saved is what the command line writes, and reads back as it was."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import core
from core import InputError, load_picture, load_result
from core.explanation.explanation import explained
from core.export.npz import to_npz
from core.rendering.figures import draw_layers
from tests.conftest import encode, gradient_picture
from tests.core.explanation.results import LAYERS, ask, with_combined
from tests.some import some

NAMES = {
    *(f"layer_{layer}_{kind}.png" for layer in LAYERS for kind in ("heatmap", "superimposed")),
    *("layer_comparison_grid.png", "combined_heatmap.png", "combined_superimposed.png", "original_image.png"),
    "visualization.png",
    *("result.npz", "result.json"),
}


@pytest.fixture(scope="module")
def saved(explanation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    (folder / "result.json").write_text("older")
    (folder / "mine.txt").write_text("not yours")
    return folder, explanation.save(folder)


def same(one, other) -> bool:
    return repr(one) == repr(other) and to_npz(one) == to_npz(other)


def test_the_files_are_those_of_the_command_line(saved, explanation, picture):
    folder, written = saved
    assert {path.name for path in written} == NAMES and all(path.parent == folder for path in written)
    assert {path.name for path in folder.iterdir()} == NAMES | {"mine.txt"}
    assert (folder / "result.json").read_text("utf-8") != "older"
    with Image.open(folder / "layer_2_superimposed.png") as drawn:
        assert (np.asarray(drawn) == draw_layers(explanation, picture.pixels)[2]["superimposed"]).all()


def test_a_folder_is_read_back_with_its_picture(saved, explanation, picture):
    again = load_result(saved[0])
    assert same(again, explanation) and (again.picture.pixels == picture.pixels).all()
    assert again._repr_html_() == explanation._repr_html_()
    assert load_result(str(saved[0] / "result.npz")).picture.digest == picture.digest


def test_bytes_are_read_back_with_the_picture_that_is_given(explanation, picture):
    data = to_npz(explanation)
    assert load_result(data).picture is None and load_result(bytearray(data)).picture is None
    for given in some([picture, picture.to_pil(), encode(picture.to_pil(), "PNG"), [picture]]):
        assert same(load_result(data, given), explanation) and load_result(data, given).picture.digest == picture.digest


def test_another_picture_is_refused_where_given_and_not_taken_where_found(saved, explanation, tmp_path):
    other = gradient_picture(56, 85)
    with pytest.raises(InputError, match="its pixels are others"):
        load_result(saved[0], other)
    with pytest.raises(InputError, match="cannot be read"):
        load_result(saved[0], "/nowhere/at all.png")
    explanation.save(tmp_path)
    other.save(tmp_path / "original_image.png")
    assert load_result(tmp_path).picture is None
    (tmp_path / "original_image.png").write_bytes(b"GIF89a")
    assert load_result(tmp_path).picture is None


def test_a_video_is_saved_with_its_frames(of_video, video, tmp_path):
    written = of_video.save(tmp_path)
    assert {path.name for path in written} == {
        *("overlay.png", "sheet.png", "steps.csv", "video.zip", "result.npz", "result.json")
    }
    again = load_result(tmp_path)
    assert same(again, of_video) and again.picture.digest == video.digest
    assert load_result(tmp_path / "result.npz", tmp_path / "video.zip").picture.digest == video.digest
    assert load_result(to_npz(of_video), video).picture is video
    assert load_result(to_npz(of_video)).picture is None
    with pytest.raises(InputError, match="other frames"):
        load_result(tmp_path, core.Video.of(video.frames[:2], [0, 1]))
    with pytest.raises(InputError, match="result is of a video"):
        load_result(tmp_path, 7)


def test_several_pictures_have_a_folder_each(tmp_path):
    pictures = [load_picture(gradient_picture(56, width)) for width in (84, 112)]
    request = ask(pictures[0].digest, images=tuple(each.digest for each in pictures))
    each = [with_combined(request.of_picture(number), 2, 3) for number in (0, 1)]
    both = explained(replace(each[0], pictures=tuple(each)), pictures)
    written = {path.relative_to(tmp_path).as_posix() for path in both.save(tmp_path)}
    assert {"result.npz", "picture-1/original_image.png", "picture-2/layer_5_heatmap.png"} <= written
    assert [one.picture.size for one in load_result(tmp_path).pictures] == [(84, 56), (112, 56)]


def test_without_its_picture_the_heat_is_saved_alone(result, tmp_path):
    written = {path.name for path in explained(result, None).save(tmp_path)}
    assert written == {"overlay.png", "sheet.png", "result.npz", "result.json"}


@pytest.mark.parametrize("folder", [7, None, b"x", "a\0b", "/dev/null", Path("/proc/nothing/here")])
def test_a_folder_that_cannot_be_written_is_said(explanation, folder):
    with pytest.raises(InputError, match="cannot be written|must be the path"):
        explanation.save(folder)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (7, "must be the bytes or the path"),
        (b"no zip", "result.npz"),
        ("/nowhere/at all", "There is no result"),
        ("a\0b", "cannot be read|There is no result"),
        ("/dev/null", "There is no result"),
    ],
)
def test_what_is_no_result_is_said(source, sentence):
    with pytest.raises(InputError, match=sentence):
        load_result(source)
