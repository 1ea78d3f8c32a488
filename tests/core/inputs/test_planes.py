"""TIFF files whose channels lie one after the other: the same picture as where they lie beside each other."""

import zlib

import numpy as np
import pytest

from core import ImageError, load_picture
from tests.core.inputs.tiffs import planar, tiff

WIDTH, HEIGHT = 48, 40
ACROSS = np.tile(np.linspace(0, 1, WIDTH), (HEIGHT, 1))
LIGHT = np.stack([ACROSS, ACROSS[:, ::-1], np.tile(np.linspace(0, 1, HEIGHT), (WIDTH, 1)).T])


def beside(channels, **options):
    """The channels of a pixel beside each other."""
    bits, kind = channels.dtype.itemsize * 8, {"u": 1, "i": 2, "f": 3}[channels.dtype.kind]
    samples = np.ascontiguousarray(channels.transpose(1, 2, 0)).tobytes()
    options = {"photometric": 2, "channels": len(channels)} | options
    return tiff(samples, (WIDTH, HEIGHT), bits, sample_format=kind, **options)


@pytest.mark.parametrize("kind", ["u2", "i2", "u4", "f4", "f8"])
@pytest.mark.parametrize("rows", [HEIGHT, 16])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "deflate"])
def test_planes_are_read_as_channels_beside_each_other(kind, rows, order, packed):
    channels = (LIGHT * (1 if kind[0] == "f" else 4000)).astype(kind)
    packing = {"pack": zlib.compress, "tags": [(259, 3, (8,))]} if packed else {}
    found = load_picture(planar(channels, rows, order=order, **packing))
    expected = load_picture(beside(channels))
    assert found.digest == expected.digest and found.value_range == expected.value_range
    assert len(np.unique(found.pixels[..., 0])) > 40 and not (found.pixels[..., 0] == found.pixels[..., 1]).all()


@pytest.mark.parametrize(("extra", "opaque"), [(2, False), (0, True)])
def test_a_fourth_plane_is_alpha_where_the_file_says_so(extra, opaque):
    channels = np.stack([*LIGHT, np.zeros_like(ACROSS)])
    channels[3, :, : WIDTH // 2] = 1
    channels = (channels * 65535).astype(np.uint16)
    found = load_picture(planar(channels, HEIGHT, tags=[(338, 3, (extra,))]))
    assert any("laid on white" in note for note in found.notes) != opaque
    assert (found.pixels[:, WIDTH // 2 :] == 255).all() != opaque
    assert found.digest == load_picture(beside(channels, tags=[(338, 3, (extra,))])).digest


@pytest.mark.parametrize("photometric", [1, 5])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_planes_that_are_no_colours_are_refused_in_a_sentence(photometric, count):
    channels = (np.stack([*LIGHT, ACROSS])[:count] * 65535).astype(np.uint16)
    with pytest.raises(ImageError, match="unusual kind of TIFF"):
        load_picture(planar(channels, HEIGHT, photometric=photometric))


@pytest.mark.parametrize("make", [beside, lambda channels, **options: planar(channels, HEIGHT, **options)])
@pytest.mark.parametrize("kind", ["u2", "u4", "f4"])
def test_colours_whose_number_is_not_said_are_refused(make, kind):
    with pytest.raises(ImageError, match="TIFF"):
        load_picture(make((LIGHT * 60000).astype(kind), without=[277]))


def test_planes_that_are_cut_off_are_refused():
    data = planar((LIGHT * 65535).astype(np.uint16), HEIGHT)
    # One strip for three channels: the others would be whatever lies in memory.
    channels = beside((LIGHT * 65535).astype(np.uint16), tags=[(284, 3, (2,))])
    for broken in (data.replace(bytes([22, 1, 4, 0]), bytes([22, 1, 99, 0])), channels):
        with pytest.raises(ImageError):
            load_picture(broken)
