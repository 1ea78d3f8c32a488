"""Going through the layers: one back, one on, and a film through the depth.

The film is a rerun of the panel at a steady pace. Which layer is due follows from the time since it began, so that
a slow machine skips layers instead of falling behind.
"""

import time
from dataclasses import replace
from functools import partial

import streamlit as st

from core.schema.model_parts import PARTS
from dashboard.loaded_run import LoadedRun
from dashboard.session import state
from dashboard.session.keys import ViewKey

PACE = 0.4
"""Seconds a layer is shown in a film."""
_SETTLING = 2.0
"""Seconds after a film's end until every browser has heard of its last layer."""


def is_playing(run: LoadedRun) -> bool:
    """Whether a film of this run is on."""
    film = state.session().film
    return film is not None and film.run == run.id and film.ended is None


def stop() -> None:
    """Forgets the film: somebody has chosen what to look at."""
    state.session().film = None


def slid(run: LoadedRun) -> None:
    """Somebody has moved the slider, which stops the film. For its callback.

    Unless it is the film's own doing: while it is on, or with the click on Play that goes on with it, a browser on
    a busy server still names a layer that it was shown before.
    """
    film = state.session().film
    if film is not None and film.run == run.id and film.ended is None:
        layer, layers = st.session_state[ViewKey.LAYER], run.result.layers
        if layer in layers and film.since <= layers.index(layer) <= _due(run, film):
            return
    stop()


def advance(run: LoadedRun) -> None:
    """Puts the layer that is due on display; the last one ends the film. To be called before the slider is drawn."""
    film = state.session().film
    if film is None or film.run != run.id:
        return
    if film.ended is not None and time.monotonic() - film.ended > _SETTLING:
        return stop()
    due = _due(run, film)
    # Said each time: what a browser sends just then may still name the layer before.
    st.session_state[ViewKey.LAYER] = run.result.layers[due]
    if due == len(run.result.layers) - 1 and film.ended is None:
        state.session().film = replace(film, ended=time.monotonic())


def go_to(layer: int) -> None:
    """Looks at one layer. For callbacks."""
    stop()
    st.session_state[ViewKey.MAP] = "layer"
    st.session_state[ViewKey.LAYER] = layer


def buttons(run: LoadedRun, layer: int) -> None:
    """Back, play or pause, and on; with the keys that video players have for them."""
    layers = run.result.layers
    if len(layers) < 2:
        return
    at, is_on = layers.index(layer), is_playing(run)
    st.button(
        "Back",
        icon=":material/skip_previous:",
        key="layer-back",
        shortcut="J",
        disabled=at == 0,
        on_click=go_to,
        args=(layers[max(0, at - 1)],),
        help=f"One {PARTS[run.request.part].one} back",
    )
    st.button(
        "Pause" if is_on else "Play",
        icon=":material/pause:" if is_on else ":material/play_arrow:",
        key="layer-play",
        shortcut="K",
        on_click=_pause if is_on else partial(_play, run, at),
        help="Stop here" if is_on else "Play through the depth",
    )
    st.button(
        "Next",
        icon=":material/skip_next:",
        key="layer-on",
        shortcut="L",
        disabled=at == len(layers) - 1,
        on_click=go_to,
        args=(layers[min(len(layers) - 1, at + 1)],),
        help=f"One {PARTS[run.request.part].one} on",
    )


def _play(run: LoadedRun, at: int) -> None:
    first, before = 0 if at == len(run.result.layers) - 1 else at, state.session().film
    since = min(first, before.since) if before is not None and before.run == run.id else first
    state.session().film = state.Film(run.id, first, time.monotonic(), since=since)


def _pause() -> None:
    film = state.session().film
    if film is not None and film.ended is None:
        state.session().film = replace(film, ended=time.monotonic())


def _due(run: LoadedRun, film: state.Film) -> int:
    now = time.monotonic() if film.ended is None else film.ended
    return min(len(run.result.layers) - 1, film.first + int((now - film.started) / PACE))
