"""The verdict on a team's day: every bar that is missed is said, and a day on which nothing was proven misses one."""

from dataclasses import replace

from tests.faults.team.diary import Diary, percentile
from tests.faults.team.verdict import Memory, missed, table
from tests.visitors import Seen

STEADY = Memory((100, 50), (150, 90), (105, 80))


def day(seconds: float = 0.1, **counts: int) -> Diary:
    """A day on which pages took so long."""
    diary = Diary()
    for _ in range(40):
        diary.note("Home", Seen("", seconds))
    diary.counts.update({"answers": 5, "results compared": 3, "worker kills": 2, "worker kills that hit": 1} | counts)
    return diary


def test_a_day_on_which_all_went_well_misses_nothing():
    assert missed(day(), day(0.2), STEADY, (2, 0), []) == []


def test_every_bar_that_is_missed_is_said():
    shown = day()
    shown.note("Home", Seen("history", 0.1, ["Something went wrong inside the program."]))
    shown.note("Home", Seen("compute", 0.1, ["The process that computes ended 4 times while it loaded"], run="ab"))
    assert shown.given_up == {"ab"}  # true, where workers are killed
    cases = {
        "1 times: history: Something went wrong": (day(), shown, STEADY, (2, 0), []),
        "left over: data/half.part": (day(), day(), STEADY, (2, 0), ["data/half.part"]),
        "none of 2 worker kills came while": (day(), day(**{"worker kills that hit": 0}), STEADY, (2, 0), []),
        "none of 0 server kills came while": (day(), day(), STEADY, (2, 1), []),
        "no question was answered": (day(), day(answers=0), STEADY, (0, 0), []),
        "no question was answered and compared": (day(), day(**{"results compared": 0}), STEADY, (0, 0), []),
        "the 95th percentile is 3.00 times": (day(), day(0.3), STEADY, (0, 0), []),
        "the 95th percentile is nan times": (Diary(), day(), STEADY, (0, 0), []),
        "the server has +20.0% of memory": (day(), day(), replace(STEADY, after=(120, 50)), (0, 0), []),
    }
    for sentence, given in cases.items():
        (said,) = missed(*given)
        assert said.startswith(sentence), (sentence, said)


def test_the_table_has_a_line_for_each_action_of_either():
    few, many = day(), day()
    many.note("cancel", Seen("", 2.0))
    lines = table(few, many, (20, 50)).splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["Home", "cancel", "all"]
    assert "20 people" in lines[0] and "50 people" in lines[0]


def test_percentiles_of_few_numbers_are_among_them():
    assert percentile([1.0], 95) == 1.0 and percentile([1.0, 2.0], 50) == 1.5
    assert percentile([], 95) != percentile([], 95)  # no number
