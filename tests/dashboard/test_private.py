"""Whose run is whose on the pages: private runs are there for nobody else, and only owners delete."""

import json
from dataclasses import replace

import pytest
import streamlit as st

from cache import Asker, Change, Filter, JobLog, JobRow, Order
from cache.batches import Batch, Row
from core.schema import gather
from dashboard import people, resources, services
from dashboard.asking_again import asking_of
from dashboard.audit import Audit
from dashboard.batch_feeder import Feeders, stored_states
from dashboard.listing import literal
from dashboard.ownership import delete, empty_trash, may_change, restore, set_private
from dashboard.people import Person
from dashboard.state import Field
from dashboard.storage import audit_folder, jobs_file
from dashboard.studies import whole_run
from dashboard.work import compute, keep
from tests.dashboard.conftest import FakeExplainer
from tests.dashboard.uploading import captions, several
from tests.waiting import PATIENCE

ADA, BEN, ROOT = "ada@example.org", "ben@example.org", "root@example.org"
SECRET = "xylophone"
"""A word that stands in the private run alone."""


@pytest.fixture(autouse=True)
def administrators(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_ADMINS", ROOT)
    st.cache_resource.clear()


@pytest.fixture
def stored_by(ask, explain, storage):
    """Puts a run into the history of whoever asked: `stored_by(ADA, private=True, prompt="...")`."""

    def put(name: str, private: bool = False, **changes) -> str:
        question = replace(ask(**changes), asker=Asker(name, private))
        result = gather([explain(request) for request in whole_run(question.request)])
        outcome = keep(question, result, storage, seconds=2.0)
        assert outcome.kept
        return outcome.id

    return put


@pytest.fixture
def as_person(monkeypatch):
    """Makes the test's own thread somebody's page."""

    def become(name: str, *, is_admin: bool = False, signed_in: bool = True) -> None:
        monkeypatch.setattr(people, "person", lambda: Person(name, is_admin, signed_in))

    return become


def everything(app) -> str:
    """Every text, value and table that a page has sent."""
    return "\n".join(repr(element.proto) for element in app._tree if hasattr(element, "proto")) + repr(
        [frame.value.to_dict() for frame in app.dataframe]
    )


def actions(storage) -> list[tuple[str, str]]:
    return [(line["action"], line["who"]) for line in reversed(Audit(audit_folder(storage.folder)).latest(99))]


@pytest.mark.parametrize("name", [None, "", "a\nb"])
@pytest.mark.parametrize("page", ["landing", "compute", "history", "compare"])
def test_without_a_name_from_the_proxy_there_is_no_page(visit_as, stored_by, name, page):
    stored_by(ADA, prompt="A public prompt")
    app = visit_as(name, page)
    assert app.header[0].value == "Sign in" and len(app.error) == 1
    assert not app.button and not app.text_input and "public prompt" not in everything(app)


def test_a_wrong_setting_lets_nobody_in(visit_as, option):
    option("server.address", "0.0.0.0")
    app = visit_as(ADA)
    assert "believes every caller" in app.error[0].value.replace("\\", "") and not app.header


@pytest.mark.parametrize("page", ["landing", "compute", "history", "compare"])
def test_somebody_elses_private_run_is_on_no_page(visit_as, stored_by, page):
    public = stored_by(BEN, prompt="A public prompt")
    secret = stored_by(ADA, private=True, prompt=f"Where is the {SECRET}?")
    addresses = [{}, {"run": secret}, {"run": f"{secret}/{ADA}"}, {"runs": f"{secret},{public}", "run": public}]
    addresses += [{"runs": secret}, {"search": SECRET}, {"private": "true"}, {"private-of": ADA}, {"storage": "true"}]
    for address in addresses:
        app = visit_as(BEN, page, **address)
        shown = everything(app)
        assert f"the {SECRET}" not in shown, address
        assert ADA in "".join(address.values()) or ADA not in shown, address  # but for what was typed
    assert f"the {SECRET}" in everything(visit_as(ADA, page, run=secret, runs=f"{secret},{public}"))


def test_an_address_of_a_private_run_looks_as_if_there_were_none(visit_as, stored_by):
    secret = stored_by(ADA, private=True)
    seen = [warning.value for warning in visit_as(BEN, "compute", run=secret).warning]
    assert seen and seen == [warning.value for warning in visit_as(BEN, "compute", run="0" * 16).warning]


def test_what_one_person_has_opened_is_not_kept_for_another(stored_by, as_person):
    """Results are kept in memory once for all; who may see a run is asked each time."""
    run = stored_by(ADA, private=True)
    as_person(ADA)
    assert services.open_run(run).row.private_to == ADA
    as_person(BEN)
    assert services.open_run(run) is None
    as_person(ADA, signed_in=False, is_admin=True)  # her name, typed on a server where nobody signs in
    assert services.open_run(run) is None
    as_person(ROOT, is_admin=True)
    assert services.open_run(run).row.private_to == ADA
    # Elsewhere than on a page, whose thread nobody looks from.
    assert services.open_run(run, BEN) is None and services.open_run(run, "") is None
    assert services.open_run(run, ADA) is not None


def test_a_run_that_becomes_private_is_gone_for_others_at_once(stored_by, as_person, storage):
    run = stored_by(ADA)
    as_person(BEN)
    assert services.open_run(run) is not None
    as_person(ADA)
    set_private([services.find_row(run)], True)
    as_person(BEN)
    assert services.open_run(run) is None
    assert actions(storage) == [("make-private", ADA)]


def test_whoever_asks_the_same_gets_a_line_of_their_own(stored_by, as_person, ask, storage):
    run = stored_by(ADA, private=True, prompt="The same?")
    storage.runs.write([storage.runs.get(run, ADA).line], Change(note="ada's thought", add_tags=("ada's",)))
    as_person(BEN)
    found = services.explain(ask(prompt="The same?"))
    assert (found.row.who, found.row.private_to, found.row.note, found.row.tags) == (BEN, "", "", ())
    as_person(ADA)
    again = services.explain(ask(prompt="The same?"))
    assert (again.row.private_to, again.row.note) == (ADA, "ada's thought")
    assert storage.runs.count(viewer=ADA) == storage.runs.count(viewer=BEN) == 1


def test_asking_privately_makes_a_private_run_and_never_hides_a_public_one(stored_by, as_person, ask, storage):
    as_person(ADA)
    public = stored_by(BEN, prompt="Public?")
    found = services.explain(ask(prompt="Public?"), private=True)
    assert (found.row.run_id, found.row.private_to, found.row.who) == (public, "", BEN)
    # All of its layers came with another run: it is new as a run.
    stored_by(BEN, prompt="Layers?")
    part = services.explain(ask(prompt="Layers?", layers=(0, 1)), private=True)
    assert part.row.private_to == ADA
    assert storage.runs.get(part.id) is None


def test_a_typed_name_asks_for_nothing_privately(as_person, stored_by, ask, storage):
    stored_by(ADA, private=True, prompt="Mine?")
    as_person(ADA, signed_in=False, is_admin=True)
    found = services.explain(ask(prompt="Mine?"), private=True)
    assert (found.row.private_to, found.row.who) == ("", ADA)


class Held:
    """Stands for the queue's work: computes when it is told to."""

    def __init__(self, storage, explainer):
        import threading

        self.go = threading.Event()
        self.storage, self.explainer = storage, explainer

    def __call__(self, question, on_progress):
        assert self.go.wait(PATIENCE)
        get = type("Models", (), {"get": lambda _, card: self.explainer})()
        return compute(question, on_progress, storage=self.storage, models=get)


@pytest.fixture
def held(storage, explain, monkeypatch):
    from dashboard.jobs import Jobs

    work = Held(storage, FakeExplainer(explain))
    jobs = Jobs(work, resources.is_waiting)
    monkeypatch.setattr(resources, "jobs", lambda: jobs)
    yield work
    work.go.set()


def test_a_private_job_is_seen_by_nobody_else_until_they_ask_the_same(held, as_person, ask, storage, wait_until):
    as_person(ADA)
    job = services.explain(ask(prompt="Hush"), private=True)
    assert services.run_job(job.id, wait=True) is not None
    as_person(BEN)
    assert services.run_job(job.id) is services.run_job(job.id, wait=True) is services.watch(job.id) is None
    assert services.open_run(job.id) is None and not services.cancel(job.id)
    assert services.explain(ask(prompt="Hush")).id == job.id  # one computation for both
    assert services.run_job(job.id) is not None
    held.go.set()
    wait_until(lambda: not resources.jobs().view(job.id).is_active)
    assert services.open_run(job.id).row.who == BEN
    as_person(ADA)
    assert services.open_run(job.id).row.private_to == ADA
    assert [len(storage.runs.find(Filter(viewer=name), Order(), 9).runs) for name in (ADA, BEN, "cleo")] == [1, 1, 1]
    assert storage.runs.askers(job.id) == []
    as_person("cleo")
    assert services.open_run(job.id).row.who == BEN


def test_a_study_of_a_private_run_is_seen_by_whoever_sees_the_run(held, stored_by, as_person):
    run = stored_by(ADA, private=True)
    as_person(ROOT, is_admin=True)
    name = services.begin_study(services.open_run(run), "words").id
    as_person(BEN)
    assert services.watch(name) is None and not services.cancel(name)
    as_person(ADA)
    assert services.watch(name) is not None


def test_only_its_owner_and_administrators_stop_a_job(held, as_person, ask, storage, wait_until):
    as_person(ADA)
    job = services.explain(ask(prompt="Long"))
    as_person(BEN)
    assert services.run_job(job.id, wait=True) is not None
    assert not services.cancel(job.id) and not services.cancel(job.id, for_all=True)
    assert resources.jobs().view(job.id).is_active and not resources.jobs().view(job.id).stopping
    as_person(ADA)
    services.run_job(job.id, wait=True)
    assert services.cancel(job.id)
    held.go.set()
    wait_until(lambda: resources.jobs().view(job.id).state == "cancelled")
    held.go.clear()
    job = services.explain(ask(prompt="Long"))
    as_person(ROOT, is_admin=True)
    assert services.cancel(job.id, for_all=True)
    assert actions(storage) == [("cancel", ADA), ("cancel", ROOT)]


def test_where_nobody_signs_in_cancelling_is_as_it_was(held, as_person, ask):
    as_person("", signed_in=False, is_admin=True)
    job = services.explain(ask(prompt="Long"))
    assert not services.may_stop_for_all()
    assert services.cancel(job.id)


def test_only_owners_and_administrators_delete(stored_by, as_person, storage):
    mine, other = (storage.runs.get(stored_by(name, prompt=name)) for name in (ADA, BEN))
    as_person(ADA)
    assert may_change([mine]) and not may_change([mine, other])
    for runs in ([other], [mine, other]):
        with pytest.raises(Exception, match="somebody else's. Only they or an administrator can delete"):
            delete(runs)
    assert storage.runs.trashed() == 0
    assert delete([mine]) == 1
    as_person(BEN)
    assert empty_trash() == []
    assert restore([mine]) == 1  # taking back is everybody's
    as_person(ROOT, is_admin=True)
    delete([mine, other])
    assert len(empty_trash()) == 2
    assert actions(storage) == [
        ("delete", ADA),
        ("restore", BEN),
        ("delete", ROOT),
        ("empty-trash", ROOT),
    ]


def test_each_empties_the_trash_of_what_is_theirs(stored_by, as_person, storage):
    for name in (ADA, BEN):
        as_person(name)
        delete([storage.runs.get(stored_by(name, prompt=name))])
        delete([storage.runs.get(stored_by(name, private=True, prompt=f"{name} alone"), name)])
    assert [run.prompt for run in empty_trash()] == [BEN, f"{BEN} alone"]
    as_person(ROOT, is_admin=True)
    assert [run.prompt for run in empty_trash()] == [ADA]  # private ones are not hers to see, unless she asks
    assert storage.runs.trashed(ADA) == 1


def test_runs_of_nobody_are_the_administrators(stored_by, as_person, storage):
    run = storage.runs.get(stored_by(""))
    as_person(ADA)
    assert not may_change([run])
    as_person(ROOT, is_admin=True)
    assert may_change([run])


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


def test_coming_is_written_down_once_a_page(visit_as, storage):
    app = visit_as(ADA)
    app.run()
    assert actions(storage) == [("sign-in", ADA)]


def test_the_switch_asks_privately_and_stays_on(visit_as, stored_by, storage):
    run = stored_by(BEN, prompt="Where is the red half?")
    app = visit_as(ADA, "compute", run=run)
    assert app.toggle(key="form-private").value is False
    app.toggle(key="form-private").set_value(True).run()
    app.switch_page("screens/history.py").run()
    app.switch_page("screens/compute.py").run()
    assert app.toggle(key="form-private").value is True


def test_the_button_on_a_run_hides_and_shows_it(visit_as, stored_by, storage):
    run = stored_by(ADA)
    app = visit_as(ADA, "compute", run=run)
    app.button(key="privacy-button").click().run()
    assert storage.runs.get(run) is None and storage.runs.get(run, ADA).private_to == ADA
    assert not app.exception
    app.button(key="privacy-button").click().run()
    assert storage.runs.get(run).private_to == ""
    assert "privacy-button" not in {button.key for button in visit_as(BEN, "compute", run=run).button}


def test_an_open_server_is_as_it_was_with_a_name_that_can_be_typed(visit, stored_by, storage):
    stored_by(ADA, private=True, prompt="mine alone")
    run = stored_by("", prompt="ours")
    app = visit("compute", run=run)
    keys = {element.key for element in [*app.toggle, *app.button]}
    assert not keys & {"form-private", "privacy-button", "sign-out"}
    app.text_input(key="typed-name-").set_value(f" {ADA}\n").run()
    assert app.text_input(key=f"typed-name-{ADA}").value == ADA
    app.switch_page("screens/history.py").run()
    assert list(app.dataframe[0].value["prompt"]) == ["ours"]  # a typed name is no proof
    assert actions(storage) == []


def test_the_audit_log_holds_no_text_of_peoples(visit_as, stored_by, storage, as_person):
    as_person(ADA)
    delete([storage.runs.get(stored_by(ADA, prompt=f"Where is the {SECRET}?"))])
    (line,) = Audit(audit_folder(storage.folder)).latest(9)
    assert SECRET not in json.dumps(line)
    assert set(line) == {"time", "action", "who", "runs", "owners"}


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
    storage.runs.ask(question.id, question.asker, ADA)
    log = JobLog(jobs_file(data_folder))
    log.begin(question.id, ADA, asking_of(question))
    log.close()
    for page, address in (("landing", {}), ("compute", {}), ("compute", {"run": question.id})):
        assert SECRET not in everything(visit_as(BEN, page, **address))
        assert SECRET in everything(visit_as(ADA, page, **address))


def test_others_do_not_forget_somebodys_interrupted_question(visit_as, ask, data_folder):
    question = replace(ask(), asker=Asker(ADA))
    log = JobLog(jobs_file(data_folder))
    log.begin(question.id, ADA, asking_of(question))
    log.close()
    keys = {name: {button.key for button in visit_as(name).button} for name in (ADA, BEN, ROOT)}
    assert [f"forget-{question.id}" in keys[name] for name in (ADA, BEN, ROOT)] == [True, False, True]
    assert all(f"go-on-{question.id}" in found for found in keys.values())


def test_what_goes_on_stays_private(ask, as_person, held, storage):
    question = replace(ask(), asker=Asker(ADA, private=True))
    storage.pictures.put(question.request.image, question.chosen.data)
    as_person(ADA)
    row = JobRow(job_id=question.id, state="interrupted", person=ADA, asked=1, changed=1, asking=asking_of(question))
    services.go_on(row)
    assert storage.runs.askers(question.id) == [question.asker]


@pytest.fixture
def batch_of(ask, chosen, storage):
    """A stored batch of two rows: `batch_of(ADA, private=True)`."""

    def put(name: str, private: bool = False) -> Batch:
        storage.pictures.put(chosen.picture.digest, chosen.data)
        prompts = ("What is this?", f"Where is the {SECRET}?")
        rows = tuple(Row(n, "two-halves.png", chosen.picture.digest, prompt) for n, prompt in enumerate(prompts, 1))
        batch = Batch(1.0, ask(num_samples=2).request, rows, name, private)
        storage.batches.put(batch)
        return batch

    return put


def fed(batch, person: str, wait_until) -> list[str]:
    feeder = resources.feeders().start(batch, person)
    wait_until(lambda: not feeder.active)
    assert not feeder.problem
    return [row.state for row in feeder.look()]


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
    assert storage.runs.count() == 0 and storage.runs.askers(batch.run_ids[0]) == []


def test_the_rows_of_a_private_batch_are_its_owners_whoever_goes_on(batch_of, without_model, wait_until, storage):
    batch = batch_of(ADA, private=True)
    assert fed(batch, ROOT, wait_until) == ["done", "done"]
    assert storage.runs.count() == 0 == storage.runs.count(viewer=ROOT) and storage.runs.count(viewer=ADA) == 2
    # The same asked for all to see is another batch, with lines of its own and nothing computed twice.
    public, asked = batch_of(BEN), len(without_model.asked)
    assert {row.state for row in stored_states(public, storage)} == {"missing"}
    assert fed(public, BEN, wait_until) == ["done", "done"]
    assert storage.runs.count() == 2 and len(without_model.asked) == asked


def test_what_is_public_is_not_hidden_by_a_private_batch(batch_of, without_model, wait_until, storage):
    fed(batch_of(BEN), BEN, wait_until)
    batch = batch_of(ADA, private=True)
    assert [row.state for row in stored_states(batch, storage)] == ["done", "done"]
    assert fed(batch, ADA, wait_until) == ["done", "done"]
    assert [run.private_to for run in storage.runs.recent(9, viewer=ADA)] == ["", ""]


def test_a_batch_that_joins_somebodys_private_job_has_a_line_of_its_own(
    held, batch_of, as_person, ask, monkeypatch, wait_until, storage
):
    as_person(ADA)
    services.explain(ask(prompt="What is this?", num_samples=2), private=True)
    batch = batch_of(BEN)
    feeder = Feeders(resources.jobs(), storage, lambda request: ask().card).start(batch, BEN)
    wait_until(lambda: len(resources.jobs().active()) == 2)
    held.go.set()
    wait_until(lambda: not feeder.active)
    assert [run.who for run in storage.runs.recent(9)] == [BEN, BEN] and storage.runs.count(viewer=ADA) == 2
    assert storage.runs.get(batch.run_ids[0], ADA).private_to == ADA


def test_the_switch_makes_a_batch_private(visit_as, without_model, wait_until, storage):
    app = visit_as(ADA, "batch")
    app.file_uploader[0].set_value(several(1)).run()
    app.text_area(key=Field.PROMPT).set_value(f"Where is the {SECRET}?").run()
    app.toggle(key=Field.PRIVATE).set_value(True).run()
    app.button(key="batch-run-all").click().run()
    assert not app.exception
    name = app.query_params["batch"]
    wait_until(lambda: not resources.feeders().get(name).active)
    assert storage.batches.get(name) is None and storage.batches.get(name, ADA).private_to == ADA
    assert storage.runs.count() == 0 and storage.runs.count(viewer=ADA) == 1
    shown = captions(visit_as(ADA, "batch", batch=name))
    assert f"Private: the address of this page shows the batch to {literal(ADA)}" in shown
