"""What Run would do, said before it is pressed."""

import pytest
from streamlit.testing.v1 import AppTest

from core.devices import memory_of
from core.memory.device_rate import DeviceRate
from core.memory.forecast import forecast as counted
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.formatting import duration
from dashboard.jobs.persist import keep
from dashboard.storage.device_rates import DeviceRates
from dashboard.ui.form.forecast import batch_words
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


@pytest.fixture
def rated(card) -> DeviceRates:
    """The device of this test has been measured."""
    rates = resources.storage().rates
    rates.put(card, DeviceRate(operations=1e9, bytes=1e9, starts=1e5))
    return rates


def count(question):
    return counted(question.card, [chosen.size for chosen in question.all_pictures], question.request)


def test_it_admits_that_it_does_not_know_the_time_yet(told, ask):
    words = told(ask())
    assert "Not stored yet: will be computed" in words
    assert "is known once this model has run here" in words


def test_visual_tokens_and_memory_of_a_first_run_are_said_with_what_is_free(told, ask, ask_all, monkeypatch):
    question = ask(num_samples=10)
    expected, (free, total) = count(question), memory_of("cpu")
    words = told(question)
    assert f"{expected.visual} visual tokens." in words
    assert f"up to {expected.peak / 2**30:.1f} GB of memory; " in words
    assert f"of {total / 2**30:.1f} GB are free now" in words and 0 < free < total
    assert f"{3 * expected.visual} visual tokens." in told(ask_all(num_samples=10))
    for there, said in (
        (None, "GB of memory, by how many noise samples go at once."),
        ((expected.peak - 1, 2**40), "by how many noise samples go at once; "),
        ((1, expected.least - 1), "and there are 0.5 in all: lower the resolution under Advanced"),
    ):
        monkeypatch.setattr("dashboard.ui.form.forecast.free_memory", lambda *_, there=there: there)
        assert said in told(question)
    monkeypatch.setattr("dashboard.ui.form.forecast.count", lambda *_: None)
    assert "memory" not in told(question)


def test_the_time_of_a_model_that_never_ran_is_counted(told, ask, rated):
    seconds = rated.seconds(ask().card, count(ask()), 10)
    assert f"Takes up to about {duration(seconds)}, by the model's size" in told(ask())
    other = ask(prompt="and this, which has yet to be asked")
    together = seconds + rated.seconds(other.card, count(other), 10)
    assert f"Takes up to about {duration(together)}, by the model's size" in told(ask(), other)
    # Nothing is counted of methods that run the model as often as they like.
    assert "is known once" in told(ask(method="occlusion", layers=()))


def test_the_time_of_a_model_that_ran_is_that_of_its_runs(told, ask, rated):
    rated.note(ask().card, count(ask()), 5, answer=3.0, samples=10, sampling=30.0)
    assert "Takes about 33 s, judging by earlier runs here." in told(ask())
    assert "Takes about 63 s, judging by earlier runs here." in told(ask(num_samples=20))


def test_without_a_measure_it_takes_the_time_of_earlier_runs_times_the_samples(told, ask, explain, storage):
    earlier = ask(prompt="earlier")
    result = gather([explain(request) for request in whole_run(earlier.request)])
    keep(earlier, result, storage, seconds=20.0, samples=10, peak_bytes=5 << 29)
    assert "Takes about 60 s, judging by earlier runs here." in told(ask(num_samples=30))
    assert "Takes about 2 min, judging" in told(ask(num_samples=30), ask(num_samples=30, prompt="and this"))


def test_of_a_model_that_does_not_tell_earlier_runs_tell_all(told, ask, explain, storage, monkeypatch):
    earlier = ask(prompt="earlier")
    result = gather([explain(request) for request in whole_run(earlier.request)])
    keep(earlier, result, storage, seconds=20.0, samples=10, peak_bytes=5 << 29)
    monkeypatch.setattr("dashboard.ui.form.forecast.count", lambda *_: None)
    assert "Takes about 60 s and up to 2.5 GB of memory, judging by earlier runs here." in told(ask(num_samples=30))


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


def test_a_batch_takes_what_its_largest_picture_takes_so_many_times(ask, rated):
    question = ask()
    words = batch_words(question.card, question.request, question.chosen.size, 7)
    each = count(question)
    assert words.startswith(f"The largest picture takes {each.visual} visual tokens. Takes up to about ")
    assert f"about {duration(7 * rated.seconds(question.card, each, 10))}, by the model's size" in words
    assert f"up to {each.peak / 2**30:.1f} GB of memory" in words
    assert batch_words(question.card, question.request, None, 7).startswith("How long it takes is known once")
    longest = batch_words(question.card, question.request, None, 7, (84, 56, 6))
    both = batch_words(question.card, question.request, question.chosen.size, 7, (84, 56, 6))
    assert longest.startswith(f"The largest video takes {3 * each.visual} visual tokens. Takes up to about ")
    assert both == f"The largest picture takes {each.visual} visual tokens. {longest}"
