"""What safety needs of Streamlit's options, wherever the server was started from and whatever lies there."""

import logging
import os
from functools import cache
from pathlib import Path
from typing import Any

from streamlit import config

from core.errors import InputError

logger = logging.getLogger(__name__)

HELD: dict[str, Any] = {
    # What went wrong is in the server's log; pages show sentences.
    "client.showErrorDetails": "none",
    # The tables' own CSV would hand people's prompts to a spreadsheet unescaped, where "=..." is a formula.
    "client.disableDataExport": True,
    "browser.gatherUsageStats": False,
    # A bare string or expression in a page is code, not something to print.
    "runner.magicEnabled": False,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    # Another way in, past the pages.
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    # Modules reloaded under running jobs would leave objects of two versions side by side.
    "server.fileWatcherType": "none",
    "global.developmentMode": False,
}
"""Options that nobody can loosen. The rest, such as address and limits, stands in .streamlit/config.toml, which lies
beside Home.py in an installed copy, too."""

_WHERE = "dashboard/server/options.py"
_ROOT = 0


def hold() -> None:
    """Sets these options now, and again whenever Streamlit reads its files anew, which it does when one changes.

    Raises:
        InputError: nobody has said on which address the server listens, or a file that says something about it is
            not to be trusted. The sentence says what to do.
    """
    for file in _read_files():
        _check_owner(file)
    if not config.is_manually_set("server.address"):
        raise InputError(
            "The server would listen on every network, because its settings in .streamlit/config.toml were not found "
            "beside Home.py. Install the program again, or start it with --server.address=localhost."
        )
    _set()
    _set_again_later()


@cache
def _set_again_later() -> None:
    config.on_config_parsed(_set, force_connect=True)


def _set() -> None:
    for name, value in HELD.items():
        if config.get_option(name) != value:
            logger.info("Streamlit's %s is held at %s.", name, value)
        config.set_option(name, value, _WHERE)


def _read_files() -> list[Path]:
    names = ("config.toml", "secrets.toml")
    return [path for name in names for path in map(Path, config.get_config_files(name)) if path.exists()]


def _trusted() -> set[int]:
    """Who may do anything to this server without that file: root, this user, and whoever installed the program."""
    return {_ROOT, os.geteuid(), Path(__file__).stat().st_uid}


def _check_owner(file: Path) -> None:
    """Lets a file pass that nobody else can have written.

    Raises:
        InputError: somebody can.
    """
    trusted = _trusted()
    for path in (file, file.parent):
        state = path.stat()
        open_to_all = state.st_mode & 0o002 and not (path.is_dir() and state.st_mode & 0o1000)
        if state.st_uid not in trusted or open_to_all:
            raise InputError(
                f"{file} can have been written by somebody else, so what it says about this server is not believed. "
                "Start the server from a folder of your own, or make the file yours alone."
            )
