"""Text -> LaTeX that prints just that text, whatever is in it."""

import re

from core.schema.visible_text import visible

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"\symbol{34}",
    **{character: f"\\{character}" for character in "{}$&#_%"},
    # What stands for what cannot be seen, and has no place in the fonts of papers.
    "\u27ea": r"\textless{}",
    "\u27eb": r"\textgreater{}",
}
_ACTIVE = re.compile("[" + re.escape("".join(_COMMANDS)) + "]")
_JOINED = re.compile("(?<=[-'!?,])(?=[-'`,])")
"""Between two of these LaTeX would make dashes and quotation marks."""


def escaped(text: str) -> str:
    """The text on one line; no character of it is a command, a comment or a dash of LaTeX's."""
    line = " ".join(visible(text).split())
    return "{}".join(_ACTIVE.sub(lambda found: _COMMANDS[found[0]], piece) for piece in _JOINED.split(line))


def needs_unicode(text: str) -> bool:
    """Whether pdfLaTeX by itself lacks characters of the text: other than Latin ones."""
    return any(ord(character) > 0x17F and character not in "–—‘’“”…" for character in text)
