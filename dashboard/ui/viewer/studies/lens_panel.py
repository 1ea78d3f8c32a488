"""The logit lens: what a cell of the picture would say, layer by layer, and where a word appears."""

import re
from functools import partial

import numpy as np
import streamlit as st

from core import LogitLens
from core.export.readings import lens_csv
from core.rendering.encoding import encode
from core.rendering.overlay import overlay
from core.schema.methods import COMBINED
from dashboard.formatting import visible
from dashboard.jobs.studies.readings import LENS, reading_name
from dashboard.language import _
from dashboard.loaded_run import LoadedRun
from dashboard.session import clicks
from dashboard.session.keys import ViewKey
from dashboard.ui import images
from dashboard.ui.glossary import see
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.studies.picture_click import picture_click
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import file_download, number_in_address

_BLANKS = {"\n": "\u23ce", "\t": "\u21e5", " ": "\u2423"}
"""What a token of blanks alone is shown as, as on the answer's chips."""
_MOST_WORD = 60
_ROW_OR_COLUMN = re.compile("[0-9]{1,6}")
"""As an address names it, from 1."""


def lens_panel(run: LoadedRun, view: View) -> None:
    """The tokens of one cell, which is chosen by a click or by its row and column."""
    lens: LogitLens | None = study_panels.found(run, lens_study(run))
    if lens is None:
        return
    st.caption(
        _(
            "What leaves each layer at a place of the picture goes through the model's last norm and its output head, "
            "as if it had left the last layer: the tokens that the model would say there, with their probabilities. "
            "Early layers often say nothing that makes sense; that is how far they are from words. {see}",
            see=see("logit lens", "cell"),
        )
    )
    left, right = st.columns([2, 3], gap="medium")
    with left:
        row, column = _cell(run, view, lens)
    with right:
        _tokens(lens, row, column)
    _where(run, view, lens)
    file_download(
        _("Tokens CSV"),
        lambda: lens_csv(lens),
        f"{run.key}_logit-lens.csv",
        "lens-csv",
        _("The likeliest tokens of every cell at every layer, a line each."),
    )


def lens_study(run: LoadedRun) -> str:
    """The name of the study of the logit lens of the picture on display."""
    return reading_name(LENS, run.request.picture)


def hottest_cell(run: LoadedRun, view: View, grid: tuple[int, int]) -> tuple[int, int]:
    """(row, column) of the hottest cell of the map on display; of the combined map where that has other cells."""
    heat = view.heat(run.result)
    if heat.shape != grid and COMBINED in run.result.companions:
        heat = run.result.combined
    if heat.shape != grid:
        return grid[0] // 2, grid[1] // 2
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    return int(row), int(column)


def _cell(run: LoadedRun, view: View, lens: LogitLens) -> tuple[int, int]:
    (rows, columns), hottest = lens.grid, hottest_cell(run, view, lens.grid)
    for key, at, most in ((ViewKey.LENS_ROW, hottest[0], rows), (ViewKey.LENS_COLUMN, hottest[1], columns)):
        known = st.session_state.get(key)
        if known is not None and not (type(known) is int and 1 <= known <= most):
            del st.session_state[key]
        named = _ROW_OR_COLUMN.fullmatch(st.query_params.get(key, ""))
        if st.session_state.get(key) is None and not (named and 1 <= int(named[0]) <= most):
            st.session_state[key] = at + 1
    place = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        # Without a default of their own, whatever is chosen stands in the address, the first row and column as well.
        row = number_in_address(_("Row"), 1, rows, ViewKey.LENS_ROW, empty=True, width=110) or 1
        column = number_in_address(_("Column"), 1, columns, ViewKey.LENS_COLUMN, empty=True, width=110) or 1
        st.button(
            _("Hottest cell"),
            key="lens-hottest",
            icon=":material/local_fire_department:",
            on_click=clicks.whole(_put),
            args=hottest,
            help=_("The hottest cell of the map on display."),
        )
    at = int(row) - 1, int(column) - 1
    with place:
        picture_click(
            images.preview(run),
            _("The picture, the chosen cell framed"),
            "lens-picture",
            partial(_clicked, lens.grid),
            (at[1] / columns, at[0] / rows, 1 / columns, 1 / rows),
        )
        st.caption(_("Click a place of the picture, or name its row and column."))
    return at


def _clicked(grid: tuple[int, int], x: float, y: float) -> None:
    _put(min(int(y * grid[0]), grid[0] - 1), min(int(x * grid[1]), grid[1] - 1))


def _put(row: int, column: int) -> None:
    st.session_state[ViewKey.LENS_ROW], st.session_state[ViewKey.LENS_COLUMN] = row + 1, column + 1


def _tokens(lens: LogitLens, row: int, column: int) -> None:
    said = lens.at(row, column)
    if not any(said.values()):
        st.info(_("No visual token lies over this cell: the model does not see this place of the picture."))
        return
    ranks = range(lens.ids.shape[-1])
    words = {
        str(rank + 1): [
            f"{each[rank].probability:.3f} {token_words(each[rank].text)}" if rank < len(each) else ""
            for each in said.values()
        ]
        for rank in ranks
    }
    st.dataframe(
        {"layer": list(said), **words},
        key="lens-tokens",
        hide_index=True,
        height="content" if len(said) < 14 else 480,
        column_config={
            "layer": st.column_config.NumberColumn(_("Layer"), width=50),
            **{name: st.column_config.TextColumn(_("Rank {rank}", rank=name), width="small") for name in words},
        },
        alt=_("Likeliest tokens of the chosen cell at each layer, with their probabilities"),
    )


def token_words(text: str) -> str:
    """A token as a table shows it: blanks alone as signs, what cannot be seen by its number."""
    return visible("".join(_BLANKS.get(each, each) for each in text) if not text.strip() else text)


def _where(run: LoadedRun, view: View, lens: LogitLens) -> None:
    word = st.text_input(
        _("Where a word appears"),
        key=ViewKey.LENS_WORD,
        max_chars=_MOST_WORD,
        placeholder=_("such as a word of the answer"),
        help=_(
            "The probability of this token at each cell, where it is among the five likeliest, at the layer on display "
            "or, with none, at the one where it is likeliest. Upper and lower case count as the same. {see}",
            see=see("logit lens"),
        ),
    )
    if not word.strip():
        return
    found = lens.where(word)
    if not found.any():
        st.info(_("This word is among the likeliest tokens of no cell at any layer; it may be several tokens."))
        return
    shown = view.layer in lens.layers and view.part == "decoder"
    number = lens.layers.index(view.layer) if shown else int(found.max((1, 2)).argmax())
    heat, pixels = found[number], images.preview(run)
    st.caption(
        _(
            "At layer {layer}: highest probability {highest:.3f}, among the likeliest tokens of {count} cells.",
            layer=lens.layers[number],
            highest=float(heat.max()),
            count=int((heat > 0).sum()),
        )
    )
    st.image(
        encode(overlay(pixels, heat, view.opacity, view.colormap, smooth=False)),
        width=images.picture_width(run.chosen.size),
        alt=_("Where the word is among the likeliest tokens"),
    )
