"""The marks of a batch's rows."""

from typing import get_args

from dashboard.batch.feeder import RowStatus
from dashboard.language import speaking
from dashboard.ui.batch.row_states import LEFT_OUT, STORED, TO_COMPUTE, WORDS, marks_column


def test_every_state_has_a_mark_and_what_is_wrong_alone_is_red():
    options = {each["value"]: each["color"] for each in marks_column("State")["type_config"]["options"]}
    assert set(options) == {*WORDS.values(), LEFT_OUT, STORED, TO_COMPUTE}
    red = options[LEFT_OUT]
    assert {state for state, colour in options.items() if colour == red} == {LEFT_OUT, WORDS["failed"]}
    # A comma would make two marks of one.
    assert not any("," in state for state in options)
    assert set(WORDS) == set(get_args(RowStatus))


def test_marks_are_shown_in_the_readers_language_and_stay_what_they_are():
    with speaking("zh_Hans"):
        options = marks_column("状态")["type_config"]["options"]
    assert {each["value"]: each["label"] for each in options}[WORDS["failed"]] == "失败"
    assert {each["value"] for each in options} == {*WORDS.values(), LEFT_OUT, STORED, TO_COMPUTE}
