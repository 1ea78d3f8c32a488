"""What is drawn over a map besides its heat: on pictures whose truth is known, and on others."""

from dataclasses import replace

import numpy as np
import pytest

from core.schema.target import Target
from dashboard.jobs.persist import keep
from dashboard.ui.sample_scenes import scenes
from dashboard.ui.viewer import marks
from dashboard.ui.viewer.view import Marks, View


def test_the_map_of_another_word_outlines_what_that_word_means(ask, explain):
    scene = scenes()[5]
    request, answer = replace(ask().request, image=scene.chosen.picture.digest), scene.answer.replace(";", " ;")
    ring, nothing = (explain(replace(request, target=Target.words(words)), answer) for words in ("red", "is"))
    star = scene.masks["green star"]
    view = View(layer=7, marks=Marks(fade=True, true_mask=star))
    assert np.array_equal(marks.view_of_words(view, ring).marks.true_mask, scene.masks["red ring"])
    there = marks.view_of_words(view, nothing).marks
    assert there.true_mask is None and there.fade
    unmarked = View(layer=7)
    assert marks.view_of_words(unmarked, ring) is unmarked


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
