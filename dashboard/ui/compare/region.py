"""A region of interest: drawn on a picture, kept in the address, and its share of the heat over depth.

Its corners are picture coordinates, so that one region holds for every run about a picture, on whatever grid.
"""

import plotly.graph_objects as go
import streamlit as st

from cache import Change, StoreError
from core import InputError
from core.analysis.regions import Region
from dashboard.auth import permissions
from dashboard.formatting import literal
from dashboard.language import _, language, sentence
from dashboard.services import access
from dashboard.session import clicks, keys, state
from dashboard.session.kept import for_an_hour
from dashboard.ui.compare.map_choice import MapChoice
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.region_canvas import canvas_figure
from dashboard.ui.compare.region_share import share_panel
from dashboard.ui.widgets import forget_unless_offered

_KEY = "region-canvas"


def from_address() -> Region | None:
    """The region that the address names; what is no region is taken out of it."""
    text = st.query_params.get(keys.CompareKey.REGION)
    if text is None:
        return None
    try:
        return Region.from_text(text)
    except InputError as error:
        del st.query_params[keys.CompareKey.REGION]
        st.warning(_("The region in the address cannot be used. {error}", error=literal(sentence(str(error)))))
        return None


def region_panel(runs: list[Compared], choice: MapChoice, region: Region | None) -> None:
    """The picture to draw on, and what the region holds."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="region-controls"):
        canvas = _choose_canvas(runs)
        _type_corners(region)
        before = _kept(canvas)
        if region is not None:
            if region.to_text() != before:
                _keep(runs, canvas, region.to_text())
            st.button(_("Remove the region"), key="region-remove", icon=":material/delete:", on_click=_remove)
        elif before:
            st.button(
                _("Use the last region again"),
                key="region-again",
                icon=":material/history:",
                on_click=_use,
                args=(before,),
                help=_("The one that was last drawn on this run, by whomever."),
            )
    problem = state.session().region_problem
    if problem:
        st.warning(literal(sentence(problem)))
        state.session().region_problem = None
    drawn_at, chart_at = st.columns([2, 3], gap="medium")
    with drawn_at:
        st.plotly_chart(
            _canvas(canvas.run.key, "" if region is None else region.to_text(), language(), canvas, region),
            key=_KEY,
            on_select=_drawn,
            selection_mode=("box", "lasso"),
            config={"displaylogo": False, "displayModeBar": True},
            alt=_("The picture, to draw a region on"),
        )
        st.caption(
            _(
                "Drag a box around something, or choose the lasso above the picture and draw. The region stands in the "
                "address, holds for every run, and is outlined in the maps above."
            )
        )
        if len({each.run.request.image for each in runs}) > 1:
            st.caption(_("These runs are about different pictures: the region is the same place in each of them."))
    with chart_at:
        if region is None:
            st.info(_("Draw a region to see how much of each layer's heat lies in it."))
            return
        share_panel(runs, choice, region)


@for_an_hour(32)
def _canvas(run_id: str, corners: str, spoken: str, _canvas: Compared, _region: Region | None) -> go.Figure:
    return canvas_figure(_canvas, _region)


def _choose_canvas(runs: list[Compared]) -> Compared:
    # A letter for each picture: drawing on one run is drawing on every run about that picture.
    first = {}
    for each in runs:
        first.setdefault(each.run.request.image, each)
    letters = {each.letter: each for each in first.values()}
    if len(letters) == 1:
        return runs[0]
    forget_unless_offered(keys.CompareKey.CANVAS, letters)
    return letters[st.selectbox(_("Draw on the picture of"), list(letters), key=keys.CompareKey.CANVAS, width=190)]


def _type_corners(region: Region | None) -> None:
    text = "" if region is None else region.to_text()
    st.text_input(
        _("Corners"),
        value=text,
        # Named after its content: what is drawn takes the place of what was typed.
        key=f"region-corners-{text}",
        on_change=_typed,
        args=(f"region-corners-{text}",),
        placeholder="0.1,0.2;0.5,0.8",
        width=260,
        help=_(
            "x,y of the corners with ; between them, as shares of the picture from the left and from the top: two "
            "opposite ones of a box, or all of a polygon."
        ),
    )


@clicks.whole
def _typed(key: str) -> None:
    text = st.session_state[key].strip()
    if not text:
        _remove()
        return
    try:
        _use(Region.from_text(text).to_text())
    except InputError as error:
        state.session().region_problem = str(error)


@clicks.whole
def _drawn() -> None:
    told = st.session_state[_KEY]["selection"]
    try:
        if told.get("box"):
            x, y = (sorted(min(max(float(value), 0.0), 1.0) for value in told["box"][0][axis]) for axis in "xy")
            region = Region(((round(x[0], 3), round(y[0], 3)), (round(x[1], 3), round(y[1], 3))))
        elif told.get("lasso"):
            region = Region.drawn(told["lasso"][0]["x"], told["lasso"][0]["y"])
        else:
            return  # the chart drawn anew has no selection
    except (InputError, KeyError, TypeError, ValueError):
        return  # a click, or a stroke that encloses nothing
    _use(region.to_text())


def _kept(canvas: Compared) -> str:
    """The region last drawn on a run; "" for none."""
    if canvas.run.request.picture:
        return ""
    try:
        record = access.find_record(canvas.run.id)
    except StoreError:
        return ""
    return "" if record is None else record.region


def _keep(runs: list[Compared], canvas: Compared, corners: str) -> None:
    """Keeps a region with every run on the page about the same picture.

    A record of the history keeps one region: of several pictures in one prompt, that of the first.
    """
    same = [each.run for each in runs if each.run.request.image == canvas.run.request.image]
    records = [run.record for run in same if run.request.picture == 0]
    try:
        permissions.write([record for record in records if record is not None], Change(region=corners))
    except StoreError as error:
        st.warning(_("The region was not kept with the runs. {error}", error=literal(sentence(str(error)))))


@clicks.whole
def _use(corners: str) -> None:
    st.query_params[keys.CompareKey.REGION] = corners


@clicks.whole
def _remove() -> None:
    st.query_params.pop(keys.CompareKey.REGION, None)
