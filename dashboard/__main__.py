"""Command line of whoever runs the server: `python -m dashboard store` and `python -m dashboard batch`."""

import argparse
import sys
from contextlib import suppress

from core.errors import ExplainError
from core.import_path import forget_working_folder
from dashboard import logs
from dashboard.settings import read_settings


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["store"]:
        from dashboard.cli import store

        return store.main(arguments[1:])
    if arguments[:1] == ["batch"]:
        from dashboard.cli import batch

        return batch.main(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="python -m dashboard",
        description="Looks after the dashboard's data. The dashboard itself: streamlit run dashboard/Home.py",
    )
    parser.add_argument(
        "command",
        choices=["store", "batch"],
        help="what is remembered, or many pictures at once; `store --help` and `batch --help` say more",
    )
    parser.parse_args(arguments)
    return 2


def _configure_logs() -> None:
    with suppress(ExplainError):  # settings that cannot be used: the command itself says so
        settings = read_settings()
        logs.configure(settings.log_format, settings.log_level)


if __name__ == "__main__":
    forget_working_folder()
    _configure_logs()
    sys.exit(main())
