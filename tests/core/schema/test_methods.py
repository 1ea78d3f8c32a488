"""The list of methods and the functions that compute them name the same things."""

import math
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from core.errors import InputError
from core.methods.attribution import ATTRIBUTIONS
from core.methods.extractors import EXTRACTORS
from core.methods.pixels import PIXEL_METHODS
from core.models.hooks import HookPoint
from core.schema import ExplainRequest
from core.schema.methods import COMBINED, DEFAULT_METHOD, METHODS, ONE_PASS_METHODS, PEAK, Group, check_method
from core.schema.model_parts import DecoderDepth


def asked(name, **given):
    """A request for the method at layers 2 and 5, where it has layers."""
    layers = (2, 5) if METHODS[name].per_layer else ()
    return ExplainRequest(image="i", prompt="p", model="m", layers=layers, method=name, **given)


def test_every_method_is_computed_in_one_place():
    assert sorted([*EXTRACTORS, *PIXEL_METHODS]) == sorted(METHODS)
    assert set(PIXEL_METHODS) == {name for name, method in METHODS.items() if method.own_passes}
    assert sorted(ONE_PASS_METHODS) == sorted(EXTRACTORS)


def test_every_function_of_activations_has_a_map_for_each_layer():
    assert set(ATTRIBUTIONS) < set(METHODS)
    assert all(METHODS[name].per_layer for name in ATTRIBUTIONS)


def test_every_method_says_what_it_is():
    assert all(name == method.name for name, method in METHODS.items())
    for method in METHODS.values():
        texts = [getattr(method, field.name) for field in fields(method) if field.type in (str, "str")]
        assert all(text == text.strip() and text for text in texts), method.name
        assert method.group in get_args(Group) and method.sentence.endswith(".")
    assert len({method.title for method in METHODS.values()}) == len(METHODS)


def test_methods_that_the_code_names():
    assert METHODS[COMBINED].group == METHODS[DEFAULT_METHOD].group == "recommended"
    assert not METHODS[COMBINED].per_layer and METHODS[DEFAULT_METHOD].per_layer
    assert METHODS[PEAK].group == "diagnostic"


def measured_pointing(heading, columns):
    """Method -> how often its maps point right, at each of so many layers, as the table under a heading says."""
    text = (Path(__file__).parents[3] / "docs/maps.md").read_text("utf-8").split(heading)[1].split("\n## ")[0]
    found = {}
    for line in text.splitlines():
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if named := re.match(r"\**`(\w+)`", name):
            found[named[1]] = [float(cell.split()[0]) for cell in cells[:columns]]
    return found


@pytest.mark.parametrize(
    ("part", "heading", "columns"),
    [("decoder", "Pointing by decoder layer", 8), ("tower", "## Blocks of the vision tower", 4)],
)
def test_methods_are_called_false_where_they_were_measured_to_point_wrong(part, heading, columns):
    pointing = measured_pointing(heading, columns)
    assert DEFAULT_METHOD in pointing
    wrong = {name for name, layers in pointing.items() if max(layers) < 0.5}
    assert wrong - {PEAK} == {name for name, method in METHODS.items() if part in method.false_in}


@pytest.mark.parametrize("name", EXTRACTORS)
def test_a_method_has_a_tap_if_and_only_if_its_place_follows_the_tap(name):
    """The tap of a method that has none cannot be changed at all."""
    if not METHODS[name].has_tap:
        with pytest.raises(InputError, match="no output tap"):
            asked(name, tap="output")
        return
    points = [
        EXTRACTORS[name].requirements(asked(name, tap=tap), DecoderDepth.plain(8)).points for tap in ("input", "output")
    ]
    assert points == [{HookPoint(2), HookPoint(5)}, {HookPoint(2, "output"), HookPoint(5, "output")}]


@pytest.mark.parametrize("name", EXTRACTORS)
def test_methods_with_layers_depend_on_them(name):
    wants = EXTRACTORS[name].requirements(asked(name), DecoderDepth.plain(8))
    recorded = {point.layer for point in wants.points} | wants.attended
    if METHODS[name].per_layer:
        assert recorded == ({2, 3, 4, 5, 6, 7} if name == "attention_rollout" else {2, 5})
    else:
        assert recorded == {"combined": {4, 5, 6, 7}, "tam": {7}, "logit_lens": {7}, "input_gradient": set()}[name]


@pytest.mark.parametrize("total", [1, 2, 7])
def test_the_combined_map_of_a_shallow_model_reads_its_upper_half(total):
    attended = EXTRACTORS[COMBINED].requirements(asked(COMBINED), DecoderDepth.plain(total)).attended
    assert max(attended) == total - 1 and len(attended) == math.ceil(total / 2)


def test_check_method():
    assert [check_method(name) for name in METHODS] == list(METHODS)
    with pytest.raises(InputError, match="no method called 'scorecam'. Choose one of: combined, gradient_deviation"):
        check_method("scorecam")
