import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.jobs.scheduling import QueueFull, QueueLimits, Ticket, in_line


def tickets(text):
    """ "a1 b1 a2" -> tickets in that order, each of the person whose letter it begins with; "ab1" has two."""
    return [Ticket(name, tuple(name.rstrip("0123456789"))) for name in text.split()]


def test_one_persons_forty_jobs_do_not_keep_another_ones_single_job_waiting():
    many = " ".join(f"a{number}" for number in range(40))
    # a was served just now.
    assert in_line(tickets(f"{many} b0"), {"a": 7})[:3] == ["b0", "a0", "a1"]
    # Nobody was: who came first is first, but not twice.
    assert in_line(tickets(f"{many} b0"), {})[:3] == ["a0", "b0", "a1"]


def test_people_take_turns_whoever_came_first():
    assert in_line(tickets("a1 a2 a3 b1 b2 c1"), {"a": 2, "b": 1}) == ["c1", "b1", "a1", "b2", "a2", "a3"]


def test_among_ones_own_jobs_the_first_come_is_the_first_served():
    assert in_line(tickets("a3 a1 a2"), {"a": 5}) == ["a3", "a1", "a2"]


def test_a_job_of_two_people_has_the_better_of_their_places():
    assert in_line(tickets("a1 a2 ab3 b4"), {"a": 9, "b": 1}) == ["ab3", "a1", "b4", "a2"]


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30))
def test_every_person_is_served_again_before_anybody_is_served_twice_more(people):
    """Draws the whole line, and lets it run: between two jobs of one person everybody who waits gets one."""
    waiting = [Ticket(str(number), (person,)) for number, person in enumerate(people)]
    served, order = {}, []
    while waiting:
        name = in_line(waiting, served)[0]
        (chosen,) = [ticket for ticket in waiting if ticket.job == name]
        waiting.remove(chosen)
        others = {ticket.people[0] for ticket in waiting} - {chosen.people[0]}
        order.append((chosen.people[0], others))
        served[chosen.people[0]] = len(order)
    assert sorted(person for person, _ in order) == sorted(people)
    for place, (person, others) in enumerate(order):
        until = next((later for later in range(place + 1, len(order)) if order[later][0] == person), None)
        if until is not None:
            assert others <= {name for name, _ in order[place + 1 : until]}


def test_the_limits_say_whose_they_are_and_what_to_do():
    limits = QueueLimits(per_person=2, in_all=3)
    limits.check("b", tickets("a1 a2"))
    with pytest.raises(QueueFull, match="You already have 2 runs.*cancel some"):
        limits.check("a", tickets("a1 a2"))
    with pytest.raises(QueueFull, match="3 runs wait on this server.*Try again"):
        limits.check("c", tickets("a1 a2 b1"))
