"""The row below a map: files to take away, and Share."""

from collections.abc import Callable

import streamlit as st

from core.export.npz import to_npz
from core.export.tables import heat_csv
from dashboard.export.bundle import LONGEST
from dashboard.export.reproduce import command_of, given_names, python_of
from dashboard.loaded_run import LoadedRun
from dashboard.session.address import address
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.view import View

_BAR, _CAPTION = "colour bar", "caption"


def downloads(run: LoadedRun, view: View) -> None:
    """The buttons; a file is made when its button is pressed."""
    of_this, of_all = (" of this picture", " of all pictures") if run.pictures else ("", "")
    with st.container(horizontal=True, vertical_alignment="bottom", key="downloads"):
        extras = st.pills(
            "Below the picture",
            (_BAR, _CAPTION),
            selection_mode="multi",
            key="png-extras",
            help="Drawn into the PNG below the picture, whose own pixels stay as they are: what the colours stand for; "
            "prompt, answer, map and model.",
        )
        _button(
            "Overlay PNG",
            "png",
            lambda: exports.overlay_png(run, view, _BAR in extras, _CAPTION in extras),
            f"{run.key}_{exports.map_name(view)}_overlay.png",
            "image/png",
            ":material/image:",
            "This map over the picture, at the picture's full resolution.",
        )
        _button(
            "Heat NPZ",
            "npz",
            lambda: to_npz(run.result),
            f"{run.id}.npz",
            "application/octet-stream",
            ":material/data_array:",
            f"Raw heat and standard error of all maps{of_all} for numpy, and all about the run as JSON.",
        )
        _button(
            "Heat CSV",
            "csv",
            lambda: heat_csv(run.result),
            f"{run.key}_heat.csv",
            "text/csv",
            ":material/table:",
            f"Raw heat and standard error of all maps{of_this}, a line for each cell.",
        )
        _button(
            "All layers ZIP",
            "zip",
            lambda: exports.archive(run, view),
            f"{run.id}.zip",
            "application/zip",
            ":material/folder_zip:",
            f"Heat and overlay of each map{of_all} as PNG (longer side up to {LONGEST} pixels), the numbers, the "
            f"picture{'s' if run.pictures else ''}, and the command and Python lines that compute all of it again.",
        )
        _share(run)


def _share(run: LoadedRun) -> None:
    paths, names = ("pictures' paths", "their names") if run.pictures else ("picture's path", "its name")
    with st.popover("Share", icon=":material/share:", key="share", width="content"):
        # Code blocks have a button to copy, and show people's text as it is.
        st.caption("Address: shows this run and this view to whoever opens it")
        st.code(address(), language=None, wrap_lines=True)
        st.caption("Prompt")
        st.code(run.request.prompt, language=None, wrap_lines=True)
        st.caption(f"Command line, with the {paths} in place of {names}")
        st.code(command_of(run, given_names(run)), language="bash", wrap_lines=True)
        st.caption("Python")
        st.code(python_of(run, given_names(run)), language="python", wrap_lines=True)


def _button(
    label: str, kind: str, data: Callable[[], bytes | str], name: str, mime: str, icon: str, about: str
) -> None:
    st.download_button(label, data, name, mime, key=f"download-{kind}", on_click="ignore", icon=icon, help=about)
