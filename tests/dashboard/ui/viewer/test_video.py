"""A run about a video on its page, and beside others."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from core import METHODS, Video, load_video
from dashboard.jobs.persist import keep
from dashboard.jobs.videos import ChosenVideo
from dashboard.loaded_run import LoadedRun
from dashboard.services import open as opening
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer.exports import bar_of, caption_of, frame_png, overlay_png
from dashboard.ui.viewer.step_frames import MOST_PIXELS, longest_side
from dashboard.ui.viewer.studies import methods_panel, study_panels
from dashboard.ui.viewer.video_files import contact_sheet, drawn_steps, film, film_webp
from dashboard.ui.viewer.view import View
from tests.core.inputs.videos import films
from tests.dashboard.pages import chart, sentences, viewer_head
from tests.dashboard.video_runs import STEPS, square_frames, video_result
from tests.some import some


@pytest.fixture
def video_run(monkeypatch) -> LoadedRun:
    """A run that opens under its name, whatever is stored."""
    frames = square_frames().repeat(2, axis=0)
    video = Video.of(frames, np.arange(len(frames)) / 2)
    run = LoadedRun(video_result(image=video.digest), ChosenVideo("walk.mp4", films.film(), video))
    monkeypatch.setattr(opening, "open_run", lambda name, viewer=None: run if name == run.id else None)
    return run


def tabs(app) -> list[str]:
    return [tab.label for tab in app.tabs]


def test_its_maps_are_shown_with_their_time(visit, video_run):
    app = visit("compute", run=video_run.id)
    head = viewer_head(app)
    assert head["steps"] == [[float(step), step + 1.0] for step in range(STEPS)]
    assert head["usualStep"] == 3 and len(head["frames"]) == STEPS
    for each in some(head["maps"]):
        assert len(each["shares"]) == each["steps"] == STEPS and sum(each["shares"]) == pytest.approx(1, abs=1e-4)
        assert all(0 < error < share for error, share in zip(each["shareErrors"], each["shares"], strict=True))
    assert "between 3 and 4 s, more than in any other step" in head["sentences"][0]


def test_only_tabs_that_know_time_are_offered(visit, video_run):
    app = visit("compute", run=video_run.id)
    assert tabs(app) == [
        *("Heat over time", "Words over time", "Methods", "Concentration over depth"),
        *("Answer tokens", "Parameters", "Take away", "Share"),
    ]
    lines = [trace for trace in chart(app)["data"] if trace["mode"] == "lines+markers"]
    assert len(lines) == 1 and "seconds of the video" in str(chart(app)["layout"])
    assert chart(app, 1)["data"][0]["type"] == "heatmap"


@pytest.mark.parametrize(
    "tab",
    ["Words over time", "Methods", "Concentration over depth", "Answer tokens", "Parameters", "Take away", "Share"],
)
def test_every_tab_opens(visit, video_run, tab):
    app = visit("compute", run=video_run.id, **{ViewKey.TAB: tab})
    assert not app.exception and not app.error


def test_methods_stand_beside_each_other_over_time(visit, video_run, monkeypatch):
    results = [video_run.result, *video_run.result.companions.values()]
    monkeypatch.setattr(study_panels, "findings", lambda run, study: results if study == "methods" else None)
    app = visit("compute", run=video_run.id, **{ViewKey.TAB: "Methods"})
    assert not app.exception and len(results) == 2
    heat = next(trace for number in range(3) for trace in chart(app, number)["data"] if trace["type"] == "heatmap")
    assert [row[0] for row in heat["customdata"]] == [METHODS[each.request.method].title for each in results][::-1]
    strips = [image.caption for picture in app.get("image") for image in picture.proto.imgs if image.caption]
    assert strips == [METHODS[each.request.method].title for each in results]


def test_a_method_of_a_video_is_a_strip_of_its_steps(video_run):
    strip, width = methods_panel._steps(video_run, View(1), video_run.result, 1)
    assert strip.shape == (60, 120 * STEPS, 3) and width == 120 * STEPS
    tiles = strip.reshape(60, STEPS, 120, 3).transpose(1, 0, 2, 3)
    assert [int(colour(tile).sum(0).argmax()) // 20 for tile in some(tiles)] == list(range(STEPS))


@pytest.fixture
def stored_film(ask_film, result_of, storage) -> str:
    """A run about the video, kept as every run is."""
    outcome = keep(ask_film(layers=(2, 5)), result_of(ask_film(layers=(2, 5))), storage, seconds=2.0)
    assert outcome.kept
    return outcome.id


def test_a_stored_run_opens_from_its_link_and_fills_in_the_form(visit, stored_film):
    app = visit("compute", run=stored_film)
    assert not app.exception and not app.error and viewer_head(app)["usualStep"] == 2
    assert "6 frames are sampled of 1.5 s, from 0.0 to 1.2 s" in sentences(app)
    assert "The frames of this video are sampled already." in sentences(app)


def test_compare_sets_videos_against_each_other_over_time(visit, stored_film, stored):
    app = visit("compare", runs=f"{stored_film},{stored()}")
    assert not app.exception
    assert "Videos: A. Pictures: B." in sentences(app)
    lines = [trace for trace in chart(app)["data"] if trace["mode"] == "lines+markers"]
    assert len(lines) == 1 and tabs(app)[0] == "Depth" and "(Combined map)" in lines[0]["name"]
    alone = visit("compare", runs=stored_film)
    assert not alone.exception and tabs(alone) == []


@pytest.mark.parametrize("page", ["home", "history"])
def test_lists_of_runs_hold_it(visit, stored_film, page):
    app = visit(page)
    assert not app.exception and not app.error


def test_frames_of_long_videos_are_smaller():
    assert longest_side((1920, 1080), 1) == 880
    side = longest_side((1920, 1080), 384)
    assert 150 < side < 400 and 384 * side * side * 1080 / 1920 <= MOST_PIXELS


def test_films_and_sheets_show_every_step(video_run):
    view = View(None, step=3)
    moving = Image.open(io.BytesIO(film_webp(video_run, view)))
    assert moving.n_frames == STEPS and moving.size == (120, 60)
    for kind in ("mp4", "webm"):
        again = load_video(film(video_run, view, kind))
        assert again.size == (120, 60) and again.duration == pytest.approx(STEPS, abs=0.5)
    sheet = np.asarray(Image.open(io.BytesIO(contact_sheet(video_run, view))))
    assert sheet.shape == (60, 120 * STEPS, 3)
    captioned = np.asarray(Image.open(io.BytesIO(contact_sheet(video_run, view, (True, True)))))
    assert np.array_equal(captioned[:60, : 120 * STEPS], sheet) and len(captioned) > 150
    each = list(drawn_steps(video_run, view, 640))
    assert [int(colour(drawn).sum(0).argmax()) // 20 for drawn in each] == list(range(STEPS))
    # One scale: the hottest step alone reaches the top.
    assert colour(each[3]).max() > colour(each[2]).max()
    own = list(drawn_steps(video_run, replace(view, alike=False), 640))
    assert abs(int(colour(own[3]).max()) - int(colour(own[2]).max())) < 10


def test_a_caption_and_a_bar_stand_under_each_step_of_a_film_where_they_are_wanted(video_run):
    bare, captioned = (list(drawn_steps(video_run, View(None), 640, extras)) for extras in ((False,) * 2, (True,) * 2))
    assert {each.shape for each in captioned} == {captioned[0].shape} and len(captioned[0]) > 150
    left = (captioned[0].shape[1] - 120) // 2
    assert np.array_equal(captioned[2][:60, left : left + 120], bare[2])
    assert not np.array_equal(captioned[2][60:], captioned[3][60:])  # each says its own time
    lines = caption_of(video_run, View(None, step=2))
    assert lines["Time step"] == "2.00 to 3.00 s of the video"
    assert caption_of(video_run, View(None))["Time steps"] == f"{STEPS}, row by row, 0.00 to {STEPS}.00 s"
    assert bar_of(video_run, View(None)).maximum > 0 and bar_of(video_run, View(None, alike=False)).maximum is None


def test_it_can_be_asked_about_again_from_what_is_taken_away(visit, video_run):
    app = visit("compute", run=video_run.id, **{ViewKey.TAB: "Take away"})
    labels = [button.label for button in app.get("download_button")]
    assert "Frame PNG" in labels and "Sampled frames ZIP" in labels
    shown = [code.value for code in visit("compute", run=video_run.id, **{ViewKey.TAB: "Share"}).code]
    assert any("--image_path=video.zip" in code for code in shown) and any(
        "video='video.zip'" in code for code in shown
    )
    frame = np.asarray(Image.open(io.BytesIO(frame_png(video_run, View(None, step=2)))))
    assert np.array_equal(frame, video_run.chosen.video.frames[4])
    assert "The model sees 2 frames at a time, as one time step" in sentences(visit("compute", run=video_run.id))


def test_a_picture_of_one_step_is_of_its_frame(video_run):
    drawn = np.asarray(Image.open(io.BytesIO(overlay_png(video_run, View(1, step=2, method="gradient_deviation")))))
    assert drawn.shape == (60, 120, 3) and int(colour(drawn).sum(0).argmax()) // 20 == 2


def colour(drawn: np.ndarray) -> np.ndarray:
    """How far each pixel is from grey."""
    return drawn.max(2).astype(int) - drawn.min(2)
