"""What is drawn over a map besides its heat: on pictures whose truth is known, and on others."""

from dataclasses import replace

import numpy as np
import pytest

from core.schema import gather
from core.targets import Target
from dashboard.scenes import scenes, true_place
from dashboard.studies import whole_run
from dashboard.viewing import Marks, View
from dashboard.work import keep


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


def test_a_view_draws_outlines_and_fades(about_a_scene):
    result, pixels = about_a_scene("bottom left"), scenes()[0].chosen.picture.pixels
    plain = View(layer=7).draw(pixels, result, 7)
    mask = scenes()[0].masks["bottom left"]
    marked = View(layer=7, marks=Marks(outlines=((mask, (255, 255, 255)),))).draw(pixels, result, 7)
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
