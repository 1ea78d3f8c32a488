"""Which part of the picture a what-if is about: drawn, clicked, typed or the hottest cells; the address holds it."""

import streamlit as st

from core import InputError
from core.analysis.location import hottest_cells
from core.schema.methods import COMBINED
from dashboard.formatting import literal
from dashboard.jobs.studies.interventions import what_if_name
from dashboard.language import N_, _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.session import clicks
from dashboard.session.keys import ViewKey
from dashboard.ui.glossary import see
from dashboard.ui.viewer.address_view import view_of
from dashboard.ui.viewer.studies.interventions.region_canvas import chosen, region_canvas
from dashboard.ui.viewer.studies.interventions.selection import Selection
from dashboard.ui.viewer.view import View

_KEEP = "keep"
"""What the address says where a part is kept and all else removed."""
_ACTIONS = {False: N_("Remove it"), True: N_("Keep only it")}


def keeps() -> bool:
    """Whether the part that is chosen is kept, and all else removed."""
    return st.query_params.get(ViewKey.INTERVENTION) == _KEEP


def name_of(run: LoadedRun, selection: Selection, keep: bool) -> str:
    """The name of the study of a part of the picture on display."""
    return what_if_name(selection.region, keep, run.request.picture, selection.cells)


def grid_of(run: LoadedRun) -> tuple[int, int]:
    """Of the decoder's cells, whatever part of the model the map on display is of."""
    return run.result.of(COMBINED).grid


def selection_of(run: LoadedRun) -> Selection | None:
    """What the address names; what is no part of the picture is said and taken out of it."""
    text = st.query_params.get(ViewKey.WHAT_IF)
    if not text:
        return None
    try:
        selection = Selection.from_text(text)
        selection.check(grid_of(run))
    except InputError as error:
        del st.query_params[ViewKey.WHAT_IF]
        st.warning(_("What was chosen in the picture cannot be used. {error}", error=literal(sentence(str(error)))))
        return None
    return selection


def choose(run: LoadedRun, view: View, selection: Selection | None) -> None:
    """Draws what chooses a part of the picture, and what is done with it."""
    grid = grid_of(run)
    region_canvas(run, view, grid, selection, clicks.whole(lambda: _take(chosen(grid))))
    st.caption(_("Drag a box around something, or click cells. {see}", see=see("what-if", "cell")))
    if run.pictures:
        number, count = run.request.picture + 1, len(run.pictures)
        st.caption(_("Picture {number} of {count}; the others stay as they are.", number=number, count=count))
    with st.container(horizontal=True, vertical_alignment="bottom", key="what-if-choice"):
        _choose_action()
        _type(selection)
    with st.container(horizontal=True, key="what-if-buttons"):
        st.button(
            _("Remove the hottest cells"),
            key="what-if-hottest",
            icon=":material/local_fire_department:",
            on_click=clicks.whole(_remove_hottest),
            args=(run,),
            help=_("The fewest cells that hold half of the heat of the map on display. Asks at once."),
        )
        if selection is not None:
            st.button(
                _("Choose nothing"),
                key="what-if-clear",
                icon=":material/delete:",
                on_click=clicks.whole(_take),
                args=(None,),
            )


def _choose_action() -> None:
    # Named after what is chosen: what an earlier what-if did takes its place.
    key = f"what-if-action-{keeps()}"
    st.segmented_control(
        _("What is done with it"),
        tuple(_ACTIONS),
        format_func=lambda keep: _(_ACTIONS[keep]),
        default=keeps(),
        required=True,
        key=key,
        on_change=clicks.whole(lambda: _put_action(st.session_state[key])),
    )


def _type(selection: Selection | None) -> None:
    text = "" if selection is None else selection.to_text()
    # Named after its content: what is drawn takes the place of what was typed.
    key = f"what-if-typed-{text}"
    st.text_input(
        _("Corners or cells"),
        value=text,
        key=key,
        on_change=clicks.whole(lambda: _name_in_address(st.session_state[key].strip())),
        placeholder="0.1,0.2;0.5,0.8",
        width=230,
        help=_(
            "x,y of the corners with ; between them, as shares of the picture from the left and from the top: two "
            "opposite ones of a box, or all of a polygon. Or cells as row:column, counted from 1, such as 3:4-6,9;4:5."
        ),
    )


def _take(selection: Selection | None) -> None:
    _name_in_address("" if selection is None else selection.to_text())


def _name_in_address(text: str) -> None:
    if text:
        st.query_params[ViewKey.WHAT_IF] = text
    else:
        st.query_params.pop(ViewKey.WHAT_IF, None)


def _remove_hottest(run: LoadedRun) -> None:
    view = view_of(run)  # as it is looked at by now
    selection = Selection.of_cells(hottest_cells(view.heat(run.result), grid_of(run)))
    show(selection, keep=False)
    clicks.press(f"begin-{name_of(run, selection, False)}")


def show(selection: Selection, keep: bool) -> None:
    """Puts a part and what is done with it into the address; for callbacks."""
    _take(selection)
    _put_action(keep)


def _put_action(keep: bool) -> None:
    if keep:
        st.query_params[ViewKey.INTERVENTION] = _KEEP
    else:
        st.query_params.pop(ViewKey.INTERVENTION, None)
