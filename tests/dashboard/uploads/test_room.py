"""How much room uploaded files take, and who may have how much of it."""

import pytest

from dashboard.uploads.room import MB, Limits, UploadRefused, UploadRoom

LIMITS = Limits(single=50 * MB, per_visitor=40 * MB, in_all=100 * MB)


def room(held: dict[str, int], let_go=lambda: None) -> UploadRoom:
    return UploadRoom(LIMITS, lambda: held, let_go)


def test_files_on_their_way_and_files_that_are_held_count_together():
    held = {"ada": 10 * MB}
    asked = room(held)
    asked.take("ada", 30 * MB)
    with pytest.raises(UploadRefused, match="You may have 40 MB of uploaded files here at once") as refusal:
        asked.take("ada", 1)
    assert refusal.value.status == 429
    asked.give_back("ada", 30 * MB)
    held["ada"] = 40 * MB  # it has arrived
    with pytest.raises(UploadRefused):
        asked.take("ada", 1)
    held["ada"] = 0
    asked.take("ada", 40 * MB)


def test_nobody_takes_more_than_is_left_for_all_others():
    held = {"ada": 40 * MB, "ben": 30 * MB}
    asked = room(held)
    asked.take("cy", 15 * MB)
    with pytest.raises(UploadRefused, match="Uploads of everybody here may take 100 MB") as refusal:
        asked.take("cy", 1)
    assert refusal.value.status == 429
    asked.take("dee", 7 * MB)  # whoever comes later finds room, too
    asked.take("eve", 4 * MB)


def test_however_many_come_no_more_is_given_than_there_is():
    asked, given = room({}), 0
    for number in range(2_000):
        try:
            asked.take(f"visitor {number % 50}", MB)
            given += MB
        except UploadRefused:
            pass
    assert 90 * MB < given <= LIMITS.in_all


def test_where_there_is_none_what_nobody_needs_is_let_go_of_first():
    held = {"gone": 40 * MB, "closed": 40 * MB}
    asked = room(held, held.clear)
    asked.take("ada", 30 * MB)
    assert held == {}
