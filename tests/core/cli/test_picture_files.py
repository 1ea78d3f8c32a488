"""Picture files on the command line: the choice of brightness, and which of them is meant."""

from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from core.cli.explain import main
from core.export.npz_reader import from_npz
from core.inputs.pictures import load_picture
from tests.conftest import encode
from tests.core.inputs.documents.pdfs import document


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


@pytest.fixture
def paper(tmp_path):
    if not find_spec("pypdfium2"):
        pytest.skip("pypdfium2, which draws PDF pages, is not installed")
    path = tmp_path / "paper.pdf"
    path.write_bytes(document(b"1 0 0 rg 0 0 56 56 re f", b"0 0 1 rg 0 0 56 56 re f", size=(20, 20)))
    return path


@pytest.mark.parametrize("asked", [("paper.pdf", "--page", "2"), ("paper.pdf#page=2",)])
def test_the_page_is_that_of_the_run_and_is_said(tmp_path, capsys, paper, asked):
    assert run(tmp_path, "--image_path", str(tmp_path / asked[0]), *asked[1:]) == 0
    result = from_npz((tmp_path / "out" / "combined" / "result.npz").read_bytes())
    assert result.request.image == load_picture(paper, page=2).digest
    assert "paper.pdf: Page 2 of 2 of a PDF document, drawn at 200 dots per inch." in capsys.readouterr().out


def test_a_page_that_is_not_there_is_said(tmp_path, capsys, paper):
    assert run(tmp_path, f"--image_path={paper}", "--page=3") == 2
    assert capsys.readouterr().err.startswith("error: paper.pdf: This PDF document has 2 pages; there is no page 3.")


def test_a_video_has_no_pages(tmp_path, capsys, x_ray):
    frames = tmp_path / "frames"
    frames.mkdir()
    (frames / "1.png").write_bytes(x_ray.read_bytes())
    assert run(tmp_path, f"--image_path={frames}", "--page=2") == 2
    assert "--page is for PDF documents, and a video was given" in capsys.readouterr().err
