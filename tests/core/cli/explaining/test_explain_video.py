"""A video on the command line: found by its content, said before it is sampled, and written as sheets and numbers."""

import csv
import io
import shlex
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from core.cli.explain import main
from core.engine.explainer import Explainer
from core.export.npz_reader import from_npz
from core.export.reproduce import command
from core.inputs.pictures import load_picture
from core.inputs.videos.clips import to_clip
from core.inputs.videos.loading import load_video
from core.inputs.videos.video import Video
from core.rendering.step_sheet import step_sheet
from core.schema import Answer, ExplainRequest, ExplainResult, TimeStep

asked: list[dict] = []
with_fake = pytest.mark.usefixtures("fake")


class Fake:
    """Stands for an explainer: makes a result of two steps by hand."""

    loaded = SimpleNamespace(notes=(), decoder=None)

    def depth(self, part):
        return 8

    def explain(self, *, video, prompt, method, layers, on_progress, max_pixels, target, **options):
        asked.append({"video": video, "prompt": prompt, "max_pixels": max_pixels, **options})
        request = ExplainRequest(
            image=video.digest, frames=len(video), prompt=prompt, model="m", layers=tuple(layers), method=method
        )
        heat = np.ones((len(layers), 2, 2, 3), np.float32)
        heat[:, 1] *= 3
        steps = (TimeStep(0.0, 0.5), TimeStep(0.5, 1.0))
        return ExplainResult(request, Answer("now", ()), heat, heat, 10, 8, {}, steps=steps)


@pytest.fixture
def fake(monkeypatch):
    asked.clear()
    monkeypatch.setattr(Explainer, "from_pretrained", lambda *arguments: Fake())
    monkeypatch.setattr("core.cli.explain.depth_notes", lambda *arguments: ())
    monkeypatch.setattr("core.cli.forecast.after_loading", lambda *arguments: None)


@pytest.fixture
def film(tmp_path):
    video = Video.of(np.random.default_rng(0).integers(0, 255, (4, 20, 30, 3), np.uint8), np.arange(4) / 4)
    path = tmp_path / "film.png"  # the content counts
    path.write_bytes(to_clip(video))
    return path, video


def run(path, tmp_path, *options):
    return main(["explain", str(path), "--prompt", "When?", "--output_dir", str(tmp_path / "out"), *options])


@with_fake
def test_a_video_is_explained_and_written(film, tmp_path, capsys):
    path, video = film
    assert run(path, tmp_path, "--mode", "multi", "--layers", "1", "4") == 0
    assert asked[0]["video"].digest == video.digest and asked[0]["prompt"] == "When?"
    said = capsys.readouterr()
    assert said.err.startswith("film.png: Of 1 s, 4 frames of 30 x 20 pixels would be sampled, one every 0.25 s")
    assert "Answer: now" in said.out
    assert "   1     0.50 to    1.00   75.0% +- " in said.out and ": its heat lies around 0.62 s +- " in said.out
    folder = tmp_path / "out" / "multi"
    found = from_npz((folder / "result.npz").read_bytes())
    assert found.heat.shape == (2, 2, 2, 3) and found.request.image == video.digest
    sheets = {"layer_1_steps.png", "layer_4_steps.png", "all_layers_steps.png"}
    numbers = {"result.npz", "result.json", "steps.csv", "video.zip"}
    assert {each.name for each in folder.iterdir()} == sheets | numbers | {"overlay.mp4"}
    drawn = load_picture(folder / "layer_1_steps.png").pixels  # the sheet, and below it prompt, answer and a bar
    sheet = step_sheet(video.frames, video.times, found.steps, found.at(1), 2048)
    left = (drawn.shape[1] - 60) // 2
    assert np.array_equal(drawn[:20, left : left + 60], sheet) and drawn.shape[0] > 100
    shown = load_video(folder / "overlay.mp4", fps=2)  # a caption and a bar below each of its frames, too
    assert (
        shown.size[0] == 560 and shown.size[1] > 100 and not np.array_equal(shown.frames[0, 40:], shown.frames[1, 40:])
    )
    assert load_video(folder / "video.zip").digest == video.digest  # from which the same can be asked again
    rows = list(csv.DictReader(io.StringIO((folder / "steps.csv").read_text())))
    assert [row["share"] for row in rows] == ["0.25", "0.75"] * 2


@with_fake
def test_an_animation_is_a_picture_unless_it_is_sampled(tmp_path, capsys):
    path = tmp_path / "moves.gif"
    frames = [Image.new("RGB", (32, 32), (40 * number, 0, 0)) for number in range(5)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=200)
    assert run(path, tmp_path, "--layers", "1", "--frames", "4", "--film", "webp") == 0
    assert len(asked[0]["video"]) == 4
    with Image.open(next((tmp_path / "out").rglob("overlay.webp"))) as drawn:
        assert drawn.n_frames == 2


@with_fake
def test_a_folder_of_frames_is_a_video(tmp_path):
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (32, 32), (80 * number, 0, 0)).save(folder / f"{number}.png")
    assert run(folder, tmp_path, "--layers", "1", "--fps", "4", "--film", "none") == 0
    assert not list((tmp_path / "out").rglob("overlay*"))
    assert asked[0]["video"].times.tolist() == [0, 0.25, 0.5]


@with_fake
def test_what_cannot_be_asked_is_one_sentence(film, tmp_path, capsys):
    path, _ = film
    picture = tmp_path / "picture.png"
    Image.new("RGB", (32, 32)).save(picture)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(200))
    wrong = {
        "one video, or pictures": ([path, "--image_path", picture], ()),
        "sampled already": ([path], ("--fps", "2")),
        "is no video": ([picture], ("--start", "1")),
        "--prompt_words can be asked about pictures": ([path], ("--prompt_words",)),
        "--hide_sinks can be asked about pictures": ([path], ("--hide_sinks",)),
        "broken.mp4": ([broken], ()),
    }
    for words, (paths, options) in wrong.items():
        assert run(*paths[:1], tmp_path, *map(str, paths[1:]), *options) == 2
        said = capsys.readouterr().err
        assert words in said and said.startswith("error: ") and "Traceback" not in said
    assert not asked


def test_its_numbers_come_again_from_the_frames_and_the_command_that_go_with_them(film, tmp_path, capsys, monkeypatch):
    path, _ = film
    given = ["--num_samples", "2", "--noise_std", "0.3", "--max_new_tokens", "3", "--film", "none"]
    assert run(path, tmp_path, "--mode", "multi", "--layers", "1", "4", *given) == 0
    assert "Visual tokens: " in capsys.readouterr().out
    first = tmp_path / "out" / "multi"
    result = from_npz((first / "result.npz").read_bytes())
    assert result.heat.shape[:2] == (2, 2) and result.request.frames == 4
    monkeypatch.chdir(tmp_path)
    assert main([*shlex.split(command(result, str(first / "video.zip")))[3:], "--film", "none"]) == 0
    again = from_npz((tmp_path / "cam_results" / "multi" / "result.npz").read_bytes())
    assert again.request == result.request and again.answer == result.answer and again.steps == result.steps
    assert np.array_equal(again.heat, result.heat)
