"""Deleting, taking back, and emptying the trash."""

from cache import Change
from dashboard.services import submit as services
from tests.dashboard.pages import prompts, select, sentences


def test_delete_goes_to_the_trash_and_back_and_is_emptied_after_asking(visit, five_runs, storage):
    app = select(visit("history", sort="When"), 0, 1)
    app.button(key="delete-runs").click().run()
    assert prompts(app) == ["c?", "b?", "a?"] and "2 runs are in the trash." in sentences(app)
    app.button(key="undo-button").click().run()
    assert len(prompts(app)) == 5 and "in the trash" not in sentences(app)
    select(app, 0).button(key="delete-runs").click().run()
    app = visit("history", trash="true")
    assert prompts(app) == ["e?"]
    select(app, 0).button(key="restore-runs").click().run()
    assert "The trash is empty." in sentences(app)
    storage.runs.write([five_runs["a"]], Change(trash=True))
    app = visit("history", trash="true")
    app.button(key="empty-trash").click().run()
    assert "cannot be taken back" in "\n".join(text.value for text in app.markdown)
    assert storage.runs.trashed() == 1
    app.button(key="confirm-empty").click().run()
    assert storage.runs.get(five_runs["a"]) is None and storage.runs.count() == 4


def test_taking_back_what_somebody_has_removed_is_one_sentence(visit, five_runs, storage):
    app = select(visit("history"), 0)
    app.button(key="delete-runs").click().run()
    storage.runs.empty_trash()
    app.button(key="undo-button").click().run()
    assert ["Somebody has emptied the trash since; these runs are gone."] == [error.value for error in app.error]
    assert "in the trash" not in sentences(app.run())


def test_asking_again_takes_a_run_out_of_the_trash(visit, five_runs, storage, ask):
    storage.runs.write([five_runs["e"]], Change(trash=True, note="kept"))
    services.explain(ask(prompt="e?", num_samples=6))
    assert storage.runs.get(five_runs["e"]).deleted is None and storage.runs.get(five_runs["e"]).note == "kept"
