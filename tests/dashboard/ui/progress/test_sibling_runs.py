"""The runs that were asked at once, one a picture."""

from dataclasses import replace

import pytest

from dashboard import resources
from dashboard.session.keys import FormKey
from tests.dashboard.pages import fill_in
from tests.dashboard.uploading import UPLOAD, captions, several


def test_several_pictures_give_several_runs(visit, wait_until, without_model):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(3)).run()
    assert "3 pictures: Run asks about each of them." in captions(app)
    app.text_area(key=FormKey.PROMPT).set_value("what is this").run()
    assert "Not stored yet: 3 to compute" in "\n".join(mark.value for mark in app.markdown)
    app.button(key="run-button").click().run()
    names = app.query_params["runs"].split(",")
    assert len(set(names)) == 3 and app.query_params["run"] == names[0]
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert not app.exception
    assert "Asked at once: 3 pictures, 3 done." in captions(app)
    assert [resources.storage().runs.get(name).picture_name for name in names] == [
        "picture 0.png",
        "picture 1.png",
        "picture 2.png",
    ]

    # Another one of them comes on display; the form still holds all three.
    app.button(key=f"show-{names[2]}").click().run()
    assert app.query_params["run"] == names[2]
    assert "3 pictures: Run asks about each of them." in captions(app)
    app.button(key="run-button").click().run()
    assert len(without_model.asked) == 3  # everything was stored

    # Whoever gets the address sees the strip, too.
    other = visit("compute", run=names[1], runs=",".join(names))
    assert "Asked at once: 3 pictures, 3 done." in captions(other)


def test_several_answers_give_several_runs(visit, wait_until, without_model, stored):
    app = fill_in(visit("compute"))
    app.number_input(key=FormKey.TEMPERATURE).set_value(1.0).run()
    app.number_input(key=FormKey.ANSWERS).set_value(3).run()
    app.button(key="run-button").click().run()
    names = app.query_params["runs"].split(",")
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert not app.exception and len(set(names)) == 3
    asked = [resources.storage().runs.get(name).request for name in names]
    assert [request.get("answer_seed", 0) for request in asked] == [0, 1, 2]
    assert "Asked at once: 3 answers, 3 done." in captions(app)
    app.button(key=f"show-{names[2]}").click().run()
    assert app.number_input(key=FormKey.ANSWER_SEED).value == 2 and "seed 2" in captions(app)


def test_answers_are_named_by_what_they_say(visit, stored):
    names = [stored(temperature=1.0, answer_seed=seed, text=text) for seed, text in enumerate(["red", "blue"])]
    app = visit("compute", run=names[0], runs=",".join(names))
    shown = [button for button in app.button if (button.key or "").startswith("show-")]
    assert [button.label for button in shown] == ["red", "blue"] == [button.help for button in shown]


@pytest.mark.parametrize("damage", [b"RIFF of nothing", b""])
def test_a_damaged_thumbnail_costs_the_strip_no_more_than_itself(visit, stored, storage, damage):
    names = stored(), stored(prompt="another")
    storage.runs.record(replace(storage.runs.get(names[1]), thumbnail=damage))
    app = visit("compute", run=names[0], runs=",".join(names))
    assert "Asked at once: 2 pictures, 2 done." in captions(app)
    assert [button.label for button in app.button if (button.key or "").startswith("show-")] == ["two-halves.png"] * 2


def test_a_run_of_one_picture_has_no_strip(visit, stored):
    name, other = stored(), stored(prompt="another")
    app = visit("compute", run=name, runs=f"{other},{'0' * 16}")
    assert "Asked at once" not in captions(app)
    assert "runs" not in app.query_params
