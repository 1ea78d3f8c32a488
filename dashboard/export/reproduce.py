"""How a run is computed again elsewhere, and where it is looked at."""

from collections.abc import Sequence

from core.export.reproduce import command, python_lines
from core.inputs.formats import format_of
from core.models.adapters import loadable_name
from core.models.checkpoints import EMBEDDED
from dashboard.loaded_run import LoadedRun

VIDEO = "video.zip"
"""A video's sampled frames in an export; see `core.inputs.videos.clips`."""


def picture_names(run: LoadedRun) -> list[str]:
    """What the run's pictures, or its video's frames, are called in a ZIP: by their kind, never as they came."""
    if run.request.is_video:
        return [VIDEO]
    names = []
    for number, chosen in enumerate(run.all_pictures, 1):
        kind = format_of(chosen.data) or "picture"
        names.append(f"picture{f'-{number}' if run.pictures else ''}.{kind.lower()}")
    return names


def given_names(run: LoadedRun) -> list[str]:
    """The names that the run's pictures came with."""
    return [chosen.name for chosen in run.all_pictures]


def names_elsewhere(run: LoadedRun) -> list[str]:
    """What commands call them that are shown, not zipped: pictures as they came.

    Of a video the file that came does not say which frames of it were sampled; those that were do.
    """
    return [VIDEO] if run.request.is_video else given_names(run)


def command_of(run: LoadedRun, pictures: Sequence[str]) -> str:
    """The command line that computes the run again, with these paths of its pictures."""
    return command(run.result, pictures, _model(run))


def python_of(run: LoadedRun, pictures: Sequence[str]) -> str:
    """The lines of Python that compute the run again, with these paths of its pictures."""
    return python_lines(run.result, pictures, _model(run))


def _model(run: LoadedRun) -> str | None:
    """The model's name as it can be loaded; None for the embedded one."""
    return None if run.record is None or run.record.model_name == EMBEDDED else loadable_name(run.record.model_name)
