"""How a video's heat is shared out over time: the map that was asked for, and all layers at once.

Neither depends on the view, so that scrubbing sends nothing to the server; the viewer itself has the line of the map on
display.
"""

import numpy as np
import streamlit as st

from core import ExplainResult
from core.schema.model_parts import PARTS
from dashboard.charts.base import RUN_COLOURS, plain
from dashboard.charts.over_time import TimeLine, rows_over_time_figure, share_figure
from dashboard.jobs.studies.registry import MOST_WORDS, explained_words, of_shown
from dashboard.language import _
from dashboard.loaded_run import LoadedRun
from dashboard.ui.drawing.maps import ShownMap, first_map
from dashboard.ui.drawing.time_shares import time_shares
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.view import View, layer_name


def time_panel(run: LoadedRun) -> None:
    """The charts, and how to read them."""
    first, steps = first_map(run.result), run.result.steps
    shown, view = time_shares(first), View(first.layer, method=first.method, part=run.request.part)
    line = TimeLine(view.title(run.result), RUN_COLOURS[0], steps, shown.shares, shown.errors)
    st.markdown(_("**{map}** over time", map=line.label))
    st.plotly_chart(
        share_figure([line]),
        key="time-chart",
        config={"displaylogo": False},
        alt=_("Share of the heat in each time step of the video"),
    )
    st.caption(
        _(
            "All heat of the map is 1; each point is the part of it that lies in one time step, in any place of the "
            "picture. The band is one standard error over the noise samples."
        )
    )
    frames = -(-len(run.chosen.times) // len(steps))
    if frames > 1:
        st.caption(
            _(
                "The model sees {count} frames at a time, as one time step; maps are drawn over the first of them.",
                count=frames,
            )
        )
    _over_depth(run.result)
    st.caption(
        _(
            "Trust, what-if, heads, logit lens and the heat of the prompt's words are of pictures: to see them for a "
            "moment of the video, take its Frame PNG under Take away and ask about that."
        )
    )


def _over_depth(result: ExplainResult) -> None:
    if len(result.layers) < 2:
        return
    shares = np.stack([time_shares(ShownMap(result.request.method, layer, result)).shares for layer in result.layers])
    st.markdown(_("**Every layer** over time"))
    st.plotly_chart(
        rows_over_time_figure(
            shares,
            [layer_name(layer, result.request.part) for layer in result.layers],
            result.steps,
            _(PARTS[result.request.part].axis),
            every=max(1, -(-len(result.layers) // 12)),
        ),
        key="depth-and-time-chart",
        config={"displaylogo": False},
        alt=_("Share of each layer's heat in each time step of the video"),
    )
    st.caption(_("Each row is one layer, whose shares sum to 1: where its heat lies in time."))


def words_over_time_panel(run: LoadedRun) -> None:
    """When each word of the answer came from: how the heat of its own map is shared out over time."""
    words = explained_words(run.result)
    if not words:
        st.info(_("The answer has no words to map."))
        return
    results = study_panels.found(run, "words")
    if results is None:
        return
    results = of_shown(run.result, results)
    if len(words) > len(results):
        st.caption(_("The first {shown} of {count} words.", shown=MOST_WORDS, count=len(words)))
    shares = np.stack([time_shares(first_map(result)).shares for result in results])
    st.plotly_chart(
        rows_over_time_figure(
            shares[::-1],
            [plain(word.text, 24) for word in words[: len(results)]][::-1],  # the first word above
            run.result.steps,
            _("words of the answer"),
        ),
        key="words-and-time-chart",
        config={"displaylogo": False},
        alt=_("Share of each word's heat in each time step of the video"),
    )
    st.caption(
        _(
            "Each row is the combined map of one word, without noise: in which time steps its heat lies. A word such "
            'as "the" says nothing about the video. A click on a word of the answer asks for its map at every layer.'
        )
    )
