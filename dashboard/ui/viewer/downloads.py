"""What can be taken away of a run, and what can be copied to show it or to ask the same."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.export.boxes import boxes_csv
from core.export.npz import to_npz
from core.export.tables import heat_csv
from dashboard.export.bundle import LONGEST
from dashboard.export.reproduce import command_of, names_elsewhere, python_of
from dashboard.formatting import literal, short, visible
from dashboard.language import N_, _
from dashboard.loaded_run import LoadedRun
from dashboard.services.data_sets import data_set_of_run
from dashboard.session.address import address
from dashboard.ui.other_programs import other_programs
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.maps import has_boxes
from dashboard.ui.viewer.paper_panel import paper_panel
from dashboard.ui.viewer.view import View

_BAR, _CAPTION = "colour bar", "caption"
_EXTRAS = {_BAR: N_("colour bar"), _CAPTION: N_("caption")}
_ARCHIVE = N_(
    "Heat and overlay of each map as PNG (longer side up to {longest} pixels), the numbers, the picture, what-ifs and "
    "reliance where they were asked, and the command and Python lines that compute all of it again."
)
_ARCHIVE_OF_ALL = N_(
    "Heat and overlay of each map of all pictures as PNG (longer side up to {longest} pixels), the numbers, the "
    "pictures, what-ifs and reliance where they were asked, and the command and Python lines that compute all of it "
    "again."
)


def extras_field(label: str) -> tuple[bool, bool]:
    """What people want under pictures that they take away: a colour bar, a caption."""
    extras = st.pills(
        label,
        tuple(_EXTRAS),
        format_func=lambda extra: _(_EXTRAS[extra]),
        selection_mode="multi",
        key="png-extras",
        help=_("What the colours stand for; prompt, answer, map and model. The picture's own pixels stay as they are."),
    )
    return _BAR in extras, _CAPTION in extras


def files_panel(run: LoadedRun, view: View) -> None:
    """Files to take away; one is made when its button is pressed."""
    several = bool(run.pictures)
    extras = extras_field(_("Into the PNG, under the picture"))
    with st.container(horizontal=True, vertical_alignment="bottom", key="downloads"):
        _button(
            _("Overlay PNG"),
            "png",
            lambda: exports.overlay_png(run, view, *extras),
            f"{run.key}_{exports.map_name(view)}_overlay.png",
            "image/png",
            ":material/image:",
            _("This map over the picture, at the picture's full resolution."),
        )
        _button(
            _("Heat NPZ"),
            "npz",
            lambda: to_npz(run.result),
            f"{run.id}.npz",
            "application/octet-stream",
            ":material/data_array:",
            _("Raw heat and standard error of all maps of all pictures for numpy, and all about the run as JSON.")
            if several
            else _("Raw heat and standard error of all maps for numpy, and all about the run as JSON."),
        )
        _button(
            _("Heat CSV"),
            "csv",
            lambda: heat_csv(run.result),
            f"{run.key}_heat.csv",
            "text/csv",
            ":material/table:",
            _("Raw heat and standard error of all maps of this picture, a line for each cell.")
            if several
            else _("Raw heat and standard error of all maps, a line for each cell."),
        )
        if has_boxes(run.result):
            _button(
                _("Boxes CSV"),
                "boxes",
                lambda: boxes_csv(run.result),
                f"{run.key}_boxes.csv",
                "text/csv",
                ":material/select_all:",
                _("Each box of the answer in pixels of the picture, and how much heat of each map lies in it."),
            )
        _button(
            _("All layers ZIP"),
            "zip",
            lambda: exports.archive(run, view),
            f"{run.id}.zip",
            "application/zip",
            ":material/folder_zip:",
            _(_ARCHIVE_OF_ALL if several else _ARCHIVE, longest=LONGEST),
        )
        if not run.request.is_video:
            other_programs(partial(data_set_of_run, run), run.id, "download")
    paper_panel(run, view)


def share_panel(run: LoadedRun) -> None:
    """The address of what is looked at, and what asks the same elsewhere, to be copied."""
    # Code blocks have a button to copy, and show people's text as it is.
    st.caption(_("Address: shows this run and this view to whoever opens it"))
    st.code(address(), language=None, wrap_lines=True)
    st.caption(_("Prompt"))
    st.code(run.request.prompt, language=None, wrap_lines=True)
    if visible(run.request.prompt) != run.request.prompt:
        prompt = literal(short(run.request.prompt, 400))
        st.caption(_("With what cannot be seen in it by its number: {prompt}", prompt=prompt))
    if run.request.is_video:
        st.caption(_("Command line, with the path of the sampled frames, which are under Take away"))
    elif run.pictures:
        st.caption(_("Command line, with the pictures' paths in place of their names"))
    else:
        st.caption(_("Command line, with the picture's path in place of its name"))
    st.code(command_of(run, names_elsewhere(run)), language="bash", wrap_lines=True)
    st.caption(_("Python"))
    st.code(python_of(run, names_elsewhere(run)), language="python", wrap_lines=True)


def _button(
    label: str, kind: str, data: Callable[[], bytes | str], name: str, mime: str, icon: str, about: str
) -> None:
    st.download_button(label, data, name, mime, key=f"download-{kind}", on_click="ignore", icon=icon, help=about)
