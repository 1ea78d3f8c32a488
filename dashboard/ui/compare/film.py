"""A film through the depth: every layer's picture is sent once, and the browser swaps them.

A component of its own: a rerun for each layer, as on the Compute page, draws one run within tens of milliseconds, but
eight take several times as long.
It gets pictures, whole numbers and letters, no text of people.
"""

import json
from functools import partial
from pathlib import Path

import streamlit as st

from core.rendering.encoding import data_uri
from core.rendering.overlay import overlay
from core.schema.model_parts import PARTS
from dashboard.loaded_run import LoadedRun
from dashboard.session import keys
from dashboard.ui import images
from dashboard.ui.compare.chart_files import image_download
from dashboard.ui.compare.image_files import film_file
from dashboard.ui.compare.layer_cursor import go_to_layer
from dashboard.ui.compare.measures import Compared, layers_of, with_layers
from dashboard.ui.widgets import segments_by_title

_KEY = "film"
_HERE = Path(__file__)
_FILES = {
    "webp": "All layers as one animated picture, in colours as here: browsers and most programs play it.",
    "gif": "The same in 256 colours, for slides and documents that play no WebP.",
}
_SCALES = {"own": "each layer's own", "common": "one for all layers of a run"}

_component = st.components.v2.component(
    "smooth_gradcam_film",
    html='<div class="film"><div class="screens"></div><div class="bar"><button type="button">Play</button>'
    '<input type="range" min="0" step="1" aria-label="Place in the film"><output></output>'
    '<select aria-label="Pace"><option value="500">slow</option><option value="250" selected>usual</option>'
    '<option value="100">fast</option></select>'
    '<button type="button">Look at it</button></div></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def film_panel(runs: list[Compared]) -> None:
    """The film of all runs, layer by layer together."""
    with_depth = with_layers(runs)
    if not with_depth:
        st.info("These runs have one map each, not one for each layer, so there is nothing to play.")
        return
    scale = segments_by_title(
        "Colour scale",
        _SCALES,
        keys.CompareKey.FILM_SCALE,
        default="own",
        about="One scale for all layers shows where heat is strong, and leaves weak layers dark.",
    )
    with st.container(key="film-view"):
        layers = layers_of(with_depth)
        reel = _reel(tuple(each.run.key for each in with_depth), scale == "common", with_depth)
        _component(key=_KEY, data=reel, on_layer_change=partial(go_to_layer, _KEY, layers))
    with st.container(horizontal=True, key="film-files"):
        for kind, about in _FILES.items():
            image_download(
                f"Film {'WebP' if kind == 'webp' else 'GIF'}",
                partial(film_file, with_depth, scale == "common", kind),
                f"compare_film.{kind}",
                about,
            )


# Megabytes, and the same for every layer: as bytes, they are neither written out nor sent again. Where the film
# begins stands in the address.
@st.cache_resource(max_entries=12, ttl=3600, show_spinner=False)
def _reel(ids: tuple[str, ...], common_scale: bool, _runs: list[Compared]) -> bytes:
    return json.dumps(film_of(_runs, common_scale)).encode()


def film_of(runs: list[Compared], common_scale: bool) -> dict:
    """What the component plays: every layer that a run holds, and a picture of it for each run that does.

    The word for a layer is that of the runs' part of the model, where they have one in common.
    """
    layers = layers_of(runs)
    side = 520 if len(runs) == 1 else 380 if len(runs) <= 3 else 260
    played = []
    for each in runs:
        size = each.run.chosen.picture.size
        width = images.picture_width(size, side, side)
        pictures = dict(zip(each.run.result.layers, _frames(each.run.key, side, common_scale, each.run), strict=True))
        played.append(
            {
                "name": each.letter,
                "width": width,
                "height": round(width * size[1] / size[0]),
                "frames": [pictures.get(layer) for layer in layers],
            }
        )
    parts = {each.run.request.part for each in runs}
    word = PARTS[parts.pop()].one if len(parts) == 1 else "layer"
    return {"layers": layers, "word": word, "runs": played}


@st.cache_resource(max_entries=24, ttl=3600, show_spinner=False)
def _frames(run_id: str, side: int, common_scale: bool, _run: LoadedRun) -> list[str]:
    small, heat = images.small(_run, side), _run.result.heat
    top = float(heat.max()) if common_scale else None
    return [data_uri(overlay(small, each, maximum=top)) for each in heat]
