"""Whose run is whose on the pages: private runs are there for nobody else, and only owners delete."""

from dataclasses import replace

import pytest

from cache import Asker, JobLog
from dashboard import resources
from dashboard.formatting import literal
from dashboard.jobs.question import question_to_dict
from dashboard.session.keys import FormKey
from dashboard.storage.data_folder import jobs_file
from tests.dashboard.pages import open_recent
from tests.dashboard.people import ADA, BEN, ROOT, SECRET, actions, everything, fed
from tests.dashboard.uploading import captions, several

pytestmark = pytest.mark.usefixtures("administrators")


@pytest.mark.parametrize("page", ["home", "compute", "history", "compare"])
def test_somebody_elses_private_run_is_on_no_page(visit_as, stored_by, page):
    public = stored_by(BEN, prompt="A public prompt")
    secret = stored_by(ADA, private=True, prompt=f"Where is the {SECRET}?")
    addresses = [{}, {"run": secret}, {"run": f"{secret}/{ADA}"}, {"runs": f"{secret},{public}", "run": public}]
    addresses += [{"runs": secret}, {"search": SECRET}, {"private": "true"}, {"private-of": ADA}, {"storage": "true"}]
    for address in addresses:
        app = visit_as(BEN, page, **address)
        if page == "compute":
            open_recent(app)
        shown = everything(app)
        assert f"the {SECRET}" not in shown, address
        assert ADA in "".join(address.values()) or ADA not in shown, address  # but for what was typed
    assert f"the {SECRET}" in everything(visit_as(ADA, page, run=secret, runs=f"{secret},{public}"))


def test_what_was_asked_lately_is_ones_own_and_the_teams(visit_as, stored_by):
    stored_by(BEN, prompt="A public prompt")
    stored_by(ADA, private=True, prompt=f"Where is the {SECRET}?")
    lately = {name: everything(open_recent(visit_as(name, "compute"))) for name in (ADA, BEN, ROOT)}
    assert all("A public prompt" in shown for shown in lately.values())
    assert [f"the {SECRET}" in lately[name] for name in (ADA, BEN, ROOT)] == [True, False, False]


def test_an_address_of_a_private_run_looks_as_if_there_were_none(visit_as, stored_by):
    secret = stored_by(ADA, private=True)
    seen = [warning.value for warning in visit_as(BEN, "compute", run=secret).warning]
    assert seen and seen == [warning.value for warning in visit_as(BEN, "compute", run="0" * 16).warning]


def test_history_says_who_asked_and_offers_what_one_may(visit_as, stored_by):
    stored_by(ADA, private=True, prompt="mine alone")
    stored_by(BEN, prompt="ben's")
    app = visit_as(ADA, "history")
    table = app.dataframe[0].value
    assert list(table["who"]) == [BEN, ADA] and list(table["private"]) == ["", "private"]
    app = visit_as(ADA, "history", private="true")
    assert list(app.dataframe[0].value["prompt"]) == ["mine alone"]


def test_an_administrator_asks_for_somebodys_private_runs_and_the_log_says_so(visit_as, stored_by, storage):
    stored_by(ADA, private=True, prompt="mine alone")
    stored_by(BEN, prompt="ben's")
    app = visit_as(ROOT, "history")
    assert list(app.dataframe[0].value["prompt"]) == ["ben's"]
    app.selectbox(key="private-of").select(ADA).run()
    assert list(app.dataframe[0].value["prompt"]) == ["mine alone"]
    assert actions(storage)[-1] == ("look-at-private", ROOT)
    assert "private-of" not in {box.key for box in visit_as(BEN, "history").selectbox}


def test_administrators_read_the_latest_lines_and_nobody_else(visit_as, stored_by):
    app = visit_as(ADA, "history", storage="true")
    assert "Audit log" not in everything(app)
    stored_by(ADA)
    app = visit_as(ROOT, "history", storage="true")
    (table,) = [frame.value for frame in app.dataframe if "action" in frame.value]
    assert list(table["who"]) == [ROOT, ADA] and set(table["action"]) == {"sign-in"}
    assert "admin: True" in table["about"][0]


def test_an_interrupted_private_question_is_shown_to_whoever_asked_alone(visit_as, ask, storage, data_folder):
    """As a server that was killed in the middle of it left it."""
    question = replace(ask(prompt=f"Where is the {SECRET}?"), asker=Asker(ADA, private=True))
    storage.pictures.put(question.request.image, question.chosen.data)
    storage.runs.askers.ask(question.id, question.asker, ADA)
    log = JobLog(jobs_file(data_folder))
    log.begin(question.id, ADA, question_to_dict(question))
    log.close()
    for page, address in (("home", {}), ("compute", {}), ("compute", {"run": question.id})):
        assert SECRET not in everything(visit_as(BEN, page, **address))
        assert SECRET in everything(visit_as(ADA, page, **address))


def test_others_do_not_forget_somebodys_interrupted_question(visit_as, ask, data_folder):
    question = replace(ask(), asker=Asker(ADA))
    log = JobLog(jobs_file(data_folder))
    log.begin(question.id, ADA, question_to_dict(question))
    log.close()
    keys = {name: {button.key for button in visit_as(name).button} for name in (ADA, BEN, ROOT)}
    assert [f"forget-{question.id}" in keys[name] for name in (ADA, BEN, ROOT)] == [True, False, True]
    assert all(f"go-on-{question.id}" in found for found in keys.values())


def test_a_private_batch_is_on_nobody_elses_page(visit_as, batch_of, without_model, wait_until, storage):
    batch = batch_of(ADA, private=True)
    assert fed(batch, ADA, wait_until) == ["done", "done"]
    unknown = [each.value for each in visit_as(BEN, "batch", batch="0" * 16).warning]
    for address in ({}, {"batch": batch.id}, {"private-of": ADA}):
        app = visit_as(BEN, "batch", **address)
        assert SECRET not in everything(app) and batch.id not in everything(app)
    assert [each.value for each in visit_as(BEN, "batch", batch=batch.id).warning] == unknown != []
    for name in (ADA, ROOT):
        assert list(visit_as(name, "batch", batch=batch.id).dataframe[0].value["state"]) == ["done", "done"]
    assert batch.id in everything(visit_as(ADA, "batch")) and batch.id not in everything(visit_as(ROOT, "batch"))
    assert [run.private_to for run in storage.runs.recent(9, viewer=ADA)] == [ADA, ADA]
    assert storage.runs.count() == 0 and storage.runs.askers.of(batch.run_ids[0]) == []


def test_the_switch_makes_a_batch_private(visit_as, without_model, wait_until, storage):
    app = visit_as(ADA, "batch")
    app.file_uploader[0].set_value(several(1)).run()
    app.text_area(key=FormKey.PROMPT).set_value(f"Where is the {SECRET}?").run()
    app.toggle(key=FormKey.PRIVATE).set_value(True).run()
    app.button(key="batch-run-all").click().run()
    assert not app.exception
    name = app.query_params["batch"]
    wait_until(lambda: not resources.feeders().get(name).active)
    assert storage.batches.get(name) is None and storage.batches.get(name, ADA).private_to == ADA
    assert storage.runs.count() == 0 and storage.runs.count(viewer=ADA) == 1
    shown = captions(visit_as(ADA, "batch", batch=name))
    assert f"Private: the address of this page shows the batch to {literal(ADA)}" in shown
