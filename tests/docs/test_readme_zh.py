"""README_zh.md says what README.md says: the same headings, commands, tables, figures, links and pictures."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README_zh.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
SWITCH = re.compile(r"^(?:English \| \[简体中文\]\(README_zh\.md\)|\[English\]\(README\.md\) \| 简体中文)\n", re.M)


def prose(text: str) -> str:
    """Without blocks of code and the line that leads to the other language."""
    return SWITCH.sub("", BLOCK.sub("", text))


def sections(text: str) -> list[str]:
    """What stands before each heading and after it."""
    return re.split(r"^(?=#+ )", prose(text), flags=re.M)[1:]


def rows(text: str) -> list[list[str]]:
    """The cells of all tables, row by row."""
    return [re.split(r"\s*\|\s*", line.strip().strip("|").strip()) for line in text.splitlines() if line[:1] == "|"]


def code(text: str) -> list[tuple[str, str]]:
    """(language, code) of each block, without comments, which are translated."""
    return [(language, re.sub(r"\s*#.*$", "", block, flags=re.M)) for language, block in BLOCK.findall(text)]


def links(text: str) -> list[str]:
    """Where links and pictures lead, in order."""
    return re.findall(r"\]\(([^)]+)\)", text)


PAIRS = list(zip(sections(ENGLISH), sections(CHINESE), strict=False))
of_each_section = pytest.mark.parametrize("english, chinese", PAIRS, ids=[each[0].splitlines()[0] for each in PAIRS])


def test_each_leads_to_the_other():
    assert all(len(SWITCH.findall(text)) == 1 and text.splitlines()[2] for text in (ENGLISH, CHINESE))
    assert "(README_zh.md)" in ENGLISH.splitlines()[2] and "(README.md)" in CHINESE.splitlines()[2]


def test_headings_are_as_many_of_the_same_levels():
    levels = [re.findall(r"^(#+) ", prose(text), re.M) for text in (ENGLISH, CHINESE)]
    assert levels[0] == levels[1] and len(levels[0]) > 4


def test_commands_and_code_are_the_same():
    assert code(ENGLISH) == code(CHINESE) and len(code(ENGLISH)) >= 5


@of_each_section
def test_links_and_pictures_are_the_same(english, chinese):
    assert links(english) == links(chinese)


@of_each_section
def test_lists_are_as_long(english, chinese):
    points = [len(re.findall(r"^(?:- |\d+\. )", text, re.M)) for text in (english, chinese)]
    assert points[0] == points[1]


@of_each_section
def test_tables_have_the_same_shape_and_figures(english, chinese):
    ours, theirs = rows(english), rows(chinese)
    assert [len(row) for row in ours] == [len(row) for row in theirs]
    figures = [[re.findall(r"\d[\d.,]*", cell) for row in table for cell in row] for table in (ours, theirs)]
    assert figures[0] == figures[1]


@of_each_section
def test_no_figure_and_no_code_is_left_out(english, chinese):
    english = english.replace("2 million", "200")  # which Chinese counts in ten thousands
    wanted = [*re.findall(r"(?<![\w.])\d[\d.]*(?=\D)", english), *re.findall(r"`[^`]+`", english)]
    assert [each for each in wanted if each.strip(".") not in chinese] == []


def test_it_is_chinese_throughout():
    """No line of prose was left in English."""
    lines = [line for line in prose(CHINESE).splitlines() if re.search(r"[a-z]{4}", line)]
    assert [line for line in lines if not re.search(r"[\u4e00-\u9fff]", line) and "http" not in line] == []
