"""The history: what is recorded comes back, keeps what people wrote, and goes by way of the trash."""

from pathlib import Path

from cache import Change
from cache.runs import history as module
from tests.cache.samples import make_request, make_run, total

ROOT = Path(__file__).parents[3]


def test_a_run_comes_back(history):
    run = make_run()
    assert history.get(run.run_id) is None
    history.record(run)
    assert history.get(run.run_id) == run
    assert history.recent(10) == [run]


def test_what_a_picture_is_called_is_told_to_whoever_may_see_a_run_about_it_alone(history):
    assert history.picture_name("ab" * 32) is None
    image = make_run(1).image
    history.record(make_run(1, picture_name="old.png", created=1.0))
    history.record(make_run(2, picture_name="new.png", created=2.0))
    history.record(make_run(3, picture_name="mine.png", created=3.0, who="ada", private_to="ada"))
    history.record(make_run(4, picture_name="two", picture_names=("a.png", "b.png"), created=4.0))
    assert {make_run(number).image for number in (2, 3, 4)} == {image}
    assert (history.picture_name(image), history.picture_name(image, "ben")) == ("new.png", "new.png")
    assert history.picture_name(image, "ada") == "mine.png"
    history.write([make_run(2).run_id], Change(trash=True))
    assert history.picture_name(image, "ben") == "old.png"
    request = make_request(frames=6).to_dict()
    history.record(make_run(5, picture_name="film.mp4", image="cd" * 32, request=request))
    assert history.picture_name("cd" * 32) is None


def test_running_again_keeps_the_time_it_was_created(history):
    history.record(make_run(1))
    history.record(make_run(2))
    history.record(make_run(1, created=5000.0, updated=5000.0, answer="on the right"))
    assert history.get(make_run(1).run_id) == make_run(1, updated=5000.0, answer="on the right")
    assert history.count() == 2
    assert history.count("left") == 1 and history.count("right") == 1


def test_delete(history):
    history.record(make_run())
    assert history.delete(make_run().run_id) is True
    assert history.delete(make_run().run_id) is False
    assert history.recent(10) == [] and history.count("circle") == 0


def test_half_a_surrogate_pair_is_kept_in_the_request(history):
    request = make_request(prompt="\ud83d circle")
    history.record(make_run(0, prompt=request.prompt, request=request.to_dict()))
    (run,) = history.recent(1)
    assert (run.prompt, run.request["prompt"]) == ("? circle", "\ud83d circle")


# What people write


def test_the_trash_hides_gives_back_and_is_emptied(history):
    for number in range(3):
        history.record(make_run(number))
    names = [make_run(number).run_id for number in range(3)]
    assert history.write(names[:2], Change(trash=True)) == 2
    assert (history.count(), history.count("circle"), total(history, trash=True)) == (1, 1, 2)
    assert (
        history.overview.recent_prompts(9) and [run.run_id for run in history.overview.recent_pictures(9)] == names[2:]
    )
    assert history.get(names[0]).deleted is not None
    history.write(names[:1], Change(trash=False))
    assert history.get(names[0]) == make_run(0)
    history.record(make_run(1))  # running again takes it out of the trash
    assert history.get(names[1]) == make_run(1) and history.empty_trash() == []
    history.write(names[1:], Change(trash=True))
    assert {run.run_id for run in history.empty_trash()} == set(names[1:])
    assert history.count() == 1 and history.get(names[2]) is None


# Filters and orders


def test_what_is_taken_out_of_the_trash_while_that_is_emptied_stays(history, monkeypatch):
    """Whoever does so finds the trash between two short transactions."""
    names = [make_run(number).run_id for number in range(50)]
    for number in range(50):
        history.record(make_run(number))
    history.write(names, Change(trash=True))
    write = module.write_in_portions

    def in_between(rows, *arguments, **options):
        history.write(names[-5:], Change(trash=False))
        write(rows, *arguments, **options)

    monkeypatch.setattr(module, "write_in_portions", in_between)
    assert [run.run_id for run in history.empty_trash()] == names[:-5]
    assert {run.run_id for run in history.recent(50)} == set(names[-5:])
