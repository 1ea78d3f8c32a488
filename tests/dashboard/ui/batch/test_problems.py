"""What was wrong with each of many files."""

import pytest

from core import ImageError
from dashboard.language import speaking
from dashboard.ui.batch.problems import MOST, Problems


def said_of(count: int) -> tuple[str, ...]:
    problems = Problems()
    for number in range(count):
        with problems.of(f"*{number}*.png"):
            raise ImageError("It is broken.")
    return problems.said()


def test_each_is_named_and_no_name_is_a_formula():
    assert said_of(2) == ("\\*0\\*.png: It is broken.", "\\*1\\*.png: It is broken.")
    assert said_of(0) == ()


def test_no_more_is_said_than_people_read():
    assert len(said_of(MOST)) == MOST
    assert said_of(MOST + 1)[-1] == "And 1 more file could not be taken."
    assert said_of(MOST + 17)[-1] == "And 17 more files could not be taken."


def test_what_is_nobodys_mistake_goes_on():
    with pytest.raises(ZeroDivisionError), Problems().of("a.png"):
        _ = 1 / 0


def test_in_chinese_names_stay_as_they_are():
    problems = Problems()
    with speaking("zh_Hans"):
        for number in range(MOST + 2):
            with problems.of(f"The prompt {number}.png"):
                raise ImageError("The file is empty. Choose a picture file.")
        said = problems.said()
    assert said[0] == "The prompt 0.png：文件是空的。请选择一个图片文件。"
    assert said[-1] == "另有 2 个文件无法使用。"
