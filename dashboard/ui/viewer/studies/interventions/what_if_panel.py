"""What if a part of the picture were not there, or were all there is: chosen, asked, and listed with the run."""

import streamlit as st

from core import InputError
from core.interventions.report import WhatIf
from dashboard.formatting import literal, short
from dashboard.language import _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.interventions import what_ifs
from dashboard.session import clicks
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.studies.interventions.selection import Selection
from dashboard.ui.viewer.studies.interventions.what_if_choice import choose, grid_of, keeps, name_of, selection_of, show
from dashboard.ui.viewer.studies.interventions.what_if_result import removed_words, result_panel
from dashboard.ui.viewer.view import View

MOST_LISTED = 12


def what_if_panel(run: LoadedRun, view: View) -> None:
    """A part of the picture is chosen at the left; at the right is what the model says without it, or of it alone."""
    if not run.result.tokens:
        st.info(_("The model said nothing, so that nothing of it can change. Ask something that it answers."))
        return
    selection = selection_of(run)
    left, right = st.columns([2, 3], gap="medium")
    keep = keeps()
    with left:
        choose(run, view, selection)
        _earlier(run, selection, keep)
    with right:
        _answer(run, selection, keep)


def study_of(run: LoadedRun) -> str | None:
    """The name of the study that the address names; None where it names nothing that can be asked."""
    try:
        selection = Selection.from_text(st.query_params.get(ViewKey.WHAT_IF, ""))
        return name_of(run, selection, keeps())
    except InputError:
        return None


def _answer(run: LoadedRun, selection: Selection | None, keep: bool) -> None:
    if selection is None:
        st.info(
            _("Nothing is chosen yet. Draw a box on the picture, or click cells, to see what the model says without.")
        )
        return
    removal = selection.removal(keep, run.request.picture)
    try:
        height, width = run.chosen.preview.shape[:2]
        removal.mask((width, height), grid_of(run))
    except InputError as error:
        st.info(literal(sentence(str(error))))  # the whole picture, or nothing of it
        return
    found = study_panels.found(run, name_of(run, selection, keep))
    if found is not None:
        result_panel(run, removal, grid_of(run), found)


def _earlier(run: LoadedRun, selection: Selection | None, keep: bool) -> None:
    """What was asked of this picture before, newest first; a click opens it again."""
    earlier = [each for each in what_ifs(run) if each.picture == run.request.picture]
    if not earlier:
        return
    st.markdown(_("**Asked before**"))
    with st.container(horizontal=True, gap="small", key="what-if-earlier"):
        for number, each in enumerate(earlier[:MOST_LISTED]):
            _earlier_button(number, each, selection, keep)
    if len(earlier) > MOST_LISTED:
        st.caption(_("The last {shown} of {count}.", shown=MOST_LISTED, count=len(earlier)))


def _earlier_button(number: int, each: WhatIf, selection: Selection | None, keep: bool) -> None:
    its = Selection(each.region, each.cells)
    is_open = selection is not None and selection.to_text() == its.to_text() and each.keep == keep
    st.button(
        _(
            "{what}: {changed} of {count} changed",
            what=removed_words(each),
            changed=each.changed,
            count=len(each.interventions),
        ),
        key=f"what-if-open-{number}",
        type="tertiary",
        disabled=is_open,
        on_click=clicks.whole(show),
        args=(its, each.keep),
        help=literal(short(its.to_text(), 80)),
    )
