"""Runs -> data sets of other programs, as ZIPs. No Streamlit here."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from core import ExplainError, ExplainRequest
from core.export.others.datasets import dataset_files, packed
from core.export.others.entries import Entry, asked_alone, check_pictures
from core.export.others.fiftyone import PICTURES
from core.schema.run_requests import whole_run
from core.schema.visible_text import visible
from dashboard import resources
from dashboard.export.reproduce import given_names, picture_names
from dashboard.jobs.stored_videos import stored_source
from dashboard.language import _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.seen_pictures import with_seen_pictures

LEFT_OUT = "left_out.txt"


def data_set_of_run(run: LoadedRun, program: str) -> bytes:
    """One run about pictures; for FiftyOne, which looks at them, with these.

    Args:
        program: one of `core.export.others.datasets.PROGRAMS`.

    Raises:
        ImageError: the file of a picture is gone.
    """
    is_fiftyone = program == "fiftyone"
    names = picture_names(run) if is_fiftyone else list(map(below, given_names(run)))
    each = zip(run.each_picture(), names, strict=True)
    files = dataset_files(program, [Entry(one.result, name, one.chosen.size) for one, name in each])
    if is_fiftyone:
        pictures = zip(names, run.all_pictures, strict=True)
        files |= {f"{PICTURES}/{name}": chosen.data for name, chosen in pictures}
    return packed(files)


def data_set_of_rows(rows: Iterable[tuple[str, ExplainRequest]], program: str) -> bytes:
    """The rows of a batch that have their runs, without their pictures, which whoever asked has.

    A row that cannot be told is left out, and said in `LEFT_OUT`: a video, or what has been dropped from the store.

    Args:
        rows: (name of the picture, what was asked).
    """
    entries: list[Entry] = []
    left_out: list[str] = []
    for name, request in rows:
        try:
            entries.append(_entry(name, request))
        except ExplainError as error:
            left_out.append(f"{visible(name)}: {sentence(str(error))}")
    files = dataset_files(program, entries) if entries else {}
    return packed(files | ({LEFT_OUT: "\n".join(left_out).encode("utf-8", "replace")} if left_out else {}))


def below(name: str) -> str:
    """A picture's name as a path that leads nowhere but into a folder of pictures."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", "//", "..", ".")]
    return "/".join(parts) if "".join(parts).strip() else "picture"


def _entry(name: str, request: ExplainRequest) -> Entry:
    storage = resources.storage()
    result = storage.results.get_all(whole_run(request), counted=False)
    if result is None:
        raise ExplainError(_("Its heat is no longer stored. Ask again, and it is computed."))
    check_pictures(request)
    chosen = stored_source(name, request.image, request, storage)
    result = with_seen_pictures(result, [chosen])
    size = chosen.size if result.seen is None else result.seen.size
    # With the maps of all layers, thousands of rows would fill the memory.
    return Entry(asked_alone(result), below(name), size)
