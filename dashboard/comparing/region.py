"""A region of interest: drawn on a picture, kept in the address, and its share of the heat over depth.

Its corners are picture coordinates, so that one region holds for every run about a picture, on whatever grid.
"""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core import InputError
from core.areas import Area
from core.render import fit
from dashboard import state, viewing
from dashboard.comparing import maps
from dashboard.comparing.measures import REGION, Compared, line
from dashboard.comparing.numbers import depth_csv
from dashboard.comparing.pair_charts import data_uri
from dashboard.comparing.takeaway import CHART, chart_downloads
from dashboard.depth_charts import depth_figure

_KEY = "region-canvas"
_SIDE = 720
_CORNERS = 40
"""Invisible points in each direction: without any, nothing counts as selected."""


def from_address() -> Area | None:
    """The region that the address names; what is no region is taken out of it."""
    text = st.query_params.get(state.Comparing.REGION)
    if text is None:
        return None
    try:
        return Area.from_text(text)
    except InputError as error:
        del st.query_params[state.Comparing.REGION]
        st.warning(f"The region in the address cannot be used. {error}")
        return None


def region_panel(runs: list[Compared], layer: int | None, area: Area | None) -> None:
    """The picture to draw on, and what the region holds."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="region-controls"):
        canvas = _choose_canvas(runs)
        _type_corners(area)
        before = state.session().regions.get(canvas.run.request.image)
        if area is not None:
            # Of this visit: who comes back to a picture finds the region that was drawn on it.
            state.session().regions[canvas.run.request.image] = area.to_text()
            st.button("Remove the region", key="region-remove", icon=":material/delete:", on_click=_remove)
        elif before is not None:
            st.button(
                "Use the last region again",
                key="region-again",
                icon=":material/history:",
                on_click=_use,
                args=(before,),
                help="The one that was last drawn on this picture since this page was opened.",
            )
    problem = state.session().region_problem
    if problem:
        st.warning(problem)
        state.session().region_problem = None
    drawn_at, chart_at = st.columns([2, 3], gap="medium")
    with drawn_at:
        st.plotly_chart(
            canvas_figure(canvas, area),
            key=_KEY,
            on_select=_drawn,
            selection_mode=("box", "lasso"),
            config={"displaylogo": False, "displayModeBar": True},
            alt="The picture, to draw a region on",
        )
        st.caption(
            "Drag a box around something, or choose the lasso above the picture and draw. The region stands in the "
            "address, holds for every run, and is outlined in the maps above."
        )
        if len({each.run.request.image for each in runs}) > 1:
            st.caption("These runs are about different pictures: the region is the same place in each of them.")
    with chart_at:
        if area is None:
            st.info("Draw a region to see how much of each layer's heat lies in it.")
            return
        _share(runs, layer, area)


def canvas_figure(canvas: Compared, area: Area | None) -> go.Figure:
    """The picture with the region on it, in picture coordinates, ready to be drawn on."""
    pixels = fit(viewing.preview(canvas.run), _SIDE)
    height, width = pixels.shape[:2]
    x, y = (each.ravel() for each in np.meshgrid(*[np.linspace(0, 1, _CORNERS)] * 2))
    figure = go.Figure(go.Scatter(x=x, y=y, mode="markers", marker={"size": 1, "opacity": 0}, hoverinfo="skip"))
    # A selection fades what is not in it: not here, where the points only make it count.
    figure.update_traces(selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}})
    figure.add_layout_image(
        source=data_uri(pixels), xref="x", yref="y", x=0, y=0, sizex=1, sizey=1, sizing="stretch", layer="below"
    )
    if area is not None:
        path = "M" + "L".join(f"{x},{y}" for x, y in area.outline) + "Z"
        for colour, thick in (("rgb(0,0,0)", 4), ("rgb(255,255,255)", 2)):
            figure.add_shape(type="path", path=path, xref="x", yref="y", line={"color": colour, "width": thick})
    figure.update_xaxes(range=[0, 1], constrain="domain", showgrid=False, zeroline=False, title="x, picture widths")
    figure.update_yaxes(
        range=[1, 0],
        constrain="domain",
        showgrid=False,
        zeroline=False,
        scaleanchor="x",
        scaleratio=height / width,
        title="y, picture heights",
    )
    figure.update_layout(
        height=90 + round(min(480, 420 * height / width)),
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        dragmode="select",
        showlegend=False,
    )
    return figure


def _choose_canvas(runs: list[Compared]) -> Compared:
    # A letter for each picture: drawing on one run is drawing on every run about that picture.
    first = {}
    for each in runs:
        first.setdefault(each.run.request.image, each)
    letters = {each.letter: each for each in first.values()}
    if len(letters) == 1:
        return runs[0]
    if st.session_state.get(state.Comparing.CANVAS) not in (None, *letters):
        del st.session_state[state.Comparing.CANVAS]
    return letters[st.selectbox("Draw on the picture of", list(letters), key=state.Comparing.CANVAS, width=190)]


def _type_corners(area: Area | None) -> None:
    text = "" if area is None else area.to_text()
    st.text_input(
        "Corners",
        value=text,
        # Named after its content: what is drawn takes the place of what was typed.
        key=f"region-corners-{text}",
        on_change=_typed,
        args=(f"region-corners-{text}",),
        placeholder="0.1,0.2;0.5,0.8",
        width=260,
        help="x,y of the corners with ; between them, as shares of the picture from the left and from the top: two "
        "opposite ones of a box, or all of a polygon.",
    )


def _typed(key: str) -> None:
    text = st.session_state[key].strip()
    if not text:
        _remove()
        return
    try:
        _use(Area.from_text(text).to_text())
    except InputError as error:
        state.session().region_problem = str(error)


def _share(runs: list[Compared], layer: int | None, area: Area) -> None:
    lines = [line(each, area) for each in runs if each.run.result.layers]
    if lines:
        figure = depth_figure(lines, layer, [REGION], with_errors=True)
        size = float(area.share_of_cells((64, 64)).mean())
        figure.add_hline(y=size, line={"color": "rgba(128,140,150,0.9)", "width": 1.5, "dash": "dash"})
        figure.add_annotation(
            text="if heat were even",
            x=1,
            xref="x domain",
            y=size,
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
            font={"size": 11},
        )
        st.plotly_chart(
            figure,
            key="region-chart",
            on_select=_clicked,
            selection_mode="points",
            config=CHART,
            alt="Share of the heat inside the region over decoder layers",
        )
        chart_downloads(figure, lambda: depth_csv(lines, [REGION]), "region")
    st.dataframe(
        {
            "run": [each.letter for each in runs],
            "shown": [_inside(each, layer, area) for each in runs],
            "best": [_best(each, area) for each in runs],
        },
        hide_index=True,
        height="content",
        key="region-table",
        column_config={
            "run": st.column_config.TextColumn("Run", width=60),
            "shown": st.column_config.NumberColumn(f"Heat inside, {maps.name_of(layer)}", format="percent"),
            "best": st.column_config.TextColumn("Layer with most of its heat inside"),
        },
        alt="Share of the heat inside the region",
    )


def _inside(each: Compared, layer: int | None, area: Area) -> float | None:
    heat = maps.heat_at(each.run, layer)
    return None if heat is None else float(area.share_of_heat(heat))


def _best(each: Compared, area: Area) -> str:
    if not each.run.result.layers:
        return "one map in all"
    shares = line(each, area).values[REGION.name]
    at = int(np.argmax(shares))
    return f"layer {each.run.result.layers[at]}, {shares[at]:.1%}"


def _drawn() -> None:
    told = st.session_state[_KEY]["selection"]
    try:
        if told.get("box"):
            x, y = (sorted(min(max(float(value), 0.0), 1.0) for value in told["box"][0][axis]) for axis in "xy")
            area = Area(((round(x[0], 3), round(y[0], 3)), (round(x[1], 3), round(y[1], 3))))
        elif told.get("lasso"):
            area = Area.drawn(told["lasso"][0]["x"], told["lasso"][0]["y"])
        else:
            return  # the chart drawn anew has no selection
    except (InputError, KeyError, TypeError, ValueError):
        return  # a click, or a stroke without an area
    _use(area.to_text())


def _use(region: str) -> None:
    st.query_params[state.Comparing.REGION] = region


def _clicked() -> None:
    maps.go_to_point(st.session_state["region-chart"])


def _remove() -> None:
    st.query_params.pop(state.Comparing.REGION, None)
