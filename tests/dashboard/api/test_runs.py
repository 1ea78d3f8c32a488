"""Runs over HTTP: asked, watched, had and found, by those who may, within the limits of the pages."""

import io
import json

import numpy as np
from PIL import Image

from cache import Asker
from core import Progress
from dashboard import resources
from dashboard.jobs.queue import JobQueue
from dashboard.jobs.scheduling import QueueLimits
from dashboard.uploads.files import held_by_visitor
from tests.core.inputs.videos.films import film
from tests.dashboard.eviction import evict
from tests.dashboard.people import ADA, BEN, ROOT, SECRET, actions
from tests.dashboard.uploading import png
from tests.some import some


def done(one, name: str, wait_until) -> dict:
    """The run of that name once it is not computed any more."""
    wait_until(lambda: one("GET", f"/runs/{name}").json()["state"] not in ("queued", "running"))
    return one("GET", f"/runs/{name}").json()


def test_a_question_is_queued_computed_and_had(program, chosen, without_model, wait_until, storage):
    one = program("Ada's script")
    asked = one.ask(chosen.data, prompt="Where is it?")
    assert asked.status_code == 202 and asked.headers["location"] == f"/api/v1/runs/{asked.json()['id']}"
    name = asked.json()["id"]
    told = done(one, name, wait_until)
    assert not held_by_visitor(), "what was uploaded is stored, and takes room all the same"
    assert (told["state"], told["run"], told["result"]["answer"]) == ("done", name, "right")
    assert told["result"]["request"]["image"] == chosen.digest
    record = storage.runs.get(name)
    assert (record.who, record.picture_name, record.prompt) == ("Ada's script", "two.png", "Where is it?")
    again = one.ask(chosen.data, prompt="Where is it?")
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (200, name, "done")
    assert one("GET", f"/runs/{name}/result.json").json() == again.json()["result"]
    npz = one("GET", f"/runs/{name}/result.npz")
    assert npz.headers["content-disposition"] == f'attachment; filename="{name}.npz"'
    with np.load(io.BytesIO(npz.content), allow_pickle=False) as arrays:
        assert arrays["heat"].shape[1:] == (2, 3) and json.loads(str(arrays["description"])) == again.json()["result"]


def test_an_overlay_is_the_size_of_its_picture(program, stored):
    one, run = program(), stored()
    like = "layer=2&opacity=0.4&colormap=viridis&threshold=0.5&cells=true"
    drawn = [
        one("GET", f"/runs/{run}/overlay.png?{query}").content
        for query in ("", "layer=3", "method=combined", like, "picture=0")
    ]
    assert [Image.open(io.BytesIO(each)).size for each in drawn] == [(84, 56)] * 5
    assert drawn[0] == drawn[2] == drawn[4] and len(set(drawn)) == 3
    below = one("GET", f"/runs/{run}/overlay.png?bar=true&caption=true").content
    assert Image.open(io.BytesIO(below)).height > 56


DRAWINGS = {
    "layer=99": "layer 99",
    "layer=-1": "layer",
    "picture=1": "1 picture",
    "step=0": "0 time steps",
    "method=tam": "tam",
    "colormap=mud": "colormap",
    "opacity=2": "opacity",
    "opacity=nan": "opacity",
    "unknown=1": "unknown",
    "layer=1&method=combined": "layer 1",
}


def test_an_overlay_that_cannot_be_drawn_is_a_sentence(program, stored):
    one, run = program(), stored()
    for query, says in some(DRAWINGS.items()):
        answer = one("GET", f"/runs/{run}/overlay.png?{query}")
        assert answer.status_code == 422 and says in answer.json()["error"], f"{query}: {answer.text}"


def test_of_several_pictures_each_has_its_overlay(program, pictures, without_model, wait_until):
    one = program()
    files = [("picture", (each.name, each.data)) for each in pictures]
    name = one("POST", "/runs", files=files, data={"prompt": "Which?"}).json()["id"]
    assert [each["image"] for each in done(one, name, wait_until)["result"]["pictures"]] == [
        each.digest for each in pictures[1:]
    ]
    drawn = [one("GET", f"/runs/{name}/overlay.png?picture={number}").content for number in range(3)]
    assert len(set(drawn)) == 3


def test_what_was_said_before_and_how_the_answer_is_drawn(program, chosen, without_model, wait_until):
    one = program()
    turns = [{"role": "user", "content": [0, "What is it?"]}, {"role": "assistant", "content": ["A ring."]}]
    options = {"system": "Be brief.", "conversation": turns, "temperature": 0.7, "top_p": 0.9, "answer_seed": 3}
    files, data = {"picture": ("two.png", chosen.data)}, {"prompt": "Which colour?", "options": json.dumps(options)}
    asked = one("POST", "/runs", files=files, data=data)
    request = done(one, asked.json()["id"], wait_until)["result"]["request"]
    assert request["conversation"] == [{"role": "system", "content": ["Be brief."]}, *turns]
    assert (request["temperature"], request["top_p"], request["answer_seed"]) == (0.7, 0.9, 3)


def test_a_video_is_sampled_as_asked(program, without_model, wait_until):
    one = program()
    options = json.dumps({"frames": 4, "start": 0.5})
    files = {"picture": ("walk.mp4", film())}
    asked = one("POST", "/runs", files=files, data={"prompt": "What moves?", "options": options})
    told = done(one, asked.json()["id"], wait_until)
    assert told["result"]["request"]["frames"] == 4 and len(told["result"]["steps"]) == 2
    sheet, step = (one("GET", f"/runs/{told['run']}/overlay.png{query}") for query in ("", "?step=1"))
    assert sheet.status_code == 200 and Image.open(io.BytesIO(step.content)).size == (64, 48)
    again = one("POST", "/runs", json={"prompt": "Where to?", "run": told["run"]})
    assert done(one, again.json()["id"], wait_until)["result"]["request"]["frames"] == 4


def test_where_a_run_stands_and_that_it_can_be_cancelled(program, chosen, told, wait_until, storage):
    one = program()
    first = one.ask(chosen.data, prompt="First?").json()
    second = one.ask(chosen.data, prompt="Second?").json()
    wait_until(lambda: one("GET", f"/runs/{first['id']}").json()["progress"])
    told.tell(Progress("answer", 3, 128))
    state = one("GET", f"/runs/{first['id']}").json()
    assert (state["state"], state["progress"]) == ("running", {"stage": "answer", "done": 3, "total": 128})
    state = one("GET", f"/runs/{second['id']}").json()
    assert (state["state"], state["ahead"]) == ("queued", 1)
    for end in ("result.json", "result.npz", "overlay.png"):
        answer = one("GET", f"/runs/{first['id']}/{end}")
        assert answer.status_code == 409 and "not done yet" in answer.json()["error"]
    assert one("DELETE", f"/runs/{second['id']}").json() == {"stops": True}
    assert one("GET", f"/runs/{second['id']}").json()["state"] == "cancelled"
    assert one("DELETE", f"/runs/{second['id']}").status_code == 409
    assert one("GET", f"/runs/{second['id']}/result.npz").status_code == 409
    assert actions(storage) == [("cancel", "")]


def test_a_program_that_looks_keeps_nobody_from_cancelling(program, chosen, held, signed_in):
    ada, ben = program(ADA), program(BEN)
    name = ada.ask(chosen.data).json()["id"]
    assert ben("GET", f"/runs/{name}").json()["state"] in ("queued", "running")
    assert ben("DELETE", f"/runs/{name}").json() == {"stops": False}
    assert ada("DELETE", f"/runs/{name}").json() == {"stops": True}


def test_where_nobody_signs_in_a_withdrawn_token_waits_for_nothing(program, chosen, held):
    one, other = program(), program()
    name = one.ask(chosen.data).json()["id"]
    assert other.ask(chosen.data).json()["id"] == name
    assert other("DELETE", f"/runs/{name}").json() == {"stops": False}
    resources.access_tokens().withdraw(one.name)
    assert other("DELETE", f"/runs/{name}").json() == {"stops": True}


def test_a_private_run_is_nobody_elses(program, chosen, without_model, wait_until, signed_in, storage):
    ada, ben, root = program(ADA), program(BEN), program(ROOT)
    options = {"prompt": SECRET, "options": json.dumps({"private": True})}
    files = {"picture": ("mine.png", chosen.data)}
    name = ada("POST", "/runs", files=files, data=options).json()["id"]
    assert ben("GET", f"/runs/{name}").status_code == 404
    told = done(ada, name, wait_until)
    assert told["state"] == "done" and storage.runs.get(name, ADA).private_to == ADA
    for end in ("", "/result.json", "/result.npz", "/overlay.png"):
        assert ben("GET", f"/runs/{name}{end}").status_code == 404
        assert root("GET", f"/runs/{name}{end}").status_code == 200
    assert ben("DELETE", f"/runs/{name}").status_code == 404
    for query in ("", f"?q={SECRET}", "?private=true", f"?who={ADA}"):
        assert ben("GET", f"/runs{query}").json()["total"] == root("GET", f"/runs{query}").json()["total"] == 0
        assert [each["id"] for each in ada("GET", f"/runs{query}").json()["runs"]] == [name]
    for asked in ({"run": name}, {"pictures": [chosen.digest]}):
        assert ben("POST", "/runs", json={"prompt": "And this?", **asked}).status_code == 422
    again = ada("POST", "/runs", json={"prompt": "And this?", "pictures": [chosen.digest]})
    assert again.status_code == 202 and done(ada, again.json()["id"], wait_until)["state"] == "done"


def test_a_private_job_is_nobody_elses_until_they_ask_the_same(program, chosen, held, signed_in):
    ada, ben = program(ADA), program(BEN)
    files, options = {"picture": ("mine.png", chosen.data)}, {"prompt": "Hush", "options": '{"private": true}'}
    name = ada("POST", "/runs", files=files, data=options).json()["id"]
    assert ben("GET", f"/runs/{name}").status_code == ben("DELETE", f"/runs/{name}").status_code == 404
    assert ben("POST", "/runs", files=files, data={"prompt": "Hush"}).json()["id"] == name
    assert ben("GET", f"/runs/{name}").status_code == 200
    asked = ada("POST", "/runs", files=files, data=options).json()
    assert asked["notices"] == ["The same has been asked for everybody to see before, so this run is not private."]


def test_the_queue_is_bounded_as_for_pages(program, chosen, held, monkeypatch):
    jobs = JobQueue(held, resources.is_waiting, limits=QueueLimits(per_person=1))
    monkeypatch.setattr(resources, "jobs", lambda: jobs)
    one = program("ada")
    assert one.ask(chosen.data, prompt="First?").status_code == 202
    answer = one.ask(chosen.data, prompt="Second?")
    assert answer.status_code == 429 and "as many as one person may have" in answer.json()["error"]
    assert int(answer.headers["retry-after"]) > 0
    assert program("ben").ask(chosen.data, prompt="Third?").status_code == 202


def test_what_became_of_other_runs(program, chosen, without_model, stored, interrupt, ask, wait_until, monkeypatch):
    one = program()
    interrupt(ask(prompt="Left?"))
    assert one("GET", f"/runs/{ask(prompt='Left?').id}").json()["state"] == "interrupted"
    gone = stored(prompt="Gone?")
    evict(resources.storage())
    told = one("GET", f"/runs/{gone}").json()
    assert (told["state"], set(told["links"])) == ("evicted", {"self"})
    assert one("GET", f"/runs/{gone}/result.npz").status_code == 410
    assert one("DELETE", f"/runs/{gone}").status_code == 409
    monkeypatch.setattr(without_model, "run", lambda *_, **__: 1 / 0)
    told = done(one, one.ask(chosen.data, prompt="Broken?").json()["id"], wait_until)
    assert told["state"] == "failed" and "went wrong inside the program" in told["problem"]
    answer = one("GET", f"/runs/{told['id']}/overlay.png")
    assert (answer.status_code, answer.json()["error"]) == (409, told["problem"])


def test_the_history_is_searched_a_page_at_a_time(program, stored):
    names = [stored(prompt=f"Question {number}?", text="left" if number % 2 else "right") for number in range(5)]
    one = program()
    first = one("GET", "/runs?q=question&limit=2&sort=created").json()
    assert (first["total"], [each["id"] for each in first["runs"]]) == (5, [names[4], names[3]])
    found, following = list(first["runs"]), first["next"]
    while following:
        page = one("GET", following.removeprefix("/api/v1")).json()
        found, following = [*found, *page["runs"]], page["next"]
    assert [each["id"] for each in found] == names[::-1]
    assert one("GET", "/runs?q=left").json()["total"] == 2
    assert one("GET", "/runs?q=%27%20OR%201=1&who=%22").json()["total"] == 0
    assert one("GET", "/runs?since=2999-01-01T00:00:00Z").json()["total"] == 0
    assert one("GET", "/runs?offset=99").json()["runs"] == []
    told = found[0]
    assert (told["picture_names"], told["model"], told["private"]) == (["two-halves.png"], "embedded", False)


def test_a_search_that_cannot_be_done_is_a_sentence(program):
    one = program()
    for query in ("limit=0", "limit=1000", "offset=-1", "sort=rowid", "since=soon", "rating=9", "x=1"):
        answer = one("GET", f"/runs?{query}")
        assert answer.status_code == 422 and query.partition("=")[0] in answer.json()["error"]


def test_models_are_listed_and_none_is_fetched_for_that(program, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", "nobody/has-this-model")
    told = program()("GET", "/models").json()["models"]
    assert [(each["name"], each["ready"]) for each in told] == [("embedded", True), ("nobody/has-this-model", False)]
    assert told[0]["layers"] > 0 and resources.catalogue().download("nobody/has-this-model", "x") is None


def test_the_same_question_has_the_same_name_as_on_the_page(program, ask, chosen, held, card):
    question = ask(prompt="Same?")
    options = {"samples": question.request.num_samples, "noise": question.request.noise_std}
    asked = program()(
        "POST",
        "/runs",
        files={"picture": ("x.png", chosen.data)},
        data={"prompt": "Same?", "options": json.dumps(options)},
    )
    assert asked.json()["id"] == question.id


def test_what_follows_from_an_imported_run_is_ones_own(program, stored, held):
    answer = program()("POST", "/runs", json={"prompt": "And?", "run": stored(), "target": "red", "layers": [0, -1]})
    (job,) = resources.jobs().active()
    assert answer.status_code == 202 and job.question.request.target.phrase == "red"
    assert job.question.request.layers == (0, job.question.card.total_layers - 1)
    assert job.question.asker == Asker("")


def test_a_broken_picture_names_what_is_wrong(program):
    answer = program().ask(png(1_600_000)[:200])
    assert answer.status_code == 422 and "traceback" not in answer.text.lower()
