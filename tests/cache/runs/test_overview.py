"""What occurs among all runs, what was asked last, and what a noise sample takes."""

import pytest

from cache import Change
from tests.cache.samples import make_run


def test_prompts_and_pictures_come_once_each_and_latest_first(history):
    for number, (prompt, image) in enumerate([("a", "1"), ("b", "2"), ("a", "1"), ("红色?", "1"), ("b", "3")]):
        history.record(make_run(number, prompt=prompt, image=image * 64, created=5.0, picture_name=f"{number}.png"))
    assert history.overview.recent_prompts(10) == ["b", "红色?", "a"]  # equal times: what was recorded later is later
    assert [run.picture_name for run in history.overview.recent_pictures(10)] == ["4.png", "3.png", "1.png"]
    assert history.overview.recent_prompts(1) == ["b"]
    assert [run.picture_name for run in history.overview.recent_pictures(2)] == ["4.png", "3.png"]


def test_an_empty_history_has_no_prompts_pictures_or_pace(history):
    assert (
        history.overview.recent_prompts(5),
        history.overview.recent_pictures(5),
        history.overview.cost("embedded", "combined"),
    ) == ([], [], None)


def test_the_cost_is_the_median_time_and_the_largest_memory_of_what_was_computed(history):
    took = [(2.0, 10), (9.0, 1), (3.0, 10), (0.0, 0)]  # 0.2, 9.0 (the model was loaded) and 0.3 seconds a sample
    for number, (duration, samples) in enumerate(took):
        history.record(
            make_run(number, method="gradcam", duration=duration, computed_samples=samples, peak_bytes=number)
        )
    cost = history.overview.cost("embedded", "gradcam")
    assert (cost.seconds, cost.peak_bytes) == (pytest.approx(0.3), 2)  # the last one computed nothing
    assert history.overview.cost("embedded", "hirescam") is None
    assert history.overview.cost("another", "gradcam") is None


def test_the_cost_follows_the_latest_twenty_runs(history):
    for number in range(40):
        history.record(make_run(number, duration=float(1 + number // 20), computed_samples=1))
    assert history.overview.cost("embedded", make_run().method).seconds == 2.0


def test_choices_are_what_occurs_outside_the_trash(listed):
    listed.write([make_run(number).run_id for number in range(5)], Change(trash=True))
    found = listed.overview.choices()
    assert (found.models, found.methods, found.who) == (("even", "odd"), ("gradcam",), ())
