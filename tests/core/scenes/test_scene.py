"""The scenes are the truth that maps are measured against: they must be right to the pixel."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scenes import drawing as pictures
from core.scenes import wording
from core.scenes.scene import EVALUATION_SEEDS, TRAINING_SEEDS, Scene, compose, sample

SEEDS = st.integers(0, 2_000_000)
RGB = {
    "red": (214, 40, 38),
    "green": (44, 160, 60),
    "blue": (36, 84, 214),
    "yellow": (244, 216, 40),
    "purple": (142, 52, 176),
    "orange": (244, 134, 28),
    "black": (16, 16, 18),
    "white": (246, 246, 244),
}


def digest(scene: Scene) -> str:
    sha = hashlib.sha256(repr((scene.image.size, scene.kind, scene.question, scene.answer)).encode())
    sha.update(scene.image.tobytes())
    for phrase, mask in scene.masks.items():
        sha.update(phrase.encode() + np.packbits(mask).tobytes())
    return sha.hexdigest()


def nearest_color(pixels: np.ndarray) -> str:
    mean = pixels.reshape(-1, 3).mean(0)
    return min(RGB, key=lambda name: float(np.square(mean - RGB[name]).sum()))


def bounds(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def test_the_same_seed_gives_the_same_bytes_on_every_run():
    combined = hashlib.sha256("".join(digest(sample(seed)) for seed in range(40)).encode())
    assert combined.hexdigest() == "f2da5198fb8d9a3bfba03d2cc235c27ad88498f464adc90373ace28879c6149f"


def test_a_scene_that_a_person_looked_at():
    scene = sample(1, "describe_en")
    assert scene.question == "Describe the picture."
    assert scene.answer == (
        "In the top right is an orange circle; in the middle left is a red cross; in the bottom right is a blue circle."
    )
    assert {phrase: int(mask.sum()) for phrase, mask in scene.masks.items()} == {
        "top right": 1438,
        "orange circle": 1438,
        "middle left": 1114,
        "red cross": 1114,
        "bottom right": 1962,
        "blue circle": 1962,
    }


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from(wording.KINDS))
def test_masks_belong_to_phrases_of_the_text_and_have_pixels(seed, kind):
    scene = sample(seed, kind)
    width, height = scene.image.size
    assert scene.kind == kind and scene.image.mode == "RGB"
    assert width % 28 == height % 28 == 0
    for phrase, mask in scene.masks.items():
        assert phrase in scene.question or phrase in scene.answer
        assert mask.dtype == bool and mask.shape == (height, width) and mask.any()


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_each_object_has_its_colour_and_lies_wholly_in_its_cell(seed):
    picture = compose(seed)
    pixels = np.asarray(picture.image)
    height, width = pixels.shape[:2]
    for thing in picture.things:
        assert nearest_color(pixels[thing.mask]) == pictures.COLORS[thing.color]
        top, bottom, left, right = bounds(thing.mask)
        row, column = divmod(thing.cell, 3)
        assert row * height / 3 <= top and bottom <= (row + 1) * height / 3
        assert column * width / 3 <= left and right <= (column + 1) * width / 3


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_objects_do_not_overlap_and_no_two_share_a_cell_or_a_look(seed):
    things = compose(seed).things
    covered = np.sum([thing.mask for thing in things], axis=0) if things else np.zeros(1)
    assert covered.max() <= 1
    assert len({thing.cell for thing in things}) == len(things)
    assert len({(thing.color, thing.shape) for thing in things}) == len(things)
    assert [thing.cell for thing in things] == sorted(thing.cell for thing in things)


@pytest.mark.parametrize(("shape", "share"), [("circle", np.pi / 4), ("square", 1.0), ("ring", 0.5478)])
def test_shapes_fill_the_expected_share_of_their_box(shape, share):
    """Area of an unturned shape over that of its bounding box, worked out by hand."""
    for seed in range(120):
        for thing in compose(seed).things:
            if pictures.SHAPES[thing.shape] != shape:
                continue
            top, bottom, left, right = bounds(thing.mask)
            box = (bottom - top) * (right - left)
            # A turned square fills less of its box, down to 1 / (1 + sin(2 * 0.25)) of it.
            low = share / (1 + np.sin(0.5)) if shape == "square" else share
            assert low - 0.05 <= thing.mask.sum() / box <= share + 0.05


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_where_and_its_answer_mean_the_asked_object(seed):
    scene = sample(seed, "where")
    if scene.answer == "nowhere":
        assert scene.masks == {}
        return
    name = next(phrase for phrase in scene.masks if phrase in scene.question)
    assert np.array_equal(scene.masks[name], scene.masks[scene.answer])
    color, _ = name.split()
    assert nearest_color(np.asarray(scene.image)[scene.masks[name]]) == color
    row, column = divmod(wording.CELL_NAMES.index(scene.answer), 3)
    top, bottom, left, right = bounds(scene.masks[name])
    assert int((top + bottom) / 2 / scene.image.height * 3) == row
    assert int((left + right) / 2 / scene.image.width * 3) == column


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_count_masks_are_the_union_of_the_counted(seed):
    scene, things = sample(seed, "count"), compose(seed).things
    number = wording.NUMBERS.index(scene.answer)
    if number == 0:
        assert scene.masks == {}
        return
    (name,) = (phrase for phrase in scene.masks if phrase in scene.question)
    wanted = [
        thing.mask
        for thing in things
        if name == "objects"
        or name == wording.PLURALS[thing.shape]
        or name == f"{pictures.COLORS[thing.color]} objects"
    ]
    assert len(wanted) == number
    assert np.array_equal(scene.masks[name], np.any(wanted, axis=0))


@pytest.mark.parametrize(("kind", "names"), [("describe_en", wording.CELL_NAMES), ("describe_zh", None)])
def test_descriptions_name_every_object_in_reading_order(kind, names):
    names = names or wording.CELL_NAMES_ZH
    for seed in range(30):
        things, scene = compose(seed).things, sample(seed, kind)
        assert len(scene.masks) == 2 * len(things)
        at = [scene.answer.index(names[thing.cell]) for thing in things]
        assert at == sorted(at)
        for thing in things:
            assert np.array_equal(scene.masks[names[thing.cell]], thing.mask)


def test_no_phrase_hides_in_another_phrase_of_the_same_answer():
    for names in (wording.CELL_NAMES, wording.CELL_NAMES_ZH, pictures.COLORS, pictures.SHAPES):
        assert not [(a, b) for a in names for b in names if a != b and a in b]


def test_the_prompts_of_the_project_are_among_the_descriptions():
    assert "Describe the main content in this image in detail." in wording.TEMPLATES["describe_en"]
    assert "请详细描述这张图片中的主要内容。" in wording.TEMPLATES["describe_zh"]
    assert all(len(set(templates)) == len(templates) >= 2 for templates in wording.TEMPLATES.values())


@pytest.mark.parametrize("kind", wording.KINDS)
def test_an_empty_picture_is_answered_without_invention(kind):
    scene = sample(3, kind, objects=0)
    assert scene.masks == {}
    assert scene.answer in {
        "nowhere",
        "none",
        "nothing",
        "zero",
        "no",
        "图中没有",
        "There is nothing in this image.",
        "图中什么都没有。",
    }


def test_the_number_of_objects_and_the_shape_of_the_picture_vary():
    assert {len(compose(seed).things) for seed in range(100)} == {0, 1, 2, 3, 4}
    sizes = {compose(seed).image.size for seed in range(60)}
    assert len(sizes) > 8 and any(width < height for width, height in sizes)
    assert len(compose(5, objects=4).things) == 4


def test_wrong_requests_are_refused_in_words():
    with pytest.raises(ValueError, match="unknown kind 'why'"):
        sample(0, "why")
    with pytest.raises(ValueError, match="between 0 and 4"):
        sample(0, objects=5)


def test_training_and_evaluation_never_share_a_seed():
    assert TRAINING_SEEDS.stop <= EVALUATION_SEEDS.start
    assert len(TRAINING_SEEDS) > 0 and len(EVALUATION_SEEDS) > 0


def test_scenes_are_light_to_import():
    code = "import sys, core.scenes.scene; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
