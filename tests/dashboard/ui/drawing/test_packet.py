"""What the viewer is sent: every number, its error and its picture, in few bytes."""

import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image

from core import load_picture
from core.rendering.overlay import COLORMAPS, colours
from core.scenes.scene import sample
from dashboard.ui.drawing.maps import ShownMap, maps_of
from dashboard.ui.drawing.packet import outlines, pack
from tests.cache.samples import make_request, make_result


def unpack(data: bytes) -> tuple[dict, np.ndarray, np.ndarray]:
    """(head, picture, numbers as float16), as the browser does it."""
    begin = 4 + int.from_bytes(data[:4], "little")
    head = json.loads(data[4:begin])
    picture = np.asarray(Image.open(io.BytesIO(data[begin : begin + head["picture"]])))
    low, high = np.frombuffer(zlib.decompress(data[begin + head["picture"] :]), np.uint8).reshape(2, -1)
    return head, picture, (low.astype("<u2") | high.astype("<u2") << 8).view("<f2")


def made(heat: np.ndarray, errors: np.ndarray | None = None, samples: int = 10):
    """A result with that heat, [maps, rows, columns], and those standard errors."""
    request = make_request(
        layers=tuple(range(len(heat))), num_samples=samples, noise_std=0.0 if errors is None else 0.1
    )
    squares = np.zeros_like(heat) if errors is None else errors**2 * (samples * (samples - 1))
    return make_result(request, heat=heat.astype(np.float32), squared_deviation=squares.astype(np.float32))


@pytest.fixture
def heat() -> np.ndarray:
    return np.random.default_rng(0).random((3, 4, 6)) * np.array([1e-9, 1.0, 1e7])[:, None, None]


def test_every_number_and_error_arrives(heat):
    errors = heat * np.random.default_rng(1).random(heat.shape)
    result = made(heat, errors)
    pixels = sample(1_600_001).image.resize((64, 48))
    head, picture, numbers = unpack(pack(np.asarray(pixels), list(maps_of(result)), {"first": 2}))
    assert head["first"] == 2
    assert [(each["rows"], each["columns"], each["layer"]) for each in head["maps"]] == [
        (4, 6, 0),
        (4, 6, 1),
        (4, 6, 2),
    ]
    assert head["size"] == [64, 48] and np.abs(picture.astype(int) - np.asarray(pixels)).mean() < 5
    assert head["colours"] == {name: colours(name).tobytes().hex() for name in COLORMAPS}
    for told, values, own, error in zip(
        head["maps"], numbers.reshape(3, 2, 4, 6), result.heat, result.stderr, strict=True
    ):
        assert told["top"] == own.max() and told["hasErrors"]
        assert np.allclose(values[0] * np.float64(told["top"]), own, rtol=2**-11, atol=told["top"] * 2**-24)
        assert np.allclose(values[1] * np.float64(told["top"]), error, rtol=2**-8 + 2**-11, atol=told["top"] * 2**-17)


def test_errors_that_are_not_known_or_zero_are_not_sent(heat):
    for result in (made(heat), made(heat, heat, samples=1)):
        maps = list(maps_of(result))
        head, _, numbers = unpack(pack(np.zeros((2, 2, 3), np.uint8), maps, {}))
        assert not any(each["hasErrors"] for each in head["maps"]) and numbers.size == heat.size


def test_errors_that_nobody_looks_at_are_not_sent(heat):
    result = made(heat, heat)
    head, _, numbers = unpack(pack(np.zeros((2, 2, 3), np.uint8), list(maps_of(result)), {}, with_errors=False))
    assert not any(each["hasErrors"] for each in head["maps"]) and numbers.size == heat.size


def test_a_blank_map_is_zero():
    maps = list(maps_of(made(np.zeros((1, 2, 3)))))
    head, _, numbers = unpack(pack(np.zeros((2, 2, 3), np.uint8), maps, {}))
    assert head["maps"][0]["top"] == 0 and not numbers.any()


def test_sixty_layers_with_their_errors_are_a_megabyte_at_most():
    # Of noise, which cannot be compressed, under a picture of noise as large as any that is sent.
    rng = np.random.default_rng(2)
    heat = rng.random((60, 50, 75))
    maps = list(maps_of(made(heat, heat * rng.random(heat.shape))))
    photo = load_picture(sample(1_600_002).image.resize((1024, 768))).pixels
    sentence = "93 % of the heat lies in the hottest 10 % of the cells, at the lower left."
    data = pack(photo, maps, {"sentences": [sentence] * 60})
    assert len(unpack(data)[2]) == 60 * 2 * 50 * 75
    assert len(data) <= 10**6


def test_outlines_go_around_a_mask_and_around_its_holes():
    mask = np.zeros((4, 8), bool)
    mask[1:3, 2:6] = True
    (line,) = outlines(mask)
    xs, ys = zip(*line, strict=True)
    assert (min(xs), max(xs), min(ys), max(ys)) == (2.5 / 8, 5.5 / 8, 1.5 / 4, 2.5 / 4)
    ring = np.ones((9, 9), bool)
    ring[3:6, 3:6] = False
    assert len(outlines(ring)) == 2 and outlines(np.zeros((3, 3), bool)) == []


def test_maps_are_told_apart_by_name():
    result = made(np.ones((2, 2, 3)))
    assert [each.name for each in maps_of(result)] == ["gradient_deviation-0", "gradient_deviation-1"]
    assert ShownMap("combined", None, result).name == "combined"
