"""A click whose run of the page is cut off, as by the visitor's next event, before it gets to the button."""

import ast
import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

from core import ModelError
from dashboard import resources
from dashboard.auth import permissions
from dashboard.services import submit, waiting
from dashboard.session import address, clicks, keys, state
from dashboard.session.keys import FormKey
from dashboard.ui.form import fields, uploads
from dashboard.ui.history import actions as history_actions
from dashboard.ui.progress import interrupted
from dashboard.ui.progress import sibling_runs as siblings
from dashboard.ui.viewer.studies import study_panels
from tests.clocks import hold
from tests.dashboard.eviction import evict
from tests.dashboard.pages import fill_in, select


@pytest.fixture
def cut_off(monkeypatch):
    """Cuts the next run of a page off where it calls something: `cut_off(module, "name")`."""
    times = []

    def put(module, name):
        original = getattr(module, name)

        def once(*arguments, **options):
            times.append(1)
            if len(times) == 1:
                st.rerun()
            return original(*arguments, **options)

        monkeypatch.setattr(module, name, once)

    yield put
    assert len(times) > 1  # it was cut off, and began anew


def filled_in(visit):
    """The form, ready for Run."""
    app = visit("compute")
    fill_in(app)
    app.selectbox(key=FormKey.SAMPLES).set_value("Quick 4").run()
    return app


def test_run_asks(visit, without_model, cut_off, wait_until):
    app = filled_in(visit)
    cut_off(fields, "prompt_field")
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert len(without_model.asked) == 1
    app.run()
    assert len(without_model.asked) == 1  # a click asks once


def test_run_asks_when_it_is_cut_off_in_the_middle_of_asking(visit, without_model, cut_off, wait_until):
    app = filled_in(visit)
    cut_off(submit, "explain")
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert len(without_model.asked) == 1 and keys.RUN in app.query_params


def test_run_asks_once_when_it_is_cut_off_after_asking(visit, without_model, cut_off, wait_until):
    app = filled_in(visit)
    cut_off(address, "name_runs")
    app.button(key="run-button").click().run()
    assert app.session_state["session"].clicks == {}
    app.button(key="run-button").click().run()  # so that what was cut off is called again
    wait_until(lambda: not resources.jobs().active())
    assert len(without_model.asked) == 1


@pytest.mark.parametrize("key", ["go-on", "go-on-all", "forget"])
def test_interrupted_jobs_go_on_or_are_forgotten(visit, ask, interrupt, storage, cut_off, monkeypatch, key):
    asked = []

    def stop(question):
        asked.append(question.id)
        raise ModelError("enough of this")

    monkeypatch.setattr(submit, "_submit", stop)
    questions = [ask(prompt=prompt, num_samples=30) for prompt in ("Where?", "What?")]
    interrupt(*questions)
    app = visit("home")
    cut_off(interrupted, "_words" if key != "go-on-all" else "interrupted_panel")
    name = key if key == "go-on-all" else f"{key}-{questions[0].id}"
    app.button(key=name).click().run()
    left = [row.job_id for row in storage.jobs.interrupted()]
    if key == "forget":
        assert left == [questions[1].id] and not asked
    else:
        assert sorted(asked) == sorted(each.id for each in questions[: 2 if key == "go-on-all" else 1])


def test_a_study_begins(visit, stored, cut_off, monkeypatch):
    begun = []
    monkeypatch.setattr(submit, "begin_study", lambda run, study: begun.append(study))
    app = visit("compute", run=stored(), tab="Trust")
    cut_off(study_panels, "find_study")
    app.button(key="begin-trust").click().run()
    assert begun == ["trust"]


def test_an_evicted_run_is_computed_again(visit, stored, storage, without_model, cut_off, wait_until):
    name = stored()
    evict(storage)
    app = select(visit("history"), 0)
    cut_off(history_actions, "_again_button")
    app.button(key="again-runs").click().run()
    assert app.query_params[keys.RUN] == name
    wait_until(lambda: not resources.jobs().active())
    assert len(without_model.asked) == 1


def test_another_picture_of_several_comes_on_display(visit, stored, cut_off):
    names = stored(), stored(prompt="another")
    app = visit("compute", run=names[0], runs=",".join(names))
    cut_off(siblings, "_look")
    app.button(key=f"show-{names[1]}").click().run()
    assert app.query_params[keys.RUN] == names[1]


def test_the_sample_scenes_open(visit, cut_off):
    app = visit("compute")
    cut_off(uploads, "paste_field")
    app.button(key="open-gallery").click().run()
    assert app.button(key="dialog-use-0")


def test_a_click_is_noted_without_a_look_into_the_session(monkeypatch):
    """Streamlit ends a callback that looks there where another event waits already."""
    here = state.Session()
    monkeypatch.setattr(state, "session", lambda: here)
    note = clicks.noting("a")
    with monkeypatch.context() as patch:
        patch.setattr(state, "session", lambda: pytest.fail("it looked"))
        note()
    assert clicks.take("a")


def test_a_click_of_long_ago_is_not_meant_any_more(monkeypatch):
    here = state.Session()
    monkeypatch.setattr(state, "session", lambda: here)
    clock = hold(monkeypatch, clicks)
    note = clicks.noting("a")
    note()
    assert clicks.take("a") and not clicks.take("a")
    note()
    clock.forward(clicks.PATIENCE)
    assert not clicks.take("a")


@pytest.fixture
def another_event(monkeypatch):
    """Lets the visitor's next event wait from where a page calls something on: `another_event(module, "name")`."""
    waited = []

    def put(module, name):
        original = getattr(module, name)

        def once(*arguments, **options):
            context = get_script_run_ctx()
            if context is not None and not waited:
                runner = context.session_state._yield_callback.__self__
                waited.append(
                    runner.request_rerun(RerunData(context.query_string, page_script_hash=context.page_script_hash))
                )
                runner._maybe_handle_execution_control_request()
            return original(*arguments, **options)

        monkeypatch.setattr(module, name, once)

    yield put
    assert waited == [True]


def test_a_callback_does_the_whole_of_its_work_whatever_waits(visit, stored, storage, another_event):
    stored()
    app = visit("history")
    select(app, 0)
    another_event(permissions, "write")
    app.button(key="pin-runs").click().run()
    assert [run.pinned for run in storage.runs.recent(5)] == [True]


def test_a_job_that_others_wait_for_is_left_whatever_waits(visit, held, ask, another_event):
    job = resources.jobs().submit(ask(), "somebody else")
    app = visit("compute", run=job.id)
    another_event(waiting, "cancel")
    app.button(key=f"cancel-{job.id}").click().run()
    assert resources.jobs().get(job.id).waiters == 1
    assert app.session_state["session"].notice or any("You no longer wait" in each.value for each in app.info)


def test_events_are_heard_again_after_a_callback_that_failed(visit, stored, another_event, monkeypatch):
    def fail(*given):
        raise ZeroDivisionError

    stored()
    app = visit("history")
    select(app, 0)
    with monkeypatch.context() as broken:
        broken.setattr(permissions, "write", fail)
        app.button(key="pin-runs").click().run()
        assert app.exception
    another_event(history_actions, "action_bar")
    app.run()
    assert not app.exception


UI = Path(clicks.__file__).parents[1]
HANDED_ON = {"noting", "whole"}
"""Functions of `clicks` whose callbacks cannot be cut off."""


def callbacks() -> list[tuple[str, ast.expr]]:
    """(module, what is given) of every callback in the pages."""
    found = []
    for path in sorted(UI.rglob("*.py")):
        module = ".".join(("dashboard", *path.relative_to(UI).with_suffix("").parts))
        for call in [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]:
            for keyword in call.keywords:
                if re.fullmatch(r"on_(click|change|select|\w+_change)", keyword.arg or ""):
                    found.append((module, keyword.value))
    return found


def names_in(given: ast.expr) -> list[str]:
    """The functions that a callback may be, as it is written."""
    match given:
        case ast.Constant():
            return []
        case ast.Call(func=ast.Attribute(attr=name)) if name in HANDED_ON:
            return []
        case ast.Call(func=ast.Name(id="partial"), args=[function, *_]):
            return names_in(function)
        case ast.IfExp(body=one, orelse=other):
            return names_in(one) + names_in(other)
        case ast.BoolOp(values=several):
            return [name for each in several for name in names_in(each)]
    return [ast.unparse(given)]


PASSED_ON = {
    ("dashboard.auth.sign_in", "st.logout"),  # Streamlit's own, which leaves the page
    ("dashboard.ui.images", "on_change"),  # whatever its callers give, which is looked at there
    ("dashboard.ui.drawing.panes", "on_show"),
    ("dashboard.ui.viewer.studies.interventions.region_canvas", "on_chosen"),
    ("dashboard.resources", "observe"),  # no page's
    ("dashboard.session.clicks", "noting(key)"),
}


def test_every_callback_is_whole():
    given = [(module, name) for module, value in callbacks() for name in names_in(value)]
    assert len(given) > 30, "The callbacks of the pages were not found."
    cut = []
    for module, name in given:
        if (module, name) in PASSED_ON:
            continue
        source = (UI.parent / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
        if moved := re.search(rf"^from (dashboard\S*) import .*\b{name}\b", source, re.MULTILINE):
            source = (UI.parent / Path(*moved[1].split("."))).with_suffix(".py").read_text("utf-8")
        if not re.search(rf"^@clicks\.whole\ndef {re.escape(name)}\(", source, re.MULTILINE):
            cut.append(f"{name} in {module}")
    assert cut == [], "Put `@clicks.whole` before them: another event would cut them off in their middle."
