"""How many visual tokens pictures may take: filled in where they have more, said, and given up with one click."""

from dataclasses import replace

import numpy as np
import pytest

from core import Video
from core.models.visual_token_count import most_visual_tokens
from dashboard.jobs.question import question_of
from dashboard.jobs.videos import ChosenVideo
from dashboard.session.keys import RUN_BUTTON, FormKey
from dashboard.ui.form.draft import to_questions, to_request
from dashboard.ui.form.resolution import FULL, FULL_BUTTON, LIMIT, USUAL, USUAL_BUTTON, resolution_of
from tests.dashboard.pages import sentences
from tests.dashboard.ui.form.test_draft import DRAFT

KEPT = 1_280 * 28**2


@pytest.fixture
def asking(visit, roomy, photo):
    """The Compute page with a large picture, a prompt and a model that takes it as it is."""

    def open_page(**params):
        app = visit("compute", **params)
        app.selectbox(key=FormKey.MODEL).set_value(str(roomy.folder))
        app.text_area(key=FormKey.PROMPT).set_value("What is there?")
        app.session_state["session"].pictures = (photo,)
        return app.run()

    return open_page


def test_a_large_picture_has_a_number_filled_in_and_a_small_one_none(roomy, photo, chosen):
    draft = replace(DRAFT, budget=1_280)
    (large,) = to_questions(draft, [photo], roomy)
    (small,) = to_questions(draft, [chosen], roomy)
    assert (large.request.max_pixels, small.request.max_pixels) == (KEPT, None)
    assert to_request(replace(draft, budget=None), "i", roomy, [photo.size]).max_pixels is None
    assert to_request(replace(draft, visual_tokens=300), "i", roomy, [photo.size]).max_pixels == 300 * 28**2


def test_pictures_of_one_question_share_it(roomy, photo, chosen):
    (question,) = to_questions(replace(DRAFT, budget=1_280), [photo, chosen], roomy, together=True)
    assert question.request.max_pixels == KEPT // 2


def test_a_stored_request_is_asked_again_as_it_was(roomy, photo, chosen, ask):
    """Whatever the field holds by it, the request that comes of it is the one that was stored."""
    for picture, most in ((photo, None), (photo, KEPT), (photo, 100 * 28**2), (chosen, None), (chosen, KEPT)):
        request = question_of(
            replace(ask(max_pixels=most).request, image=picture.digest, model=roomy.fingerprint), [picture], roomy
        ).request
        choice = resolution_of(request, [picture], roomy)
        values = {
            USUAL: {"budget": 1_280},
            FULL: {},
            LIMIT: {"visual_tokens": None if most is None else most // 28**2},
        }[choice]
        assert to_request(replace(DRAFT, **values), picture.digest, roomy, [picture.size]).max_pixels == most
    assert resolution_of(request, [chosen], roomy) == LIMIT


def test_where_the_picture_is_gone_a_request_without_a_limit_stays_one(ask, roomy):
    assert resolution_of(ask().request, (), roomy) == FULL
    assert resolution_of(ask().request, (), None) == USUAL  # another model has to be chosen anyway


def test_off_is_the_models_own_limits(monkeypatch, ask, roomy, photo):
    monkeypatch.setenv("SMOOTHCAM_VISUAL_TOKENS", "off")
    assert resolution_of(ask().request, [photo], roomy) == USUAL
    assert resolution_of(ask(max_pixels=KEPT).request, [photo], roomy) == LIMIT


def test_the_page_says_what_it_does_and_one_click_asks_for_all(asking, without_model, wait_until):
    app = asking()
    said = sentences(app)
    assert "1,230 visual tokens." in said
    assert "sees the picture at 1,148 × 840 of its 4,000 × 3,000 pixels: a cell of the map is 28 × 28" in said
    assert [box.label for box in app.expander][0].startswith("Advanced: all as recommended")
    app.button(key=FULL_BUTTON).click().run()
    said = sentences(app)
    assert "15,301 visual tokens." in said and "Full resolution: the model sees the picture at 4,004 × 2,996" in said
    assert app.session_state[FormKey.RESOLUTION] == FULL
    app.button(key=RUN_BUTTON).click().run()
    wait_until(lambda: without_model.asked)
    assert without_model.asked[0][0][0].max_pixels is None


def test_full_resolution_is_taken_back_with_one_click(asking, without_model, wait_until):
    app = asking()
    app.button(key=FULL_BUTTON).click().run()
    app.button(key=USUAL_BUTTON).click().run()
    assert app.session_state[FormKey.RESOLUTION] == USUAL
    app.button(key=RUN_BUTTON).click().run()
    wait_until(lambda: without_model.asked)
    assert without_model.asked[0][0][0].max_pixels == KEPT


def test_a_small_picture_has_no_note(visit, roomy, chosen):
    app = visit("compute")
    app.text_area(key=FormKey.PROMPT).set_value("What is there?")
    app.session_state["session"].pictures = (chosen,)
    app.run()
    assert FULL_BUTTON not in [button.key for button in app.button] and "sees the picture at" not in sentences(app)


def test_the_field_has_a_number_of_ones_own(asking):
    app = asking()
    field = app.selectbox(key=FormKey.RESOLUTION)
    assert field.options == [
        "Up to 1,280 visual tokens",
        "Full: the model's own limits",
        "Another number of visual tokens",
    ]
    field.set_value(LIMIT).run()
    app.number_input(key=FormKey.VISUAL_TOKENS).set_value(300).run()
    said = sentences(app)
    assert "visual tokens" in said and FULL_BUTTON not in [button.key for button in app.button]


@pytest.fixture
def long_film():
    """A video of 8 frames of 1600 x 1200 pixels: 4 steps of 713 visual tokens by the published limits of frames."""
    video = Video.of(np.zeros((8, 1200, 1600, 3), np.uint8), np.arange(8) / 2, 4.0)
    return ChosenVideo("walk.mp4", b"", video)


def test_the_steps_of_a_video_share_it(roomy, long_film):
    (question,) = to_questions(replace(DRAFT, budget=1_280), [long_film], roomy)
    assert (question.request.max_pixels, question.request.frames) == (KEPT // 4, 8)
    assert most_visual_tokens([(1600, 1200)], roomy.folder, KEPT // 4, 8) <= 1_280
    assert resolution_of(question.request, [long_film], roomy) == USUAL
    assert resolution_of(replace(question.request, max_pixels=None), [long_film], roomy) == FULL
    assert resolution_of(replace(question.request, max_pixels=KEPT), [long_film], roomy) == LIMIT


def test_of_a_video_it_is_said_how_the_model_sees_its_frames(visit, roomy, long_film):
    app = visit("compute")
    app.selectbox(key=FormKey.MODEL).set_value(str(roomy.folder))
    app.text_area(key=FormKey.PROMPT).set_value("What is there?")
    app.session_state["session"].pictures = (long_film,)
    said = sentences(app.run())
    assert "1,200 visual tokens." in said
    assert "The model sees each frame at 560 × 420 of its 1,600 × 1,200 pixels" in said
    app.button(key=FULL_BUTTON).click().run()
    assert "Full resolution: the model sees each frame at" in sentences(app)
