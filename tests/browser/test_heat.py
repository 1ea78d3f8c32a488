"""What the browser draws is what the server draws: one interpolation, one table of shades, one opacity."""

import numpy as np
import pytest

from core.analysis.artefacts import as_mask, without
from core.rendering import difference, interpolation
from core.rendering import overlay as rendering
from dashboard.ui.drawing import scripts

pytestmark = pytest.mark.browser

SCRIPT = scripts.joined(scripts.DRAWING[0])
NEAR = 2
"""Of 255: how far two pixels may be apart."""

DRAW = """
const shades = shadesOf(Uint8Array.from(given.colours))
const map = { values: Float32Array.from(given.heat), rows: given.rows, columns: given.columns }
const own = given.hidden.length ? without(map, given.hidden) : map.values
const top = given.top ?? Math.max(...own)
const values = enlarge({ ...map, values: own }, given.width, given.height, given.box, given.smooth)
    .map((value) => (top > 0 ? value / top : 0))
const sure = given.errors
  ? enlarge({ ...map, values: sureness(own, Float32Array.from(given.errors)) },
            given.width, given.height, given.box, given.smooth)
  : null
const pixels = Uint8ClampedArray.from(given.pixels)
lay(pixels, values, sure, given, shades, given.isDifference)
return Array.from(pixels)
"""


@pytest.fixture(scope="module")
def page(chromium):
    """An empty page."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def drawn(page, pixels, heat, box=(0, 0, 1, 1), **given) -> np.ndarray:
    height, width = pixels.shape[:2]
    told = {
        "isDifference": False,
        "colours": rendering.colours(given.pop("colormap", "inferno")).ravel().tolist(),
        "heat": heat.ravel().tolist(),
        "rows": heat.shape[0],
        "columns": heat.shape[1],
        "width": width,
        "height": height,
        "box": box,
        "pixels": np.dstack([pixels, np.full((height, width), 255, np.uint8)]).ravel().tolist(),
        **{"smooth": True, "hidden": [], "top": None, "errors": None, "opacity": 0.8, "threshold": 0, "even": False},
        **given,
    }
    found = page.evaluate(f"(given) => {{ {SCRIPT}\n{DRAW} }}", told)
    return np.array(found, np.uint8).reshape(height, width, 4)[..., :3]


def assert_near(one: np.ndarray, other: np.ndarray) -> None:
    assert one.std() > 5
    assert np.abs(one.astype(int) - other).max() <= NEAR


@pytest.fixture(scope="module")
def scene() -> tuple[np.ndarray, np.ndarray]:
    """A picture and a map over it."""
    rng = np.random.default_rng(1)
    return rng.integers(0, 256, (143, 211, 3), dtype=np.uint8), (rng.random((9, 13), np.float32) ** 3).astype(
        np.float32
    )


@pytest.mark.parametrize("colormap", rendering.COLORMAPS)
@pytest.mark.parametrize("smooth", [True, False])
def test_every_colour_map_smooth_and_in_cells(page, scene, colormap, smooth):
    assert_near(drawn(page, *scene, colormap=colormap, smooth=smooth),
                rendering.overlay(*scene, colormap=colormap, smooth=smooth))  # fmt: skip


@pytest.mark.parametrize("opacity", [0.0, 0.35, 1.0])
@pytest.mark.parametrize("even", [True, False])
def test_opacity(page, scene, opacity, even):
    assert_near(drawn(page, *scene, opacity=opacity, even=even), rendering.overlay(*scene, opacity, even=even))


def test_a_threshold_a_scale_of_others_and_fading(page, scene):
    pixels, heat = scene
    errors = (heat * np.random.default_rng(2).random(heat.shape)).astype(np.float32)
    options = {"threshold": 0.25, "opacity": 0.9}
    assert_near(
        drawn(page, pixels, heat, errors=errors.ravel().tolist(), top=1.7, **options),
        rendering.overlay(pixels, heat, maximum=1.7, sureness=rendering.sureness(heat, errors), **options),
    )


@pytest.mark.parametrize("smooth", [True, False])
@pytest.mark.parametrize("options", [{}, {"even": True, "opacity": 0.72}, {"threshold": 0.3}])
def test_a_difference(page, scene, smooth, options):
    pixels, heat = scene
    differs = heat - np.flip(heat, 1)
    top = difference.largest(differs)
    given = {"top": top, "isDifference": True, "colours": difference.colours().ravel().tolist()}
    assert_near(
        drawn(page, pixels, differs, smooth=smooth, **options, **given),
        difference.difference_overlay(pixels, differs, smooth=smooth, **options),
    )


def test_hidden_sinks(page, scene):
    pixels, heat = scene
    sinks = ((0, 0), (0, 1), (1, 0), (4, 6), (8, 12))
    hidden = without(heat, as_mask(sinks, heat.shape))
    assert_near(drawn(page, pixels, heat, hidden=sinks), rendering.overlay(pixels, hidden))


def test_a_part_that_is_looked_at_closely(page, scene):
    heat = scene[1]
    pixels = np.random.default_rng(3).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    # The whole would be 1,600 x 1,200 pixels; seen are those from 320, 240 on.
    whole = interpolation.interpolate(heat / heat.max(), (1600, 1200), slice(240, 360))[:, 320:480]
    share = 0.8 * whole[..., None]
    expected = pixels + share * (rendering.colorize(whole) - pixels.astype(float))
    assert_near(drawn(page, pixels, heat, box=(0.2, 0.2, 0.3, 0.3)), np.round(expected))


def test_nothing_is_coloured_where_there_is_no_heat(page, scene):
    pixels = scene[0]
    assert np.array_equal(drawn(page, pixels, np.zeros((3, 4), np.float32)), pixels)
    assert_near(
        drawn(page, pixels, np.full((1, 1), 2.0, np.float32)),
        rendering.overlay(pixels, np.full((1, 1), 2.0, np.float32)),
    )


def test_float16_is_read_as_numpy_reads_it(page):
    numbers = np.arange(65536, dtype=np.uint16).view(np.float16)
    found = page.evaluate(
        f"(bytes) => {{ {SCRIPT}\n return Array.from(halves(Uint8Array.from(bytes)), String) }}",
        list(numbers.tobytes()),
    )
    theirs = np.array([float(each.replace("Infinity", "inf")) for each in found], np.float64)
    assert np.array_equal(theirs, numbers.astype(np.float64), equal_nan=True)


def test_shades_are_those_of_the_server(page):
    for name in rendering.COLORMAPS:
        found = page.evaluate(
            f"(given) => {{ {SCRIPT}\n return Array.from(shadesOf(Uint8Array.from(given))) }}",
            rendering.colours(name).ravel().tolist(),
        )
        theirs = np.array(found).reshape(-1, 3)
        assert np.abs(theirs - rendering.shades(name)[:, :3]).max() <= 1  # where a half is rounded
