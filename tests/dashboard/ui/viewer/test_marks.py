"""What is drawn over a map besides its heat: on pictures whose truth is known, and on others."""

from dataclasses import replace

import numpy as np
import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from core.schema.target import Target
from dashboard.jobs.persist import keep
from dashboard.ui.sample_scenes import scenes, true_place
from dashboard.ui.viewer import marks
from dashboard.ui.viewer.view import Marks, View


@pytest.fixture
def about_a_scene(ask, explain):
    """Makes the result of a question about the first sample scene: `about_a_scene("bottom left")`."""

    def make(text, **changes):
        request = replace(ask(**changes).request, image=scenes()[0].chosen.picture.digest)
        return gather([explain(each, text) for each in whole_run(request)])

    return make


def test_the_true_place_is_that_of_the_explained_words(about_a_scene):
    masks = scenes()[0].masks
    assert masks["bottom left"].any() and masks["bottom left"].shape == (168, 168)
    assert np.array_equal(true_place(about_a_scene("bottom left.")), masks["bottom left"])
    phrase = about_a_scene("it is bottom left", target=Target.words("bottom left"))
    assert np.array_equal(true_place(phrase), masks["bottom left"])


def test_nobody_knows_the_true_place_of_other_words_and_other_pictures(about_a_scene, ask, explain):
    assert true_place(about_a_scene("who knows")) is None
    assert true_place(explain(ask().request, "bottom left")) is None


DESCRIPTION = "In the top middle is a red ring; in the center is a green star."


@pytest.mark.parametrize(
    ("words", "phrases"),
    [
        (DESCRIPTION, ("red ring", "green star")),
        ("a red ring;", ("red ring",)),
        ("ring", ("red ring",)),
        (" star.", ("green star",)),
        ("center is a green", ("green star",)),
        ("ring; in the center", ("red ring", "green star")),
        ("is", ()),
        (";", ()),
    ],
)
def test_a_description_means_what_each_of_its_words_means(words, phrases):
    scene = scenes()[5]
    begin = DESCRIPTION.index(words)
    place = scene.place(DESCRIPTION, begin, begin + len(words))
    if not phrases:
        assert place is None
        return
    one, other = scene.masks["red ring"], scene.masks["green star"]
    assert scene.answer == DESCRIPTION and one.any() and other.any() and not (one & other).any()
    assert np.array_equal(place, np.any([scene.masks[phrase] for phrase in phrases], axis=0))


def test_of_an_answer_that_is_not_the_right_one_only_known_phrases_are_outlined():
    scene, text = scenes()[0], "the green cross is bottom left of a red square"
    place = lambda words: scene.place(text, text.index(words), text.index(words) + len(words))  # noqa: E731
    assert np.array_equal(place("green cross"), scene.masks["green cross"])
    assert np.array_equal(place("cross"), scene.masks["green cross"])
    assert place("red square") is None and place(text) is None and place("green cross is bottom left") is None


def test_in_chinese_a_character_means_what_its_phrase_means():
    scene = scenes()[4]
    assert np.array_equal(scene.place("中央。", 0, 3), scene.masks["中央"])
    assert np.array_equal(scene.place("中央", 1, 2), scene.masks["中央"])


def test_the_map_of_another_word_outlines_what_that_word_means(ask, explain):
    request = replace(ask().request, image=scenes()[5].chosen.picture.digest)
    ring, nothing = (
        explain(replace(request, target=Target.words(words)), DESCRIPTION.replace(";", " ;")) for words in ("red", "is")
    )
    star = scenes()[5].masks["green star"]
    view = View(layer=7, marks=Marks(fade=True, place=star))
    assert np.array_equal(marks.about(view, ring).marks.place, scenes()[5].masks["red ring"])
    there = marks.about(view, nothing).marks
    assert there.place is None and there.fade
    unmarked = View(layer=7)
    assert marks.about(unmarked, ring) is unmarked


def test_marks_of_cells_are_left_out_where_a_map_has_other_cells(explain, ask):
    decoder, tower = explain(ask().request), explain(ask(part="tower", layers=(0, 1, 2, 3)).request)
    pixels = np.full((80, 120, 3), 100, np.uint8)
    cells = np.zeros(decoder.grid, bool)
    cells[0, 2] = True
    marked, plain = View(layer=3, marks=Marks(sinks=cells, masked=cells)), View(layer=3)
    assert (marked.draw(pixels, decoder, 3) != plain.draw(pixels, decoder, 3)).any()
    assert np.array_equal(marked.draw(pixels, tower, 3), plain.draw(pixels, tower, 3))


def test_a_view_draws_outlines_and_fades(about_a_scene):
    result, pixels = about_a_scene("bottom left"), scenes()[0].chosen.picture.pixels
    plain = View(layer=7).draw(pixels, result, 7)
    mask = scenes()[0].masks["bottom left"]
    marked = View(layer=7, marks=Marks(place=mask)).draw(pixels, result, 7)
    changed = (plain != marked).any(-1)
    assert changed.any() and (marked[changed].reshape(-1, 3).max(1) > 200).any()
    rows, columns = np.nonzero(changed)
    inside_rows, inside_columns = np.nonzero(mask)
    assert abs(rows.min() - inside_rows.min()) < 5 and abs(columns.max() - inside_columns.max()) < 5

    unknown = replace(result, squared_deviation=np.full_like(result.squared_deviation, 1e9))
    assert np.array_equal(View(layer=7, marks=Marks(fade=True)).draw(pixels, unknown, 7), pixels)


@pytest.fixture
def stored_scene(about_a_scene, ask, storage):
    """The name of a stored run about the first sample scene."""
    result = about_a_scene("bottom left", num_samples=4)
    question = replace(ask(), request=result.request, chosen=scenes()[0].chosen)
    return keep(question, result, storage, seconds=1.0).id


def test_the_page_offers_what_the_map_can_have(visit, stored, stored_scene):
    assert visit("compute", run=stored()).pills(key="marks").options == ["Fade what is uncertain"]
    app = visit("compute", run=stored_scene)
    assert app.pills(key="marks").options == ["Fade what is uncertain", "Outline the true place"]
    app.pills(key="marks").set_value(["true-place", "uncertainty"]).run()
    assert not app.exception
    without_noise = visit("compute", run=stored(noise_std=0.0))
    assert "marks" not in [pills.key for pills in without_noise.pills]
