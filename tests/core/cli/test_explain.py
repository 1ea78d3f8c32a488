import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from core.cli.explain import concentration_table, main
from core.embedded import CHECKPOINT
from core.engine.explainer import Explainer
from core.errors import InputError
from core.export.npz_reader import from_npz
from core.inputs.pictures import load_picture
from core.memory.device_rate import DeviceRate
from core.models.visual_token_count import most_visual_tokens
from core.schema import Answer, ExplainRequest, ExplainResult
from tests.conftest import encode, gradient_picture
from tests.limits import with_published_limits


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(encode(gradient_picture(120, 200), "PNG"))
    return str(path)


def run(picture, tmp_path, *options):
    base = ["--image_path", picture, "--prompt", "Where?", "--num_samples", "2", "--max_new_tokens", "3"]
    return main([*base, "--output_dir", str(tmp_path / "out"), *options])


@pytest.mark.parametrize(
    ("options", "layers", "file"),
    [
        (["--mode", "single", "--layer", "5"], [5], "visualization.png"),
        (["--mode", "grid", "--layer_range", "late"], [5, 6, 7], "layer_comparison_grid.png"),
        (["--mode", "multi", "--layers", "1", "4"], [1, 4], "all_layers_comparison.png"),
        (["--mode", "comparative"], list(range(8)), "comparative_analysis.png"),
        (["--mode", "multi", "--part", "tower"], [1, 2, 3], "all_layers_comparison.png"),
        (["--mode", "comparative", "--part", "tower", "--tap", "output"], list(range(4)), "comparative_analysis.png"),
    ],
)
def test_the_four_modes(picture, tmp_path, capsys, options, layers, file):
    assert run(picture, tmp_path, *options) == 0
    folder = tmp_path / "out" / options[1]
    assert (folder / file).is_file()
    with np.load(folder / "result.npz", allow_pickle=False) as archive:
        assert archive["layers"].tolist() == layers and archive["heat"].shape[0] == len(layers)
    assert json.loads((folder / "result.json").read_text())["request"]["num_samples"] == 2
    printed = capsys.readouterr().out
    assert "Gini" in printed and all(f"\n{layer:5d}  " in printed for layer in layers)


def test_one_map_in_all_is_not_called_one_of_all_layers():
    request = ExplainRequest(image="i", prompt="?", model="m", layers=(), method="combined")
    heat = np.ones((1, 2, 2), np.float32)
    table = concentration_table(ExplainResult(request, Answer("", ()), heat, heat, 1, 8, {}))
    assert [line.split()[0] for line in table.splitlines()] == ["map", "one"]


def test_hyphens_are_underscores(picture, tmp_path):
    code = main(
        [
            "--image-path",
            picture,
            "--prompt",
            "x",
            "--layer-range",
            "early",
            "--num-samples",
            "1",
            "--noise-std",
            "0.2",
            "--output-dir",
            str(tmp_path / "out"),
            "--max-new-tokens",
            "2",
        ]
    )
    assert code == 0 and (tmp_path / "out" / "grid" / "result.npz").is_file()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--num_samples", "0"], "samples must be"),
        (["--noise_std", "nan"], "noise must be"),
        (["--noise_std", "-1"], "noise must be"),
        (["--method", "magic"], "no method called"),
        (["--mode", "single", "--layer", "99"], "8 decoder layers"),
        (["--model_path", "/nowhere"], "no model folder"),
        (["--prompt", ""], "prompt is empty"),
        (["--prompt", "x" * 100_000], "100,000 characters"),
        (["--tap", "output", "--layer_range", "all"], "exactly zero"),
        (["--device", "tpu"], "no device"),
        (["--image_path", "/nowhere.png"], "cannot be read"),
        (["--image_path", __file__], "not a picture"),
        (["--output_dir", __file__], "cannot be written: Not a directory"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(picture, tmp_path, capsys, options, sentence):
    assert run(picture, tmp_path, *options) == 2
    error = capsys.readouterr().err
    assert sentence in error and "Traceback" not in error


def test_several_pictures_of_one_prompt(picture, tmp_path, capsys):
    other = tmp_path / "other.png"
    other.write_bytes(encode(gradient_picture(200, 120), "PNG"))
    assert run(picture, tmp_path, f"--image_path={other}", "--mode", "multi", "--layers", "1", "4") == 0
    folder = tmp_path / "out" / "multi"
    result = from_npz((folder / "result.npz").read_bytes())
    first, second = load_picture(picture), load_picture(other)
    assert [each.request.image for each in result.pictures] == [first.digest, second.digest]
    assert result.pictures[0].grid != result.pictures[1].grid
    for number, shown in enumerate((first, second), 1):
        drawn = folder / f"picture-{number}"
        assert (drawn / "all_layers_comparison.png").is_file()
        assert load_picture(drawn / "layer_4_superimposed.png").size == shown.size
    told = json.loads((folder / "result.json").read_text())
    assert [each["image"] for each in told["pictures"]] == [second.digest]
    printed = capsys.readouterr().out
    assert printed.count("\n    4  ") == 2 and f"Picture 2, {other}" in printed


def test_sinks_are_hidden_in_pictures_and_stay_in_numbers(picture, tmp_path, capsys, monkeypatch):
    options = ["--mode", "multi", "--layers", "1", "4"]
    assert run(picture, tmp_path / "plain", *options, "--hide_sinks") == 0
    assert "Sinks hidden in the pictures: none found" in capsys.readouterr().out  # the embedded model has none here
    monkeypatch.setattr("core.analysis.artefacts.sinks", lambda peaks, threshold: ((0, 0),))
    assert run(picture, tmp_path / "hidden", *options, "--hide_sinks") == 0
    assert "row 0, column 0" in capsys.readouterr().out
    plain, hidden = (tmp_path / name / "out" / "multi" for name in ("plain", "hidden"))
    numbers = [from_npz((folder / "result.npz").read_bytes()) for folder in (plain, hidden)]
    assert np.array_equal(numbers[0].heat, numbers[1].heat)
    drawn = [load_picture(folder / "layer_4_heatmap.png").pixels for folder in (plain, hidden)]
    assert (drawn[0][:10, :10] != drawn[1][:10, :10]).any()


def test_the_picture_after_the_prompt(picture, tmp_path):
    assert run(picture, tmp_path, "--mode", "combined", "--picture-after") == 0
    told = json.loads((tmp_path / "out" / "combined" / "result.json").read_text())
    assert told["request"]["picture_first"] is False


def test_more_pictures_than_a_prompt_can_hold(picture, tmp_path, capsys):
    assert run(picture, tmp_path, "--image_path", *[picture] * 8) == 2
    assert "1 to 8 pictures, not 9" in capsys.readouterr().err


def test_help_needs_no_torch():
    code = "import sys, core.cli.explain as m; m.build_parser().format_help(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_unknown_options_exit_with_2(picture):
    done = subprocess.run([sys.executable, "-m", "core", "--mode", "sideways"], capture_output=True, text=True)
    assert done.returncode == 2 and "Traceback" not in done.stderr


def test_before_a_run_it_says_what_that_takes(picture, tmp_path, capsys):
    assert run(picture, tmp_path, "--mode", "combined") == 0
    printed = capsys.readouterr().out
    tokens = most_visual_tokens([(200, 120)], CHECKPOINT)
    assert f"Visual tokens: {tokens}. The model sees the picture at " in printed and "28 x 28 of these." in printed
    assert "Memory: " in printed and "by how many noise samples go at once" in printed and "GB are free." in printed
    assert "Time: up to about " in printed and "this device's speed" in printed
    assert printed.index("Visual tokens") < printed.index("Time") < printed.index("Answer")
    assert "--max_pixels off" not in printed


@pytest.mark.parametrize(
    ("options", "most", "said"),
    [
        ([], 1_280 * 28**2, "Visual tokens: 1,230. The model sees the picture at 1,148 x 840 pixels"),
        (["--max_pixels", "off"], None, "Visual tokens: 15,301. The model sees the picture at 4,004 x 2,996"),
        (["--max-pixels", "80000"], 80_000, "Visual tokens: "),
    ],
)
def test_a_large_picture_is_kept_to_a_number_of_visual_tokens(tmp_path, capsys, monkeypatch, options, most, said):
    asked = []

    class Stands:
        loaded = None

        def depth(self, part):
            return 8

        def explain(self, pictures, prompt, **given):
            asked.append(given["max_pixels"])
            raise InputError("That is far enough.")

    monkeypatch.setattr(Explainer, "from_pretrained", lambda *_, **__: Stands())
    monkeypatch.setattr("core.cli.forecast.rate_of", lambda explainer: DeviceRate(1e12, 1e11, 1e5))
    path, folder = tmp_path / "photo.png", with_published_limits(tmp_path / "model")
    Image.new("RGB", (4000, 3000)).save(path)
    assert run(str(path), tmp_path, "--model_path", str(folder), "--device", "cpu", *options) == 2
    assert asked == [most]
    printed = capsys.readouterr().out
    assert said in printed and ("--max_pixels off gives full resolution." in printed) == (most is not None)


def test_a_pixel_budget_that_is_none(picture, tmp_path, capsys):
    with pytest.raises(SystemExit):
        run(picture, tmp_path, "--max_pixels", "many")
    assert "invalid pixel_budget value: 'many'" in capsys.readouterr().err
