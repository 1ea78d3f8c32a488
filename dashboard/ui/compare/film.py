"""A film through the depth: the heat of every layer is sent once, and the browser draws it.

A component of its own, which gets pictures, numbers and letters, no text of people.
"""

from functools import partial
from pathlib import Path

import streamlit as st

from core.rendering.overlay import DEFAULT_COLORMAP, OPACITY
from dashboard.language import N_, _, language
from dashboard.loaded_run import LoadedRun
from dashboard.session import keys
from dashboard.session.kept import for_an_hour
from dashboard.ui import images
from dashboard.ui.compare.chart_files import image_download
from dashboard.ui.compare.image_files import film_file
from dashboard.ui.compare.layer_cursor import go_to_layer
from dashboard.ui.compare.map_choice import layer_title
from dashboard.ui.compare.measures import Compared, layers_of, with_layers
from dashboard.ui.drawing.maps import maps_of
from dashboard.ui.drawing.packet import bound, pack
from dashboard.ui.drawing.scripts import DRAWING, joined
from dashboard.ui.widgets import segments_by_title

_KEY = "film"
_HERE = Path(__file__)
_FILES = {
    "webp": N_("All layers as one animated picture, in colours as here: browsers and most programs play it."),
    "gif": N_("The same in 256 colours, for slides and documents that play no WebP."),
}
_FILE_TITLES = {"webp": N_("Film WebP"), "gif": N_("Film GIF")}
_SCALES = {"own": N_("each layer's own"), "common": N_("one for all layers of a run")}
_WORDS = {
    "play": N_("Play"),
    "pause": N_("Pause"),
    "look": N_("Look at it"),
    "place": N_("Place in the film"),
    "pace": N_("Pace"),
    "slow": N_("slow"),
    "usual": N_("usual"),
    "fast": N_("fast"),
    "heat": N_("Heat of run {run}, {layer}"),
    "none": N_("no map of {layer}"),
}

_component = st.components.v2.component(
    "smooth_gradcam_film",
    html='<div class="film"><div class="screens"></div><div class="bar"><button type="button"></button>'
    '<input type="range" min="0" step="1"><output></output>'
    '<select><option value="500"></option><option value="250" selected></option><option value="100"></option></select>'
    '<button type="button"></button></div></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=joined(*DRAWING, _HERE.with_suffix(".js")),
)


def film_panel(runs: list[Compared]) -> None:
    """The film of all runs, layer by layer together."""
    with_depth = with_layers(runs)
    if not with_depth:
        st.info(_("These runs have one map each, not one for each layer, so there is nothing to play."))
        return
    scale = segments_by_title(
        _("Colour scale"),
        _SCALES,
        keys.CompareKey.FILM_SCALE,
        default="own",
        about=_("One scale for all layers shows where heat is strong, and leaves weak layers dark."),
    )
    with st.container(key="film-view"):
        layers = layers_of(with_depth)
        reel = _reel(tuple(each.run.key for each in with_depth), scale == "common", language(), with_depth)
        _component(key=_KEY, data=reel, on_layer_change=partial(go_to_layer, _KEY, layers))
    with st.container(horizontal=True, key="film-files"):
        for kind, about in _FILES.items():
            image_download(
                _(_FILE_TITLES[kind]),
                partial(film_file, with_depth, scale == "common", kind),
                f"compare_film.{kind}",
                _(about),
            )


# The same for every layer: as bytes, it is neither written out nor sent again. Where the film begins stands in the
# address.
@for_an_hour(12)
def _reel(ids: tuple[str, ...], common_scale: bool, spoken: str, _runs: list[Compared]) -> bytes:
    return film_of(_runs, common_scale)


def film_of(runs: list[Compared], common_scale: bool) -> bytes:
    """What the component plays, in the language that is spoken: a packet of each run's layers.

    The word for a layer is that of the runs' part of the model, where they have one in common.
    """
    side = 520 if len(runs) == 1 else 380 if len(runs) <= 3 else 260
    packets = [_packet(each.run.key, side, language(), each.run) for each in runs]
    parts = {each.run.request.part for each in runs}
    layers = layers_of(runs)
    part = parts.pop() if len(parts) == 1 else "decoder"
    head = {
        "layers": layers,
        "titles": [layer_title(layer, part) for layer in layers],
        "words": {name: _(text) for name, text in _WORDS.items()},
        "scale": "common" if common_scale else "own",
        "opacity": OPACITY,
        "colormap": DEFAULT_COLORMAP,
        "runs": [
            {
                "name": each.letter,
                "width": images.picture_width(each.run.chosen.size, side, side),
            }
            for each in runs
        ],
    }
    return bound(head, packets)


@for_an_hour(24)
def _packet(run_id: str, side: int, spoken: str, _run: LoadedRun) -> bytes:
    own = [each for each in maps_of(_run.result) if each.method == _run.request.method]
    return pack(images.small(_run, side), own, {"sinks": [], "truth": []}, with_errors=False)
