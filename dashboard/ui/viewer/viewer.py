"""The viewer: a component that gets all maps of a run at once, and draws whatever is wanted of them in the browser.

It gets pictures, numbers and sentences of ours; of people's text the labels of an answer's boxes alone. What it shows
stands in the address, where the server reads it when it draws something itself (`dashboard.ui.viewer.address_view`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core import ExplainResult
from core.rendering.overlay import DEFAULT_COLORMAP, OPACITY
from dashboard.language import _, language
from dashboard.loaded_run import LoadedRun
from dashboard.map_words import in_words, in_words_over_time
from dashboard.memo import memoised
from dashboard.session import clicks
from dashboard.ui import sample_scenes
from dashboard.ui.drawing.maps import ShownMap, first_map, maps_of
from dashboard.ui.drawing.packet import outlines, pack
from dashboard.ui.drawing.scripts import DRAWING, LOOKING, joined
from dashboard.ui.drawing.time_shares import usual_step
from dashboard.ui.viewer.address_view import map_in_address, take_over
from dashboard.ui.viewer.maps import drawn_boxes, sinks_of, trust_of
from dashboard.ui.viewer.step_frames import frames_of_steps
from dashboard.ui.viewer.viewer_words import OF_TRUST, WORDS, said

_KEY = "viewer-maps"
_HERE = Path(__file__)
_SCRIPTS = ("cells", "address", "boxes", "labels", "legend", "tiles", "time", "viewer")
"""Each needs those before it."""

HTML, CSS = (_HERE.with_suffix(suffix).read_text("utf-8") for suffix in (".html", ".css"))
SCRIPT = joined(*DRAWING, *LOOKING, *(_HERE.with_name(f"{name}.js") for name in _SCRIPTS))

_component = st.components.v2.component("smooth_gradcam_viewer", html=HTML, css=CSS, js=SCRIPT)


def viewer(run: LoadedRun, highest: int | None = None) -> None:
    """The maps of a run over its picture, with everything that chooses how they are looked at.

    Args:
        highest: pixels of the map at most; None for as many as the window allows.
    """
    draw(packet_of(run, highest))


def draw(packet: bytes) -> None:
    """The viewer, with what it is sent: `packet_of`, or that of a run that is being computed."""
    with st.container(key="viewer"):
        _component(key=_KEY, data=packet, on_looked_change=_looked)


@clicks.whole
def _looked() -> None:
    """The browser tells of its address where something of the server's depends on it (`panel.FOLLOWING`)."""
    take_over(st.session_state[_KEY].get("looked"))


def packet_of(run: LoadedRun, highest: int | None = None) -> bytes:
    """What the viewer is sent: the same bytes for everybody, as long as nothing more is known about the maps."""
    maps, sinks = list(maps_of(run.result)), sinks_of(run)
    # Trust is measured of maps of pictures alone.
    known = {} if run.request.is_video else {each.name: trust_of(run, each) for each in _looked_up(run)}

    def make() -> bytes:
        truth = sample_scenes.true_mask(run.result)
        more = {
            "truth": [] if truth is None else outlines(truth),
            "sinks": sinks,
            "boxes": drawn_boxes(run.result),
            "trust": {name: {"level": level or "", "words": _(OF_TRUST[level])} for name, level in known.items()},
            "highest": highest,
        }
        sentences = [sentence_of(each, truth) for each in maps]
        pixels = frames_of_steps(run.chosen, run.result) if run.request.is_video else run.chosen.preview
        return pack(pixels, maps, about_maps(run.id, run.result, sentences) | more)

    return memoised(run.result, ("packet", language(), highest, sinks, tuple(known.items())), make)


def about_maps(name: str, result: ExplainResult, sentences: list[str]) -> dict[str, Any]:
    """What the viewer has to know of maps beside their numbers, as long as nothing more is known about them.

    Args:
        name: of their run.
        sentences: what one sees, one a map.
    """
    maps, first = list(maps_of(result)), first_map(result)
    methods = {each.method: each.result for each in maps}
    return {
        "run": name,
        "grows": False,
        "first": next(number for number, each in enumerate(maps) if each.name == first.name),
        "best": {
            method: next(
                number
                for number, each in enumerate(maps)
                if each.method == method and each.layer == held.recommended_layer
            )
            for method, held in methods.items()
        },
        "truth": [],
        "sinks": [],
        "boxes": [],
        "sinkGrid": result.grid,
        "steps": [[step.start, step.end] for step in result.steps],
        "usualStep": usual_step(first),
        "trust": {},
        "usual": {"opacity": OPACITY, "colormap": DEFAULT_COLORMAP},
        "sentences": sentences,
        "words": said(WORDS),
        "highest": None,
    }


def sentence_of(shown: ShownMap, truth: np.ndarray | None = None) -> str:
    """What one sees in a map; see `dashboard.map_words`."""
    steps = shown.result.steps
    return in_words_over_time(shown.heat, steps) if steps else in_words(shown.heat, truth)


def _looked_up(run: LoadedRun) -> Iterator[ShownMap]:
    """Maps whose trust is looked up: the one that was asked for, that of the address, and those of no layer."""
    others = (each for each in maps_of(run.result) if each.layer is None)
    yield from {each.name: each for each in (first_map(run.result), map_in_address(run), *others)}.values()
