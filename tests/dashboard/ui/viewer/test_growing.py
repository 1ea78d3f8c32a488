"""The map of a run while it is computed: drawn as it will be when it is done."""

import numpy as np
import pytest

from core import Progress
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.jobs.job import Job
from dashboard.language import speaking
from dashboard.session.keys import FormKey
from dashboard.ui.viewer.growing import blank_packet, packet_so_far
from tests.dashboard.pages import shows_result, texts, viewer_head
from tests.dashboard.ui.drawing.test_packet import unpack


@pytest.fixture
def job():
    """A job of a question, as a page sees it."""

    def make(question):
        return Job(question, "running", "", 0, 1, None, False, 0.0, None, None, None)

    return make


def parts_of(question, explain, done):
    return tuple(explain(request, num_samples=done) for request in whole_run(question.request))


@pytest.mark.parametrize(
    ("changes", "first"), [({}, "combined"), ({"method": "gradcam", "layers": (2, 5)}, "gradcam-2")]
)
def test_the_map_that_grows_first_is_the_one_that_was_asked_for(ask, explain, job, changes, first):
    question = ask(**changes)
    parts = parts_of(question, explain, 4)
    head, picture, numbers = unpack(packet_so_far(job(question), parts))
    assert head["maps"][head["first"]]["name"] == first
    assert head["run"] == question.id
    assert all(each.startswith("Mean of 4 samples so far. ") for each in head["sentences"])
    assert picture.shape == question.chosen.preview.shape
    told = [each["top"] for each in head["maps"]]
    assert told == [float(each.max()) for part in parts for each in part.heat] and numbers.any()


def test_before_there_is_a_map_the_same_ones_can_be_chosen_and_none_has_heat(ask, explain, job):
    question = ask(method="gradcam", layers=(2, 5))
    blank, picture, numbers = unpack(blank_packet(job(question)))
    head, *_ = unpack(packet_so_far(job(question), parts_of(question, explain, 1)))
    assert [each["name"] for each in blank["maps"]] == [each["name"] for each in head["maps"]]
    assert blank["run"] == head["run"] and not numbers.any()
    assert np.array_equal(picture.shape, question.chosen.preview.shape)


def test_of_several_pictures_the_map_is_drawn_over_its_own(ask_all, explain, job):
    question = ask_all(layers=(2,))
    head, picture, _ = unpack(packet_so_far(job(question), (explain(question.request.of_picture(1), num_samples=1),)))
    assert head["sentences"][0].startswith("Mean of 1 sample so far, picture 2 of 3. ")
    assert np.abs(picture.astype(int) - question.pictures[1].preview).max() < 16  # as JPEG writes it


def test_a_map_grows_in_the_place_of_the_one_before(visit, stored, explain, told, wait_until):
    before = stored()
    app = visit("compute", run=before)
    app.text_area(key=FormKey.PROMPT).set_value("And now?").run()
    app = app.button(key="run-button").click().run()
    name = app.query_params["run"]
    wait_until(lambda: isinstance(resources.jobs().get(name).progress, Progress))
    assert viewer_head(app.run())["run"] == before and ".st-key-viewer { opacity" in styles(app)
    told.tell(Progress("samples", 4, 10, parts_of(resources.jobs().get(name).question, explain, 4)))
    app.run()
    assert viewer_head(app)["run"] == name and ".st-key-viewer { opacity" not in styles(app)
    assert "Where is the red half?" in texts(app)  # what was answered before stays beside it
    told.go.set()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert shows_result(app) and viewer_head(app)["run"] == name and "And now?" in texts(app)


def styles(app) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_it_speaks_chinese(ask, explain, job):
    question = ask()
    with speaking("zh_Hans"):
        head, *_ = unpack(packet_so_far(job(question), parts_of(question, explain, 2)))
        blank, *_ = unpack(blank_packet(job(question)))
    assert head["sentences"][0].startswith("目前 2 个样本的平均。")
    assert set(blank["sentences"]) == {"热力图将在此逐渐形成。"}
