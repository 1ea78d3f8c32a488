"""Early, middle and late: the mean map of each third of the depth, for every run."""

import streamlit as st

from core.analysis.stages import stage_means
from core.rendering import encoding
from core.rendering.overlay import overlay
from dashboard.layer_ranges import span
from dashboard.ui import images
from dashboard.ui.compare.chart_files import file_download
from dashboard.ui.compare.image_files import stages_png, stages_zip
from dashboard.ui.compare.measures import Compared

_SIDE = 480


def stages_panel(runs: list[Compared]) -> None:
    """A row a run."""
    with_depth = [each for each in runs if each.run.result.layers]
    if not with_depth:
        st.info("These runs have one map each, not one for each layer, so there are no stages.")
        return
    st.caption(
        "The mean map of each third of the layers. Layers are brought to the same maximum before the mean, since raw "
        "heat differs by orders of magnitude between depths; each picture is on its own colour scale."
    )
    highest = 320 if len(with_depth) == 1 else 220
    for each in with_depth:
        result, preview = each.run.result, images.small(each.run, _SIDE)
        width = images.picture_width(each.run.chosen.picture.size, highest, _SIDE)
        with st.container(border=True, key=f"stages-{each.letter}"):
            st.markdown(f"**{each.letter}**")
            with st.container(horizontal=True):
                for stage, (layers, mean) in stage_means(result).items():
                    st.image(
                        encoding.encode(overlay(preview, mean)),
                        width=width,
                        caption=f"{stage}: {span(layers, each.run.request.part)}",
                        alt=f"Mean heat of the {stage} layers of run {each.letter}",
                    )
    with st.container(horizontal=True, key="stages-files"):
        file_download("Strip PNG", lambda: stages_png(with_depth), "compare_stages.png", "All of these on one page.")
        file_download(
            "Stages ZIP", lambda: stages_zip(with_depth), "compare_stages.zip", "Each stage as a PNG of its own."
        )
