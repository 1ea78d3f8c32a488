from types import SimpleNamespace

import pytest

from core import InputError
from dashboard.jobs.studies.asking import UNREADABLE, asked_once, read_report

RUN = SimpleNamespace(answer=SimpleNamespace(text="red"))


def test_what_is_stored_is_not_asked_again():
    def asked(tools):
        raise AssertionError("asked again")

    tools = SimpleNamespace(run=RUN, results=None)
    assert asked_once(lambda run, results: "stored", asked)(tools) == "stored"


def test_what_is_not_is_asked_for_where_the_model_is_and_tells_its_steps():
    told = []

    class Explainer:
        def call(self, function, *arguments, on_step):
            on_step("Asking", 1, 2)
            return function(*arguments)

    tools = SimpleNamespace(run=RUN, results=None, explainer=Explainer, on_progress=told.append)
    assert asked_once(lambda run, results: None, lambda tools: (max, 3, 5))(tools) == 5
    assert [(step.doing, step.done, step.total) for step in told] == [("Asking", 1, 2)]


@pytest.mark.parametrize("error", [*UNREADABLE, InputError])
def test_a_report_of_another_version_is_none(error):
    def refuse(values):
        raise error("of another version")

    assert read_report(RUN, {"answer": "red"}, refuse) is None


def test_a_report_is_about_the_runs_own_answer():
    def of(values):
        return SimpleNamespace(**values)

    assert read_report(RUN, None, of) is None and read_report(RUN, {"answer": "blue"}, of) is None
    assert read_report(RUN, {"answer": "red"}, of).answer == "red"
    assert read_report(RUN, {"said": "red"}, of, "said").said == "red"
