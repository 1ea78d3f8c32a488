"""The sample question is the one that a click on the first scene asks."""

from cache import Change
from core.models.checkpoints import describe_model
from dashboard import resources
from dashboard.jobs.sample_scenes import nothing_was_run, sample_question


def test_a_click_on_the_first_scene_asks_the_sample_question(visit, without_model, wait_until):
    app = visit("compute")
    app.button(key="start-use-0").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert app.query_params["run"] == sample_question(describe_model(device="cpu")).id


def test_a_history_with_any_row_is_not_new(storage, stored, stored_by):
    assert nothing_was_run(storage)
    stored_by("ada", private=True)
    assert not nothing_was_run(storage)


def test_a_run_in_the_trash_counts(storage, stored):
    assert storage.runs.write([stored()], Change(trash=True)) == 1
    assert not nothing_was_run(storage)
