"""A button that opens what other programs read: the same runs as a data set of each."""

from collections.abc import Callable

import streamlit as st

from core.export.others.datasets import PROGRAMS
from dashboard.language import N_, _

_ABOUT = {
    "coco": N_("Object instances: hot regions as run lengths, the model's boxes, and scores. pycocotools reads it."),
    "fiftyone": N_(
        "A heat map, hot regions and the model's boxes as labels of each picture. Its pictures are looked for in the "
        "folder data."
    ),
    "label-studio": N_("Tasks with pre-annotations, and the labelling interface that they belong to."),
}


def other_programs(make: Callable[[str], bytes], name: str, key: str) -> None:
    """The button, and below it one for each program; a ZIP is made when that is pressed.

    Args:
        make: the ZIP for one of `PROGRAMS`.
        name: how the file's name begins: an id.
        key: how the keys of the buttons begin.
    """
    with st.popover(_("Other programs"), icon=":material/output:", key=f"{key}-others"):
        st.caption(
            _(
                "Hot regions are cells with at least half of the map's maximum. All of it is marked as predictions. "
                "`python -m core export` has other thresholds."
            )
        )
        for program, title in PROGRAMS.items():
            st.download_button(
                title,
                lambda program=program: make(program),
                f"{name}_{program}.zip",
                "application/zip",
                key=f"{key}-{program}",
                on_click="ignore",
                icon=":material/folder_zip:",
                help=_(_ABOUT[program]),
            )
