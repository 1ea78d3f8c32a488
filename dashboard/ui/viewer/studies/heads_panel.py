"""The attention of single heads: all of them as small maps in one picture, and one of them looked at closely."""

from functools import partial

import streamlit as st

from core import HeadMaps
from core.export.readings import heads_npz
from core.rendering.encoding import encode, png
from core.rendering.head_sheet import HeadSheet, head_sheet
from core.rendering.overlay import overlay
from core.schema.readings.head_maps import HeadOrder
from dashboard.jobs.studies.readings import HEADS, reading_name
from dashboard.language import N_, _, counted
from dashboard.loaded_run import LoadedRun
from dashboard.memo import memoised
from dashboard.session.keys import ViewKey
from dashboard.ui import images
from dashboard.ui.glossary import see
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.studies.picture_click import picture_click
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import file_download, segments_by_title

_ORDERS: dict[HeadOrder, str] = {
    "agreement": N_("agreement with the combined map"),
    "picture": N_("share of attention on the picture"),
    "layer": N_("layer by layer"),
}


def heads_panel(run: LoadedRun, view: View) -> None:
    """Every head's attention to the picture; one is chosen by a click or by its name."""
    maps: HeadMaps | None = study_panels.found(run, heads_study(run))
    if maps is None:
        return
    order = segments_by_title(
        _("Heads in the order of"),
        _ORDERS,
        ViewKey.HEAD_ORDER,
        "agreement",
        _(
            "Agreement: Spearman's rank correlation of a head's map with the combined map. A high one says that the "
            "head looks where the answer comes from, not that the answer comes from the head. {see}",
            see=see("attention head"),
        ),
    )
    sheet = memoised(maps, ("sheet", order, view.colormap), lambda: head_sheet(maps, order, view.colormap))
    names = [_name(*head) for head in sheet.heads]
    if st.session_state.get(ViewKey.HEAD) not in (None, *names):
        del st.session_state[ViewKey.HEAD]
    st.caption(_how_to_read(maps))
    chosen = sheet.heads[names.index(st.session_state.get(ViewKey.HEAD, _in_address(names)))]
    picture_click(
        sheet.pixels,
        _("Maps of all heads, layer and head below each"),
        "heads-sheet",
        partial(_choose, sheet),
        sheet.box(*chosen),
    )
    picked = st.selectbox(
        _("Layer and head"), names, index=names.index(_in_address(names)), key=ViewKey.HEAD, bind="query-params"
    )
    _closely(run, view, maps, sheet.heads[names.index(picked)])
    _files(run, maps, sheet)


def heads_study(run: LoadedRun) -> str:
    """The name of the study of the heads of the picture on display."""
    return reading_name(HEADS, run.request.picture)


def _name(layer: int, head: int) -> str:
    return f"{layer}.{head}"


def _in_address(names: list[str]) -> str:
    named = st.query_params.get(ViewKey.HEAD)
    return named if named in names else names[0]


def _choose(sheet: HeadSheet, x: float, y: float) -> None:
    head = sheet.at(x, y)
    if head is not None:
        st.session_state[ViewKey.HEAD] = _name(*head)


def _how_to_read(maps: HeadMaps) -> str:
    said = _(
        "How much each head looks at the picture while the explained words are predicted; the mean over a layer's "
        "heads is the method Attention. Below each map its layer and head; each on its own colour scale. Click one to "
        "look at it closely."
    )
    if len(maps.layers) == maps.total_layers:
        return said
    left_out = maps.total_layers - len(maps.layers)
    return f"{said} " + counted(
        "{count} layer mixes tokens without attention and has no heads.",
        "{count} layers mix tokens without attention and have no heads.",
        left_out,
    )


def _closely(run: LoadedRun, view: View, maps: HeadMaps, head: tuple[int, int]) -> None:
    at, heat = maps.index(*head), maps.at(*head)
    left, right = st.columns(2, gap="medium")
    with left:
        pixels = images.preview(run)
        drawn = overlay(
            pixels, heat, view.opacity, view.colormap, view.smooth, threshold=view.threshold, even=view.even
        )
        st.image(
            encode(drawn),
            width=images.picture_width(run.chosen.size),
            alt=_("Attention of the chosen head over the picture"),
        )
    with right:
        st.markdown(_("**Layer {layer}, head {head}**", layer=head[0], head=head[1]))
        agreement, rank = float(maps.agreement[at]), maps.ordered().index(head) + 1
        st.metric(
            _("Agreement with the combined map"),
            f"{agreement:.2f}",
            help=_("Spearman's rank correlation over the cells: 1 the same order, 0 none in common. Spearman 1904."),
        )
        st.caption(_("Number {rank} of {count} heads by it.", rank=rank, count=maps.agreement.size))
        st.metric(
            _("Attention on the picture"),
            f"{float(maps.picture_share[at]):.1%}",
            help=_(
                "Share of the head's attention on the picture's tokens, mean over the explained tokens. The text has "
                "the rest."
            ),
        )
        st.metric(
            _("Attention on sinks"),
            f"{float(maps.sink_share[at]):.1%}",
            help=_(
                "Share of the head's attention on the picture's tokens that are sinks at this layer: maximum over root "
                "mean square of 20 or more. Kang et al. 2025, arXiv:2503.03321. {see}",
                see=see("sink"),
            ),
        )


def _files(run: LoadedRun, maps: HeadMaps, sheet: HeadSheet) -> None:
    with st.container(horizontal=True):
        file_download(
            _("Heads PNG"),
            lambda: png(sheet.pixels),
            f"{run.key}_heads.png",
            "heads-png",
            _("All heads as they stand above."),
        )
        file_download(
            _("Heads NPZ"),
            lambda: heads_npz(maps),
            f"{run.key}_heads.npz",
            "heads-npz",
            _("Raw maps of all heads with their shares and agreement for numpy."),
        )
