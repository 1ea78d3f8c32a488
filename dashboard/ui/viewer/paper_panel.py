"""Figure for a paper: kind, file and width are chosen, a preview shows it; file, LaTeX and sources are taken away."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from core import ExplainResult, InputError
from core.rendering.paper.sizes import NARROWEST, WIDEST, WIDTHS, Width
from core.schema.words import Word
from dashboard.jobs.studies.registry import explained_words, of_shown
from dashboard.language import N_, _, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import findings
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import file_download

_KINDS = {
    "overlay": N_("This map"),
    "grid": N_("All layers"),
    "depth": N_("Concentration over depth"),
    "words": N_("Words"),
}
_STEPS = N_("All time steps")
_FORMATS = {"pdf": "PDF", "svg": "SVG", "png": "PNG"}
_WIDTHS = {"column": N_("One column"), "page": N_("Both columns"), "own": N_("Other")}
_PREVIEW = 800
"""Longer side, in pixels, of a picture in the preview."""
_PREVIEW_DPI = 110


def paper_panel(run: LoadedRun, view: View) -> None:
    """The section, drawn while it is open."""
    at = st.expander(_("Figure for a paper"), key="paper", icon=":material/article:", on_change="rerun")
    if at.open:
        with at:
            _figure(run, view)


def _figure(run: LoadedRun, view: View) -> None:
    from dashboard.ui.viewer.paper_figure import PaperFigure, kinds_of  # matplotlib, which no other page needs

    words = _words(run)
    titles = _KINDS | ({"grid": _STEPS} if run.request.is_video else {})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = kinds_of(run, words)
        if st.session_state.get("paper-kind", "overlay") not in kinds:  # chosen for another run
            del st.session_state["paper-kind"]
        kind = st.segmented_control(
            _("Figure"),
            kinds,
            format_func=lambda each: _(titles[each]),
            default="overlay",
            required=True,
            key="paper-kind",
        )
        format = st.segmented_control(
            _("File"), tuple(_FORMATS), format_func=_FORMATS.get, default="pdf", required=True, key="paper-format"
        )
        width = _width()
        with_text = st.toggle(_("Prompt and answer below"), value=True, key="paper-text")
    if not words and not run.request.is_video:
        st.caption(_("The tab Words makes the maps for a figure word by word."))
    figure = PaperFigure(run, view, kind, format, width, words, with_text)
    file = (
        f"{run.key}_{kind}.{format}"
        if kind in ("depth", "words")
        else f"{run.key}_{exports.map_name(view)}_{kind}.{format}"
    )
    try:
        preview = replace(figure, format="png", longest=_PREVIEW).file(_PREVIEW_DPI)
        st.image(preview, width="content", alt=_("The figure as it will be printed"))
    except InputError as error:
        st.info(sentence(str(error)))
        return
    file_download(
        _("Figure {format}", format=_FORMATS[format]),
        figure.file,
        file,
        "download-paper",
        _("Text is text in fonts that the file holds; the picture keeps its pixels."),
    )
    st.caption(_("LaTeX, with a caption that says all that decides the numbers"))
    st.code(figure.latex(file), language="latex", wrap_lines=True)
    if sources := figure.bibtex():
        st.caption(_("Sources, as BibTeX"))
        st.code(sources, language="latex", wrap_lines=True)


def _width() -> Width:
    chosen = st.segmented_control(
        _("Width"),
        tuple(_WIDTHS),
        format_func=lambda each: _(_WIDTHS[each]),
        default="column",
        required=True,
        key="paper-width",
        help=_(
            "One column is {column:.0f} mm and both are {page:.0f} mm wide, as conferences and journals have them.",
            **WIDTHS,
        ),
    )
    if chosen != "own":
        return chosen
    return st.number_input(_("Millimetres"), NARROWEST, WIDEST, 140.0, 5.0, key="paper-millimetres")


def _words(run: LoadedRun) -> Mapping[Word, ExplainResult]:
    """The maps of the answer's words, where somebody has asked for them."""
    found = None if run.request.is_video else findings(run, "words")
    return dict(zip(explained_words(run.result), of_shown(run.result, found or []), strict=False))
