"""What of an answer's heat lies on the prompt's own words, beside the picture, the answer so far and the template."""

import streamlit as st

from core.export.prompt_words import prompt_words_csv
from core.schema.readings.prompt_heat import FIRST_LAYER, PromptHeat
from dashboard.charts.prompt import SOURCE_TITLES, share_figure, shares_over_depth
from dashboard.jobs.studies.prompt_words import PROMPT_WORDS
from dashboard.language import N_, _, listed
from dashboard.loaded_run import LoadedRun
from dashboard.ui.glossary import see
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.studies.prompt_chips import prompt_chips
from dashboard.ui.viewer.view import View
from dashboard.ui.widgets import file_download

MOST_CHIPS = 400
"""Words that are shown; the table holds all of them."""
_STEPS = (N_("Reading the heat of every token"),)
"""What the study says that it does, as catalogues have to hold it: it is said where nothing is marked."""


def prompt_panel(run: LoadedRun, view: View) -> None:
    """The shares at the layer on display, or the first one: the whole as a bar, the prompt word by word, and depth."""
    heat = study_panels.found(run, PROMPT_WORDS)
    if heat is None:
        return
    layer = _layer(heat, run, view)
    _whole(heat, layer)
    _words(heat, layer)
    st.markdown(_("**Over depth**"))
    st.plotly_chart(
        shares_over_depth(heat, layer),
        key="prompt-depth-chart",
        config={"displaylogo": False},
        alt=_("Shares of picture, prompt, answer so far and template over decoder layers"),
    )
    st.caption(
        _(
            "With depth, heat moves to where the answer is predicted: to the answer so far and to the template's last "
            "token, which by then hold what was taken from picture and prompt."
        )
    )
    file_download(
        _("All shares as CSV"),
        lambda: prompt_words_csv(heat),
        f"{run.key}_prompt-words.csv",
        "prompt-words-csv",
        _("Heat and share of each picture, the prompt, the answer so far, the template and each word, at every layer."),
    )


def _layer(heat: PromptHeat, run: LoadedRun, view: View) -> int:
    """The decoder layer on display; the first where the map is of none, or of the vision tower."""
    shown = view.layer if run.request.part == "decoder" else None
    return shown if shown is not None and shown < heat.total_layers else FIRST_LAYER


def _whole(heat: PromptHeat, layer: int) -> None:
    shares = [
        _("{what} {share:.1f} %", what=_(SOURCE_TITLES[name]), share=100 * share)
        for name, share in heat.shares(layer).items()
    ]
    st.markdown(
        _("**Layer {layer}**: {shares}", layer=layer, shares=listed(shares)),
        help=_(
            "Every token has heat by one formula: the length of the score's gradient there, times how far the token's "
            "activation is from the mean of its kind (visual tokens; words of prompt and answer). To first order that "
            "bounds how much the score would change if this mean took the token's place. At visual tokens it is the "
            "method gradient deviation. All of it together is 100 %. It is gradient x input (Ancona et al. 2018, "
            "arXiv:1711.06104) with a bound in place of the sum, and a mean in place of zero. {see}",
            see=see("share", "score", "visual token"),
        ),
    )
    st.plotly_chart(
        share_figure(heat, layer),
        key="prompt-share-chart",
        config={"displaylogo": False},
        alt=_("The whole of the heat of layer {layer}: {shares}", layer=layer, shares=listed(shares)),
    )


def _words(heat: PromptHeat, layer: int) -> None:
    if heat.turn_heat:
        told = [
            _("turn {number} {share:.1f} %", number=number, share=100 * share)
            for number, share in enumerate(heat.turn_shares(layer), 1)
        ]
        st.caption(_("Of the prompt's share, turns before the question hold: {shares}.", shares=listed(told)))
    st.markdown(_("**The prompt, word by word**"))
    prompt_chips(heat.words[:MOST_CHIPS], heat.word_shares(layer)[:MOST_CHIPS])
    if len(heat.words) > MOST_CHIPS:
        st.caption(_("The first {shown} of {count} words.", shown=MOST_CHIPS, count=len(heat.words)))
    st.caption(
        _(
            "Each word's share of the whole at layer {layer}; the colour is relative to the strongest word. Read words "
            "at layer 0, where tokens have taken up nothing from each other: there the shares agree moderately with "
            "what replacing a word does to the answer, and deeper down hardly or not at all.",
            layer=layer,
        )
    )
