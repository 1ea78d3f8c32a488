"""Early, middle and late: the mean map of each third of the depth, for every run."""

import streamlit as st

from core.analysis.stages import stage_means
from core.rendering import encoding
from dashboard.language import N_, _
from dashboard.ui import images
from dashboard.ui.compare.chart_files import image_download
from dashboard.ui.compare.image_files import stages_png, stages_zip
from dashboard.ui.compare.map_choice import stage_title
from dashboard.ui.compare.maps import SIDE, outlined_map
from dashboard.ui.compare.measures import Compared, with_layers

_ALT = {
    "early": N_("Mean heat of the early layers of run {run}"),
    "middle": N_("Mean heat of the middle layers of run {run}"),
    "late": N_("Mean heat of the late layers of run {run}"),
}


def stages_panel(runs: list[Compared]) -> None:
    """A row a run."""
    with_depth = with_layers(runs)
    if not with_depth:
        st.info(_("These runs have one map each, not one for each layer, so there are no stages."))
        return
    st.caption(
        _(
            "The mean map of each third of the layers. Layers are brought to the same maximum before the mean, since "
            "raw heat differs by orders of magnitude between depths; each picture is on its own colour scale."
        )
    )
    highest = 320 if len(with_depth) == 1 else 220
    for each in with_depth:
        width = images.picture_width(each.run.chosen.size, highest, SIDE)
        with st.container(border=True, key=f"stages-{each.letter}"):
            st.markdown(f"**{each.letter}**")
            with st.container(horizontal=True):
                for stage, (layers, mean) in stage_means(each.run.result).items():
                    st.image(
                        encoding.encode(outlined_map(each.run, mean, SIDE)),
                        width=width,
                        caption=stage_title(stage, layers, each.run.request.part),
                        alt=_(_ALT[stage], run=each.letter),
                    )
    with st.container(horizontal=True, key="stages-files"):
        image_download(
            _("Strip PNG"), lambda: stages_png(with_depth), "compare_stages.png", _("All of these on one page.")
        )
        image_download(
            _("Stages ZIP"), lambda: stages_zip(with_depth), "compare_stages.zip", _("Each stage as a PNG of its own.")
        )
