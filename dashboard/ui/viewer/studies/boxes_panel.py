"""The boxes that the answer itself names: where they lie, how much heat is in them, and a map of each."""

from collections.abc import Iterable

import streamlit as st

from core import ExplainError
from core.analysis.boxes import Box, Boxes, BoxMeasures, measure, target_of
from core.analysis.boxes.numbers import Span
from dashboard.formatting import literal, short
from dashboard.language import N_, _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.ask import ask_about
from dashboard.session import clicks, state
from dashboard.ui.glossary import see
from dashboard.ui.viewer.maps import found_boxes
from dashboard.ui.viewer.view import View

_UNITS = {
    "seen pixels": N_("pixels of the picture as the model saw it, {width:,} × {height:,}"),
    "thousandths": N_("thousandths of the picture's width and height"),
}
_LONGEST_LABEL = 60


def boxes_panel(run: LoadedRun, view: View) -> None:
    """The table of the boxes with the heat of the map on display, and buttons that ask for maps of one of them."""
    found = found_boxes(run.result)
    for note in found.notes:
        st.caption(literal(sentence(note)))
    if not found.each:
        return
    heat = view.heat(run.result)
    _table(run, view, found.each, [measure(box, heat) for box in found.each])
    if found.convention is not None:
        st.caption(_about(run, found))
    _mapping(run, found.each)


def _about(run: LoadedRun, found: Boxes) -> str:
    width, height = (run.result.seen and run.result.seen.seen) or (0, 0)
    unit = _(_UNITS[found.convention.unit], width=width, height=height)
    said = literal(sentence(found.convention.source))
    if found.convention.order == "y first":
        return _("This model writes boxes in {unit}, downwards first ({source}).", unit=unit, source=said)
    return _("This model writes boxes in {unit} ({source}).", unit=unit, source=said)


def _table(run: LoadedRun, view: View, boxes: tuple[Box, ...], measures: list[BoxMeasures | None]) -> None:
    config = st.column_config
    st.markdown(_("**Heat in the boxes**, of the map on display: {map}", map=literal(view.title(run.result))))
    st.dataframe(
        {
            "number": list(range(1, len(boxes) + 1)),
            "label": [short(box.written.label, _LONGEST_LABEL) for box in boxes],
            "pixels": [_pixels(box) for box in boxes],
            "heat": [None if each is None else 100 * each.share_of_heat for each in measures],
            "lift": [None if each is None else each.lift for each in measures],
            "overlap": [None if each is None else each.overlap for each in measures],
            "notes": [" ".join(map(sentence, box.notes)) for box in boxes],
        },
        key="boxes",
        hide_index=True,
        placeholder="",
        height="content" if len(boxes) < 12 else 420,
        column_config={
            "number": config.NumberColumn("#", width=40, help=_("The number beside it over the picture.")),
            "label": config.TextColumn(_("Label"), help=_("What the answer says that it is.")),
            "pixels": config.TextColumn(
                _("In pixels of the picture"),
                help=_(
                    "Left, top – right, bottom, or where a point is, from the picture's upper left corner. {see}",
                    see=see("box"),
                ),
            ),
            "heat": config.NumberColumn(
                _("Heat in it"),
                format="%.1f %%",
                width="small",
                help=_(
                    "Of all heat of the map, what lies in the box; of a point, in its cell and the eight around it. "
                    "Negative heat counts as none. {see}",
                    see=see("heat"),
                ),
            ),
            "lift": config.NumberColumn(
                _("Lift"),
                format="%.2f",
                width="small",
                help=_("That share over the share of the picture that the box covers. {see}", see=see("lift")),
            ),
            "overlap": config.NumberColumn(
                _("Overlap"),
                format="%.2f",
                width="small",
                help=_(
                    "Of the box and the hottest cells, as many as it is large: intersection over union. {see}",
                    see=see("overlap"),
                ),
            ),
            "notes": config.TextColumn(_("Notes"), width="large"),
        },
        alt=_("Boxes of the answer with the heat in each"),
    )


def _pixels(box: Box) -> str:
    if box.pixels is None:
        return _("no place in the picture")
    if box.written.kind == "point":
        x, y = box.pixels
        return f"{x:.0f}, {y:.0f}"
    left, top, right, bottom = box.pixels
    return f"{left:.0f}, {top:.0f} – {right:.0f}, {bottom:.0f}"


def _mapping(run: LoadedRun, boxes: tuple[Box, ...]) -> None:
    """One box, chosen, and a button for the map of all of it, of its label, and of each of its numbers."""
    chosen = st.selectbox(
        _("Map one of them"),
        range(len(boxes)),
        format_func=lambda at: f"{at + 1} {short(boxes[at].written.label, _LONGEST_LABEL)}".rstrip(),
        key="box-choice",
        width=420,
        help=_(
            "Asks the run's question again and explains what is chosen alone, by the run's own method: the tokens of "
            "all numbers of the box, those of its label, or those of a single number. {see}",
            see=see("target", "box"),
        ),
    )
    box = boxes[chosen]
    with st.container(horizontal=True, gap="small", key="box-maps"):
        asked = [_button(run, label, key, span, kind) for label, key, span, kind in _parts(box)]
    if any(asked):
        st.rerun()  # the new run is shown outside of this fragment


def _parts(box: Box) -> Iterable[tuple[str, str, Span, str]]:
    written = box.written
    yield (
        _("Map this point") if written.kind == "point" else _("Map this object"),
        "box-all",
        written.span,
        "secondary",
    )
    if written.label_span is not None:
        yield _("Its label"), "box-label", written.label_span, "tertiary"
    for name, value, span in zip(box.names, written.values, written.coordinates, strict=True):
        yield f"{name} {value:g}", f"box-{name}", span, "tertiary"


def _button(run: LoadedRun, label: str, key: str, span: Span, kind: str) -> bool:
    return st.button(
        label,
        key=key,
        type=kind,
        icon=":material/my_location:" if kind == "secondary" else None,
        on_click=clicks.whole(_ask),
        args=(run, span),
    )


def _ask(run: LoadedRun, span: Span) -> None:
    try:
        target = target_of(run.result, span)
    except ExplainError as error:
        state.session().refusal = sentence(str(error))
        return
    ask_about(run, target)
