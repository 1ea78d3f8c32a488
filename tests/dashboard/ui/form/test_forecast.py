"""What Run would do, said before it is pressed."""

import pytest
from streamlit.testing.v1 import AppTest

from core.memory.forecast import predicted_peak
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.jobs.persist import keep
from dashboard.ui.form.forecast import cost_words
from tests.waiting import PATIENCE


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(element.value for kind in (app.markdown, app.caption) for element in kind)


@pytest.fixture
def told():
    """What the forecast says about questions."""

    def tell(*questions) -> str:
        return said(AppTest.from_function(_draw, args=(list(questions),), default_timeout=PATIENCE).run())

    return tell


def _draw(questions):
    from dashboard.ui.form.forecast import forecast

    forecast(questions)


def test_it_admits_that_it_does_not_know_the_time_yet(told, ask):
    words = told(ask())
    assert "Not stored yet: will be computed" in words
    assert "is known once this model has run here" in words


def test_the_memory_of_a_first_run_is_predicted(told, ask, monkeypatch):
    question = ask(num_samples=10)
    predicted = predicted_peak(question.card, [question.chosen.picture.size], question.request)
    assert predicted and f"up to {predicted / 2**30:.1f} GB of memory, predicted" in told(question)
    monkeypatch.setattr("dashboard.ui.form.forecast.predicted_peak", lambda *_: None)
    assert "memory" not in told(question)


def test_it_takes_the_time_of_earlier_runs_times_the_samples(told, ask, explain, storage):

    earlier = ask(prompt="earlier")
    result = gather([explain(request) for request in whole_run(earlier.request)])
    keep(earlier, result, storage, seconds=20.0, samples=10, peak_bytes=5 << 29)
    assert "Takes about 60 s and up to 2.5 GB of memory, judging by earlier runs here." in told(ask(num_samples=30))
    assert "Takes about 2 min and up to 2.5 GB of memory, judging" in told(
        ask(num_samples=30), ask(num_samples=30, prompt="and this")
    )


def test_what_is_stored_opens_at_once_and_takes_no_time(told, stored, ask):
    stored()
    words = told(ask())
    assert "Stored already: opens at once" in words and "Takes" not in words and "known once" not in words


def test_of_several_the_stored_ones_are_counted(told, stored, ask):
    stored()
    assert "1 of 2 runs stored: 1 to compute" in told(ask(), ask(prompt="another"))


def test_earlier_runs_in_the_queue_are_mentioned(told, ask, explain, storage, monkeypatch):

    earlier = ask(prompt="earlier")
    result = gather([explain(request) for request in whole_run(earlier.request)])
    keep(earlier, result, storage, seconds=10.0, samples=10)
    monkeypatch.setattr(resources.jobs(), "active", lambda: [object(), object()])
    assert "Takes about 10 s, after 2 earlier runs, judging" in told(ask())


def test_samples_that_are_stored_take_no_time(told, ask, explain, storage):

    ten = ask()
    keep(ten, gather([explain(request) for request in whole_run(ten.request)]), storage, seconds=20.0, samples=10)
    words = told(ask(num_samples=30))
    assert "10 of 30 samples stored, 20 to compute" in words and "Takes about 40 s" in words


def test_the_memory_of_a_first_run_is_predicted_from_every_picture(ask_all, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "dashboard.ui.form.forecast.predicted_peak", lambda card, sizes, request: seen.append(sizes) or 2**30
    )
    words = cost_words("embedded", "gradcam", 4, ask_all())
    assert seen == [[(84, 56)] * 3] and "with this method and 3 pictures" in words and "1.0 GB" in words
