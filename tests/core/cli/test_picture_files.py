"""Picture files on the command line: the choice of brightness, and which of them is meant."""

import numpy as np
import pytest
from PIL import Image

from core.cli.explain import main
from core.export.npz_reader import from_npz
from core.inputs.pictures import load_picture
from tests.conftest import encode


@pytest.fixture
def x_ray(tmp_path):
    values = np.linspace(0, 4095, 56 * 84).round().astype(np.uint16).reshape(56, 84)
    path = tmp_path / "x-ray.png"
    path.write_bytes(encode(Image.fromarray(values), "PNG"))
    return path


def run(tmp_path, *options):
    shared = ["--prompt", "What?", "--mode", "combined", "--num_samples", "1", "--max_new_tokens", "1"]
    return main([*options, *shared, "--output_dir", str(tmp_path / "out")])


@pytest.mark.parametrize("chosen", ["auto", "full", "percentiles", "100..2000"])
def test_the_brightness_is_that_of_the_run_and_is_said(tmp_path, capsys, x_ray, chosen):
    assert run(tmp_path, "--image_path", str(x_ray), "--brightness", chosen) == 0
    result = from_npz((tmp_path / "out" / "combined" / "result.npz").read_bytes())
    assert result.request.image == load_picture(x_ray, chosen).digest
    assert "x-ray.png: The picture has more than 8 bits a channel" in capsys.readouterr().out


def test_a_brightness_that_is_none_is_said(tmp_path, capsys, x_ray):
    assert run(tmp_path, f"--image_path={x_ray}", "--brightness=bright") == 2
    assert "is no brightness. Give auto, full, percentiles" in capsys.readouterr().err


def test_of_several_pictures_the_bad_one_is_named(tmp_path, capsys, x_ray):
    (tmp_path / "cut.png").write_bytes(x_ray.read_bytes()[:60])
    assert run(tmp_path, "--image_path", str(x_ray), str(tmp_path / "cut.png")) == 2
    assert capsys.readouterr().err.startswith("error: cut.png: This is a PNG that is damaged or cut off.")
