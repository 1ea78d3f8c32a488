"""Text as LaTeX."""

import re

import pytest

from core.rendering.paper.tex import escaped, needs_unicode

HOSTILE = [
    r"\input{/etc/passwd} $x_1$ 100% #1 & ~ ^^5cinput",
    "% comment\nsecond line }\\end{figure}",
    "--- `` '' ?` !` ,, << >> | \" -'`",
    "\\write18{rm -rf ~}",
    "图片 é \u202e\u200b",
    "\ue000 $$",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_character_commands_anything(text):
    tex = escaped(text)
    assert "\n" not in tex
    # What is left when our own commands are taken away has none of LaTeX's characters.
    commands = r"\\(?:textbackslash|textasciitilde|textasciicircum|textless|textgreater|textbar|textasciigrave)\{\}"
    left = re.sub(rf"{commands}|\\symbol\{{34\}}|\\[{{}}$&#_%]", "", tex).replace("{}", "")
    assert not set(left) & set('\\{}$&#_%~^<>|`"')
    assert not re.search("--|''|,,|[?!]`", left.replace("{}", "\0")) or "{}" in tex


def test_what_it_prints_is_the_text():
    prints = {r"\textbackslash{}": "\\", r"\textasciicircum{}": "^", r"\%": "%", r"\$": "$", r"\_": "_", r"\{": "{"}
    tex = escaped(r"50% of $x_1^2$ \a{")
    assert tex == r"50\% of \$x\_1\textasciicircum{}2\$ \textbackslash{}a\{"
    for command, character in prints.items():
        tex = tex.replace(command, character)
    assert tex == r"50% of $x_1^2$ \a{"


def test_no_dashes_or_quotation_marks_are_made():
    assert escaped("a--b '' ?`") == "a-{}-b '{}' ?{}\\textasciigrave{}"


def test_what_cannot_be_seen_is_named():
    assert escaped("a\u202eb") == r"a\textless{}U+202E\textgreater{}b"


def test_which_text_needs_more_than_pdflatex():
    assert not needs_unicode("Où ça – “x”") and needs_unicode("图片") and needs_unicode("α")
