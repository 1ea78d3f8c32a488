"""What people write about runs, within its limits."""

import pytest

from cache import Change
from core.errors import InputError
from tests.cache.samples import make_run, total


def test_what_people_write_is_kept_when_a_run_is_recorded_again(history):
    history.record(make_run())
    name = make_run().run_id
    change = Change(
        title=" The  odd\none ", note="看起来 odd\n", rating=4, pinned=True, add_tags=("paper", " odd one ")
    )
    assert history.write([name], change) == 1
    history.record(make_run(created=9.0, updated=9.0, answer="on the right", num_samples=30))
    run = history.get(name)
    assert (run.title, run.note, run.rating, run.pinned) == ("The odd one", "看起来 odd", 4, True)
    assert run.tags == ("paper", "odd one")
    assert (run.answer, run.num_samples, run.created) == ("on the right", 30, 1000.0)


def test_what_is_imported_with_notes_has_them(history):
    run = make_run(title="t", note="n", tags=("a", "b"), rating=5, pinned=True, who="anna")
    history.record(run)
    assert history.get(run.run_id) == run
    filters = ({"tag": "a"}, {"tag": "c"}, {"who": "anna"}, {"rating": 5})
    assert [total(history, **one) for one in filters] == [1, 0, 1, 1]


def test_tags_come_and_go(history):
    for number in range(3):
        history.record(make_run(number))
    names = [make_run(number).run_id for number in range(3)]
    assert history.write([*names, "unknown"], Change(add_tags=("a", "b", " a ", ""))) == 3
    history.write(names[:1], Change(remove_tags=("a",), add_tags=("c",)))
    assert history.get(names[0]).tags == ("b", "c")
    assert [total(history, tag=tag) for tag in ("a", "b", "c", "A")] == [2, 3, 1, 0]
    assert history.overview.choices().tags == ("a", "b", "c")
    history.delete(names[0])
    assert history.overview.choices().tags == ("a", "b")


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": 6},
        {"rating": -1},
        {"title": "x" * 201},
        {"note": "x" * 10_001},
        {"add_tags": ("x" * 41,)},
    ],
)
def test_what_is_too_long_or_no_rating_is_one_sentence(wrong):
    with pytest.raises(InputError, match=r"^[^\n]+\.$"):
        Change(**wrong)


def test_too_many_tags_change_nothing(history):
    history.record(make_run())
    history.write([make_run().run_id], Change(add_tags=tuple(map(str, range(29)))))
    with pytest.raises(InputError, match="at most 30 tags"):
        history.write([make_run().run_id], Change(add_tags=("a", "b"), note="no"))
    assert len(history.get(make_run().run_id).tags) == 29 and history.get(make_run().run_id).note == ""
