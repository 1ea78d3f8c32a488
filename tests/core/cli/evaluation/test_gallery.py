import json

import numpy as np
import pytest
from PIL import Image

from core.cli.evaluation import gallery
from core.cli.explain import main
from core.inputs.pictures import load_picture
from core.schema.methods import ONE_PASS_METHODS
from tests.conftest import encode, gradient_picture


def size_of_sheet(tiles, height):
    """Width and height of a sheet of `tiles` pictures with a title, by hand from `core.rendering.overlay.sheet`."""
    rows = -(-tiles // 7)
    return 7 * (220 + 16) + 16, 56 + rows * (height + 34 + 16) + 16


def test_every_method_has_a_tile(tmp_path, capsys):
    path = tmp_path / "photo.png"
    path.write_bytes(encode(gradient_picture(110, 220), "PNG"))
    code = main(["gallery", str(path), "--prompt", "Where?", "--output_dir", str(tmp_path / "out")])
    assert code == 0 and "Files are in" in capsys.readouterr().out
    with Image.open(tmp_path / "out" / "gallery-1.png") as sheet:
        assert sheet.size == size_of_sheet(len(ONE_PASS_METHODS) + 1, 110)


def test_scenes_have_their_true_place_outlined(explainer):
    (scene,) = gallery._scenes(["where"])
    picture, prompt, mask = gallery._about_scene(scene)
    assert picture.digest == load_picture(scene.image).digest and prompt == scene.question
    assert np.array_equal(mask, scene.masks[scene.answer])
    result = gallery.explain(explainer, picture, prompt, ["gradient_norm"], 3)
    plain = gallery.draw(result, picture, ["gradient_norm"])
    outlined = gallery.draw(result, picture, ["gradient_norm"], mask)
    changed = (plain != outlined).any(-1)
    assert 0 < changed.sum() < 0.1 * changed.size


@pytest.mark.parametrize(
    ("options", "sentence"),
    [(["nowhere.png"], "nowhere.png"), (["--layer", "8"], "layer")],
)
def test_bad_input_ends_with_a_sentence(tmp_path, capsys, options, sentence):
    assert main(["gallery", *options, "--output_dir", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert sentence in error and "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_a_bad_picture_costs_itself_alone(tmp_path, capsys):
    for name in ("one.png", "three.png"):
        (tmp_path / name).write_bytes(encode(gradient_picture(110, 220), "PNG"))
    (tmp_path / "two.png").write_bytes(encode(gradient_picture(110, 220), "PNG")[:200])
    paths = [str(tmp_path / f"{name}.png") for name in ("one", "two", "three")]
    assert main(["gallery", *paths, "--prompt", "x", "--json", "--output_dir", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    bad, *drawn = map(json.loads, said.out.splitlines())
    assert bad == {
        "error": "two.png: This is a PNG that is damaged or cut off. Save or send it again.",
        "image_path": paths[1],
    }
    for each, path, number in zip(drawn, (paths[0], paths[2]), (1, 3), strict=True):
        assert each["image_path"] == path and each["file"] == str(tmp_path / "out" / f"gallery-{number}.png")
        assert each["prompt"] == "x" and each["answer"] and each["layer"] == 4
        assert each["methods"] == list(ONE_PASS_METHODS)
    assert "error: two.png: This is a PNG that is damaged or cut off. Save or send it again.\n" in said.err
    assert said.err.count("error:") == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["gallery-1.png", "gallery-3.png"]
