"""Showing HTML where a notebook can, and a line of text where there is none."""

import sys

NO_NOTEBOOK = 'There is no notebook here to show it in: .overlay().save("map.png") or .save("folder") write pictures.'


def show_html(html: str, line: str) -> None:
    """Shows HTML below a notebook's cell; elsewhere prints the line, and how pictures are written."""
    if in_notebook():
        from IPython.display import HTML, display  # there where there is a notebook

        display(HTML(html))
    else:
        print(line)
        print(NO_NOTEBOOK)


def in_notebook() -> bool:
    """Whether this runs in a kernel of IPython, which pages are connected with; its terminal shows no pictures."""
    python = sys.modules.get("IPython")
    shell = python.get_ipython() if python is not None else None
    return getattr(shell, "kernel", None) is not None
