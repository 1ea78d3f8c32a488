"""Which map every picture of Compare shows: what was asked for, the combined one, or that of a layer."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import streamlit as st

from core.schema.methods import COMBINED
from core.schema.model_parts import PARTS, Part
from dashboard.formatting import method_words
from dashboard.language import N_, _
from dashboard.loaded_run import LoadedRun
from dashboard.session import keys
from dashboard.ui.compare.measures import Compared, layers_of
from dashboard.ui.drawing.maps import ShownMap
from dashboard.ui.widgets import forget_unless_offered, in_address

MapChoice = int | Literal["asked", "own", "combined"]
"""A layer, or the map that each run asked for, or that of each run's own method, or the combined map."""

_ABOUT = {
    "asked": N_("At the left the map that each run asked for, then the combined map."),
    "own": N_("At the left the map of each run's own method, then the combined map."),
    "combined": N_("At the left the combined map."),
}
_ABOUT_LAYERS = {
    "asked": N_(
        "At the left the map that each run asked for, then the combined map, then the {layers}, 0 first. A click on a "
        "layer in a chart goes there, too."
    ),
    "own": N_(
        "At the left the map of each run's own method, then the combined map, then the {layers}, 0 first. A click on a "
        "layer in a chart goes there, too."
    ),
    "combined": N_(
        "At the left the combined map, then the {layers}, 0 first. A click on a layer in a chart goes there, too."
    ),
}
_CHOICES = {"asked": N_("asked"), "own": N_("own"), COMBINED: N_("combined")}
_STAGES = {"early": N_("early: {layers}"), "middle": N_("middle: {layers}"), "late": N_("late: {layers}")}
_HEADINGS = {"asked": N_("as each run asked"), "own": N_("each run's own method"), COMBINED: N_("combined map")}


def choose_map(runs: list[Compared]) -> MapChoice:
    """The map on display: at first the one in which runs that were asked otherwise differ."""
    choices = choices_for(runs)
    if len(choices) == 1:
        return choices[0]
    # One widget for all, so that a link to a map is all that an address needs.
    forget_unless_offered(keys.CompareKey.LAYER, choices)  # other runs' layer
    about = _(_ABOUT[choices[0]])
    if layers_of(runs):
        about = _(_ABOUT_LAYERS[choices[0]], layers=_(PARTS[_part_of(runs)].many))

    def draw(first: MapChoice, word: Callable[[MapChoice], str], bind: str | None) -> MapChoice:
        key = keys.CompareKey.LAYER
        return st.select_slider(_("Map"), choices, first, format_func=word, key=key, bind=bind, help=about)

    titles = {choice: _CHOICES.get(choice, str(choice)) for choice in choices}
    return in_address(keys.CompareKey.LAYER, titles, choices[0], draw)


def choices_for(runs: list[Compared]) -> tuple[MapChoice, ...]:
    """What can be shown of these runs, the first view first.

    That is what each run asked for. Runs by the default method and by the combined one ask for the same map; where
    both are there, it is each run's own method, or two methods would seem to make no difference.
    """
    answered = {each.run.request.method for each in runs if each.run.result.asked == (COMBINED, None)}
    if len(answered) > 1:
        first = ("own", COMBINED)
    elif all(each.run.result.asked == (COMBINED, None) for each in runs):
        first = (COMBINED,)
    else:
        first = ("asked", COMBINED)
    return *first, *layers_of(runs)


def layer_of(choice: MapChoice) -> int | None:
    """The layer of a choice, None where it is no layer's map."""
    return choice if isinstance(choice, int) else None


def method_and_layer(run: LoadedRun, choice: MapChoice) -> tuple[str, int | None] | None:
    """The method and the layer, None where it has one map in all, of a run's map; None where it holds none."""
    result = run.result
    if choice == "asked":
        return result.asked
    if choice == "own":
        return result.request.method, result.recommended_layer
    if choice == COMBINED:
        is_held = COMBINED in (result.request.method, *result.companions)
        return (COMBINED, None) if is_held else None
    return (result.request.method, choice) if choice in result.layers else None


def heat_at(run: LoadedRun, choice: MapChoice) -> np.ndarray | None:
    """A run's map, [grid_h, grid_w]; None where it holds none."""
    found = method_and_layer(run, choice)
    return None if found is None else run.result.of(found[0]).at(found[1])


def shown_map(run: LoadedRun, choice: MapChoice) -> ShownMap:
    """A run's map as it is drawn in the browser. The run holds it."""
    method, layer = method_and_layer(run, choice)
    return ShownMap(method, layer, run.result.of(method))


def unit_at(run: LoadedRun, choice: MapChoice) -> str:
    """The unit of a run's map."""
    method, _layer = method_and_layer(run, choice) or (run.request.method, None)
    return _(run.result.of(method).request.heat_unit)


def name_of(run: LoadedRun, choice: MapChoice) -> str:
    """A run's map in a title: its layer, and its method where it is not the choice that says it."""
    part = run.request.part
    if isinstance(choice, int):
        return layer_title(choice, part)
    method, layer = method_and_layer(run, choice) or (COMBINED, None)
    if method == COMBINED:
        return _("combined map")
    if layer is None:
        return method_words(method)
    return _("{method}, {layer}", method=method_words(method, part), layer=layer_title(layer, part))


def heading(runs: Sequence[Compared], choice: MapChoice) -> str:
    """The maps of all runs in a title."""
    if isinstance(choice, int):
        return layer_title(choice, _part_of(runs))
    return _(_HEADINGS[choice])


def layer_title(layer: int, part: Part) -> str:
    """A layer of the decoder, or a block of the vision tower, with its number."""
    return _("block {number}", number=layer) if part == "tower" else _("layer {number}", number=layer)


def layers_title(layers: tuple[int, ...], part: Part) -> str:
    """Several in a row, as "layers 3 to 5", or with some left out between them."""
    if len(layers) == 1:
        return layer_title(layers[0], part)
    ends = {"first": layers[0], "last": layers[-1]}
    if layers == tuple(range(layers[0], layers[-1] + 1)):
        return _("blocks {first} to {last}", **ends) if part == "tower" else _("layers {first} to {last}", **ends)
    if part == "tower":
        return _("{count} blocks, {first} to {last}", count=len(layers), **ends)
    return _("{count} layers, {first} to {last}", count=len(layers), **ends)


def stage_title(stage: str, layers: tuple[int, ...], part: Part) -> str:
    """A third of the depth and what belongs to it."""
    return _(_STAGES[stage], layers=layers_title(layers, part))


def _part_of(runs: Sequence[Compared]) -> Part:
    """Of what the runs' layers are called after: the vision tower where all of them are about it."""
    return "tower" if {each.run.request.part for each in runs} == {"tower"} else "decoder"
