"""A video in the form: uploaded, sampled as the fields say, and asked about by itself."""

import io

import pytest
from PIL import Image

from core import VideoError
from core.inputs.videos.sampling import Sampling
from dashboard.jobs.videos import ChosenVideo
from dashboard.session.keys import FormKey
from dashboard.ui.form.chosen_pictures import next_step
from dashboard.ui.form.video.fields import COUNT, RATE, SAMPLING, changed_sampling, sampling_of
from dashboard.ui.form.video.preview import GAP, sheet
from tests.core.inputs.videos.films import film
from tests.dashboard.pages import sentences, texts
from tests.dashboard.uploading import PNG, UPLOAD, png

FILM = ("walk.mp4", film(), "video/mp4")
"""20 frames in two seconds."""


def session(app):
    return app.session_state["session"]


def test_an_uploaded_video_is_sampled_and_shown(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([FILM]).run()
    assert not app.exception and not app.error
    (chosen,) = session(app).pictures
    assert len(chosen.video) == 4 and chosen.size == (64, 48)
    assert "4 frames are sampled of 2.0 s, from 0.0 to 1.5 s; 64 × 48 pixels." in sentences(app)
    assert next_step(1, asked=False, with_video=True) in sentences(app) and "your video" in sentences(app)


def test_the_fields_sample_it_again(visit):
    app = visit("compute", **{FormKey.ADVANCED: True})
    app.file_uploader(key=UPLOAD).set_value([FILM]).run()
    app.session_state[FormKey.ADVANCED] = True
    app.run()
    app.selectbox(key=FormKey.SAMPLING).select(COUNT).run()
    app.number_input(key=FormKey.FRAMES).set_value(5).run()
    assert len(session(app).pictures[0].video) == 5
    shown = sheet(session(app).pictures[0])  # four in a row, and nothing beside the fifth
    assert shown.shape == (2 * 48 + GAP, 4 * 64 + 3 * GAP, 4)
    assert shown[:, :64, 3].all() and shown[:48, :, 3].all() and not shown[48 + GAP :, 64 + GAP :].any()
    app.number_input(key=FormKey.START).set_value(1.0).run()
    assert session(app).pictures[0].video.times[0] == pytest.approx(1.0, abs=0.11)
    app.number_input(key=FormKey.END).set_value(0.5).run()
    assert "before end" in sentences(app) and len(session(app).pictures) == 1  # it stays as it was
    assert any("5 frames in all" in each.label for each in app.expander)


def test_a_video_among_pictures_is_asked_about_by_itself(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([FILM, ("scene.png", png(1_600_001), PNG)]).run()
    assert "2 files: Run asks about each of them alone" in sentences(app)
    assert not [radio for radio in app.radio if radio.key == FormKey.TOGETHER]
    assert any(text.startswith("walk.mp4: 4 frames") for text in texts(app))
    app.text_area(key=FormKey.PROMPT).set_value("What moves?").run()
    assert next_step(2, asked=True, with_video=True) in sentences(app)


def test_an_animation_is_a_picture_until_it_is_taken_as_a_video(visit):
    data = io.BytesIO()
    frames = [Image.new("RGB", (64, 48), (40 * number, 0, 0)) for number in range(6)]
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=250)
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("moves.gif", data.getvalue(), "image/gif")]).run()
    assert not isinstance(session(app).pictures[0], ChosenVideo)
    app.button(key="as-video-0").click().run()
    assert isinstance(session(app).pictures[0], ChosenVideo) and len(session(app).pictures[0].video) >= 4
    assert "frames are sampled of 1.5 s" in sentences(app)


def test_what_is_no_video_is_said_in_a_sentence(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("cut.mp4", film()[:500], "video/mp4")]).run()
    assert not app.exception and len(app.error) == 1 and app.error[0].value.endswith(".")
    assert session(app).pictures == ()


def test_of_a_video_that_breaks_off_what_is_there_is_taken_and_that_is_said(visit):
    whole = film("webm", "libvpx-vp9", frames=40)
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value([("cut.webm", whole[: len(whole) // 2], "video/webm")]).run()
    assert not app.exception and not app.error
    (chosen,) = session(app).pictures
    assert len(chosen.video) >= 4 and chosen.sampling.end > chosen.times[-1]
    assert f"This video breaks off; its first {chosen.sampling.end:g} s are used." in sentences(app)


def test_fields_become_a_sampling():
    assert sampling_of({}) == sampling_of(SAMPLING) == Sampling()
    assert sampling_of({FormKey.SAMPLING: RATE, FormKey.FPS: 3}) == Sampling(fps=3.0)
    assert sampling_of({FormKey.FPS: 3, FormKey.END: 2.5}) == Sampling(end=2.5)
    assert sampling_of({FormKey.SAMPLING: COUNT, FormKey.FRAMES: 7, FormKey.START: 1}) == Sampling(count=7, start=1.0)
    with pytest.raises(VideoError):
        sampling_of({FormKey.START: 3.0, FormKey.END: 2.0})


def test_what_is_not_as_recommended_is_named():
    assert changed_sampling({}) == changed_sampling(SAMPLING) == []
    held = {FormKey.SAMPLING: RATE, FormKey.FPS: 0.5, FormKey.START: 1.0, FormKey.END: 9.5}
    assert changed_sampling(held) == ["0.5 frames a second", "from 1 s", "to 9.5 s"]
