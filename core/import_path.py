"""Where modules come from: never from a folder in which others may have put some."""

import os
import sys
from pathlib import Path

_ROOT = os.path.realpath(Path(__file__).parents[1])


def forget_working_folder() -> None:
    """Takes the working folder off the import path, unless it is the one that this project lies in.

    Python puts it there for `python -m` and `python -c`, whoever may write to it. Processes that are started from here
    on do without it, too.
    """
    spare_children_working_folder()
    here = os.getcwd()
    if here != _ROOT:
        sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != here]


def spare_children_working_folder() -> None:
    """Sees to it that no Python that is started from here on looks for modules in its working folder."""
    os.environ["PYTHONSAFEPATH"] = "1"


def forget_within(folder: str | Path) -> None:
    """Takes a folder, and everything in it, off this process's import path."""
    away = Path(os.path.realpath(folder))
    sys.path[:] = [entry for entry in sys.path if not Path(os.path.realpath(entry)).is_relative_to(away)]
