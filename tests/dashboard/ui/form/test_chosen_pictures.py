"""Pictures that were just chosen are shown large, with what to do next."""

import pytest

from core.scenes.scene import sample
from dashboard.session.keys import FormKey
from dashboard.ui.form.chosen_pictures import next_step
from tests.dashboard.pages import fill_in, sentences, shows_result
from tests.dashboard.uploading import UPLOAD, encoded, several


def alts(app) -> list[str]:
    return [image.alt for picture in app.get("image") for image in picture.proto.imgs]


def test_an_upload_is_shown_large_and_the_next_step_follows(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).upload("holiday.png", encoded(sample(1_600_000).image)).run()
    assert "holiday.png" in alts(app)
    assert not any((button.key or "").startswith("start-use") for button in app.button)
    assert next_step(1, asked=False) in sentences(app)
    app.text_area(key=FormKey.PROMPT).set_value("What is this?").run()
    assert next_step(1, asked=True) in sentences(app)


def test_several_are_shown(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(3)).run()
    assert [f"picture {number}.png" in alts(app) for number in range(3)] == [True] * 3
    assert next_step(3, asked=False) in sentences(app)


def test_a_picture_that_is_chosen_beside_a_run_is_shown_too(visit, stored):
    app = visit("compute", run=stored())
    assert "Press **Run** on the left" not in sentences(app)
    fill_in(app, 2)
    assert "Sample scene 3" in alts(app) and next_step(1, asked=True) in sentences(app)
    assert shows_result(app) and "The run before stays here until then." in sentences(app)


@pytest.mark.parametrize("asked", [True, False])
def test_the_sentence_names_one_or_several(asked):
    assert "your picture" in next_step(1, asked) and "your 4 pictures" in next_step(4, asked)
