"""Everything that decided a run's numbers, in words."""

from core import Target
from dashboard.export.parameters import differing, parameter_rows
from dashboard.language import _, listed, speaking
from dashboard.services.open import open_run


def test_a_run_of_one_picture(stored):
    run = open_run(stored(layers=(0, 1, 2, 5), num_samples=3, noise_std=0.25, seed=7, max_new_tokens=9))
    rows = parameter_rows(run)
    assert (rows["Run"], rows["Model"]) == (run.id, "embedded")
    assert rows["Picture"] == "two-halves.png, 84 × 56 pixels" and "Maps of" not in rows
    assert rows["Visual tokens"] == "2 rows × 3 columns" and rows["Picture stands"] == "before the prompt"
    assert rows["Layers"] == "0-2, 5 (of 8)" and rows["Method"] == "Gradient deviation"
    assert (rows["Samples"], rows["Noise"]) == ("3", "0.25") and rows["Seed"] == "7"
    assert (rows["Longest answer"], rows["Resolution"]) == ("9 tokens", "the model's own")
    assert rows["Decoding"] == "the likeliest token each time"
    assert rows["Time"] == "answer 0.50 s, samples 1.50 s"


def test_a_run_of_several_pictures_says_which_one_the_maps_are_of(stored_all):
    rows = parameter_rows(open_run(stored_all(max_pixels=50_000)).of_picture(1))
    assert rows["Maps of"] == "picture 2" and rows["Picture 2"] == "b & c.png, 84 × 56 pixels"
    assert rows["Resolution"] == "at most 50,000 pixels" and "Picture" not in rows


def test_a_run_about_the_vision_tower_is_told_in_blocks_and_patches(tower_run):
    rows = parameter_rows(tower_run)
    assert (rows["Part"], rows["Tap"], rows["Blocks"]) == ("Vision tower", "the block's input", "0-3 (of 4)")
    assert rows["Patches"] == "4 rows × 6 columns" and "Layers" not in rows and rows["Model"] == ""


def test_without_noise_and_layers_that_is_said(stored):
    rows = parameter_rows(open_run(stored(method="tam", layers=(), noise_std=0.0, num_samples=1)))
    assert (rows["Samples"], rows["Noise"], rows["Layers"]) == ("1", "none", "one map in all")


def test_how_an_answer_was_drawn_is_told(stored):
    rows = parameter_rows(open_run(stored(temperature=0.7, top_p=0.9, answer_seed=3)))
    assert rows["Decoding"] == "temperature 0.7, top-p 0.9, seed 3" and rows["Seed"] == "0"
    assert parameter_rows(open_run(stored(temperature=1)))["Decoding"] == "temperature 1, seed 0"


def test_only_what_differs_is_left():
    assert differing([{"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}]) == {"b": ["2", "3"], "c": ["", "4"]}
    assert differing([{"a": "1"}]) == differing([]) == {}


def test_values_are_told_in_the_readers_language_under_names_that_stay(stored, stored_all):
    run = open_run(stored(layers=(0, 1, 2, 5), target=Target.words("left"), seed=7, method="gradcam"))
    english = parameter_rows(run)
    with speaking("zh_Hans"):
        rows = parameter_rows(run)
        assert list(rows) == list(english)
        assert [_(name) for name in ("Run", "Visual tokens", "Explained")] == ["运行", "视觉词元", "解释目标"]
        assert rows["Time"] == listed(("回答 0.50 秒", "样本 1.50 秒"))
        several = parameter_rows(open_run(stored_all()).of_picture(1))
    assert (rows["Picture"], rows["Visual tokens"]) == ("two-halves.png，84 × 56 像素", "2 行 × 3 列")
    assert (rows["Layers"], rows["Explained"]) == ("0-2, 5（共 8）", '词 "left"')
    assert (rows["Method"], rows["Tap"], rows["Seed"]) == ("Grad-CAM（与原版相同）", "层的输入", "7")
    assert several["图片 2"] == "b & c.png，84 × 56 像素" and several["Maps of"] == "图片 2"
