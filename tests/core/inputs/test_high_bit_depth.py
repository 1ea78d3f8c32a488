"""X-ray, CT, microscopy, depth, thermal and HDR pictures, against values worked out by hand."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from core import Brightness, load_picture
from tests.conftest import encode
from tests.core.inputs.tiffs import grey, pack_bits, tiff

RAMP = np.linspace(0, 1, 64 * 64).reshape(64, 64)


def png(values):
    return encode(Image.fromarray(values), "PNG")


def levels(picture):
    """The one grey channel of a grey picture."""
    assert (picture.pixels == picture.pixels[..., :1]).all()
    return picture.pixels[..., 0].astype(int)


def spread(values, low, high):
    """By hand: `low` black, `high` white."""
    return np.round(np.clip((values.astype(float) - low) / (high - low), 0, 1) * 255).astype(int)


def nearly(picture, expected, most=1):
    assert np.abs(levels(picture) - expected).max() <= most


@pytest.mark.parametrize("bits", [10, 11, 12, 14, 16])
@pytest.mark.parametrize("make", [png, grey], ids=["png", "tiff"])
def test_fewer_bits_in_a_file_of_sixteen_are_not_black(bits, make):
    values = np.round(RAMP * (2**bits - 1)).astype(np.uint16)
    picture = load_picture(make(values))
    nearly(picture, RAMP * 255, most=1.5)
    assert picture.adjustable and f"{picture.value_range[0]:.0f} to {picture.value_range[1]:.0f}" in picture.notes[0]
    assert "8 bits" in picture.notes[0] and "percentiles 0.1 and 99.9" in picture.notes[0]


def test_a_maximum_of_255_and_one_of_256_look_nearly_the_same():
    one, other = (load_picture(png(np.round(RAMP * most).astype(np.uint16))) for most in (255, 256))
    assert np.abs(levels(one) - levels(other)).max() <= 2 and levels(one).max() == 255


@pytest.mark.parametrize("wild", [np.inf, -np.inf, np.nan, 1e30, -1e30])
def test_one_wild_value_does_not_blacken_the_rest(wild):
    values = (RAMP * 7).astype(np.float32)
    values[20, 20] = wild
    picture = load_picture(grey(values))
    rest = np.delete(levels(picture).ravel() - spread(RAMP, 0, 1).ravel(), 20 * 64 + 20)
    assert np.abs(rest).max() <= 1
    assert any("infinite" in note for note in picture.notes) == (not np.isfinite(wild))


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("order", ["<", ">"])
def test_packed_bits_are_what_the_file_says(bits, order):
    values = np.round(RAMP * (2**bits - 1) / 2).astype(int)  # a dark picture stays dark: the range is declared
    data = tiff(b"".join(pack_bits(row, bits) for row in values), (64, 64), bits, order=order)
    picture = load_picture(data)
    assert np.array_equal(levels(picture), spread(values, 0, 2**bits - 1))
    assert picture.value_range == (0, 2**bits - 1) and f"{bits} bits a sample" in picture.notes[0]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_where_white_is_zero_zero_is_white(order, dtype):
    values = (RAMP * 4000).astype(dtype)
    picture = load_picture(grey(values, photometric=0, order=order))
    nearly(picture, 255 - RAMP * 255, most=1.5)
    assert "white to black" in picture.notes[0]


def test_ct_in_hounsfield_units():
    values = np.round(RAMP * 4095 - 1024).astype(np.int16)
    for order in "<>":
        nearly(load_picture(grey(values, order=order)), RAMP * 255, most=1.5)
    window = load_picture(grey(values), Brightness("range", -160, 240))
    assert np.array_equal(levels(window), spread(values, -160, 240)) and window.value_range == (-160, 240)
    assert load_picture(grey(values), "full").value_range == (-32768, 32767)


def test_depth_in_millimetres_with_holes():
    values = np.round(500 + RAMP * 7500).astype(np.uint16)
    values[:2] = 0  # nothing was measured
    nearly(load_picture(png(values)), spread(values, 0, 8000), most=1)


def test_thermal_in_hundredths_of_kelvin():
    values = np.round(29315 + RAMP * 800).astype(np.uint16)
    picture = load_picture(png(values))
    nearly(picture, RAMP * 255, most=1.5)
    full = load_picture(png(values), Brightness("full"))
    assert np.array_equal(levels(full), spread(values, 0, 65535)) and np.ptp(levels(full)) < 5


def test_unsigned_values_of_32_bits():
    nearly(load_picture(grey((RAMP * 4e9).astype(np.uint32))), RAMP * 255, most=1.5)


def test_floats_from_0_to_1_have_that_for_their_full_range():
    picture = load_picture(grey((RAMP / 4).astype(np.float32)), "full")
    assert picture.value_range == (0, 1) and levels(picture).max() == 64


def test_tags_of_lowest_and_highest_value_are_believed_where_they_can_be_true():
    values = np.round(RAMP * 900 + 50).astype(np.uint16)
    declared = load_picture(grey(values, tags=[(340, 3, (0,)), (341, 3, (1000,))]))
    assert declared.value_range == (0, 1000) and np.array_equal(levels(declared), spread(values, 0, 1000))
    for tags in ([(280, 3, (0,)), (281, 3, (1,))], [(280, 3, (5,)), (281, 3, (5,))], [(281, 3, (65535,))]):
        nearly(load_picture(grey(values, tags=tags)), RAMP * 255, most=1.5)


def test_tags_that_repeat_what_the_bits_can_hold_say_nothing():
    values = np.round(RAMP * 1023).astype(np.uint16)
    picture = load_picture(grey(values, tags=[(280, 3, (0,)), (281, 3, (65535,))]))
    nearly(picture, RAMP * 255, most=1.5)
    assert "percentiles" in picture.notes[0]


def test_whole_numbers_of_64_bits_are_not_cut_to_32():
    for dtype, low, high in ((np.uint64, 0, 10**12), (np.int64, -(10**12), 10**11)):
        nearly(load_picture(grey((low + RAMP * (high - low)).astype(dtype))), RAMP * 255, most=1.5)


def with_chunk(data, kind, body):
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return data[:33] + chunk + data[33:]


def test_significant_bits_of_a_png():
    low = np.round(RAMP * 2000).astype(np.uint16)
    picture = load_picture(with_chunk(png(low), b"sBIT", b"\x0c"))
    assert picture.value_range == (0, 4095) and np.array_equal(levels(picture), spread(low, 0, 4095))
    # As the standard has it, the bits are the upper ones: then the range is the container's.
    high = np.round(RAMP * 2000).astype(np.uint16) << 4
    assert load_picture(with_chunk(png(high), b"sBIT", b"\x0c")).value_range == (0, 65535)


def test_a_photograph_with_a_profile_keeps_its_range():
    values = np.round(RAMP * 30000 + 2000).astype(np.uint16)
    picture = load_picture(with_chunk(png(values), b"sRGB", b"\0"))
    assert picture.value_range == (0, 65535) and np.array_equal(levels(picture), spread(values, 0, 65535))
    # 12 bits of a detector, saved by a program that writes that mark on everything.
    low = np.round(RAMP * 4095).astype(np.uint16)
    nearly(load_picture(with_chunk(png(low), b"sRGB", b"\0")), RAMP * 255, most=1.5)


def colours(values, format_=".png"):
    return cv2.imencode(format_, np.ascontiguousarray(values[..., ::-1]))[1].tobytes()


@pytest.mark.parametrize("format_", [".png", ".tiff"])
def test_sixteen_bits_of_colour_are_all_used(format_):
    values = np.round(np.stack([RAMP * 4095, RAMP[::-1] * 4095, RAMP * 0 + 1000], -1)).astype(np.uint16)
    picture = load_picture(colours(values, format_))
    expected = np.round(values / 4095 * 255)
    assert np.abs(picture.pixels - expected).max() <= 1 and picture.adjustable
    full = load_picture(colours(values, format_), "full")
    assert np.array_equal(full.pixels, np.round(values / 257)) and full.digest != picture.digest


def test_a_photograph_of_sixteen_bits_and_the_full_range_looks_right():
    values = np.round(np.stack([RAMP * 65535, RAMP.T * 65535, 65535 - RAMP * 65535], -1)).astype(np.uint16)
    assert np.abs(load_picture(colours(values)).pixels - values / 257.0).max() <= 1.5


def test_alpha_of_sixteen_bits_hides_what_is_under_it():
    values = np.full((8, 8, 4), 65535, np.uint16)
    values[..., :3] = np.arange(8)[:, None, None] * 8000
    values[:, :4, 3] = 0
    data = cv2.imencode(".png", values)[1].tobytes()
    pixels = load_picture(data, "full").pixels
    assert (pixels[:, :4] == 255).all() and np.array_equal(pixels[:, 4:, 0], np.round(values[:, 4:, 0] / 257))


@pytest.mark.parametrize("bits", [10, 12, 16, 32])
def test_alpha_is_opaque_where_it_is_all_that_the_bits_can_hold(bits):
    most = 2**bits - 1
    values = np.stack([RAMP * most, RAMP * 0, RAMP * 0, RAMP * 0 + most], -1).astype(np.int64)
    values[:9, :, 3] = most // 2
    rows = values.reshape(64, -1)
    packed = b"".join(pack_bits(row, bits) for row in rows) if bits < 16 else rows.astype(f"u{bits // 8}").tobytes()
    data = tiff(packed, (64, 64), bits, channels=4, photometric=2, tags=[(338, 3, (2,))])
    pixels = load_picture(data, Brightness("range", 0, most)).pixels.astype(int)
    assert np.abs(pixels[9:, :, 0] - RAMP[9:] * 255).max() <= 1 and (pixels[9:, :, 1:] == 0).all()
    assert np.abs(pixels[:9, :, 1:] - 128).max() <= 1


@pytest.mark.parametrize("dtype", [np.uint32, np.float32])
def test_a_fourth_channel_that_is_no_alpha_hides_nothing(dtype):
    most = 4e9 if dtype == np.uint32 else 1
    values = (np.stack([RAMP, RAMP, RAMP, RAMP * 0], -1) * most).astype(dtype)
    kind = 3 if dtype == np.float32 else 1
    made = dict(channels=4, photometric=2, sample_format=kind)
    picture = load_picture(tiff(values.tobytes(), (64, 64), 32, tags=[(338, 3, (0,))], **made))
    assert not any("transparent" in note for note in picture.notes) and np.ptp(levels(picture)) == 255


def test_the_transparent_value_of_a_grey_png_is_laid_on_white():
    values = np.round(RAMP * 4095).astype(np.uint16)
    values[:8] = 4000
    picture = load_picture(with_chunk(png(values), b"tRNS", struct.pack(">H", 4000)))
    assert (levels(picture)[:8] == 255).all() and levels(picture)[8].max() < 60


def test_light_in_floats_gets_the_curve_of_screens():
    light = np.stack([RAMP, RAMP, RAMP], -1).astype(np.float32)
    data = tiff(light.tobytes(), (64, 64), 32, channels=3, photometric=2, sample_format=3)
    picture = load_picture(data, Brightness("range", 0, 1))
    by_hand = np.where(RAMP <= 0.0031308, 12.92 * RAMP, 1.055 * RAMP ** (1 / 2.4) - 0.055) * 255
    assert np.abs(levels(picture) - by_hand).max() <= 0.51
    assert any("sRGB" in note for note in picture.notes)


@pytest.mark.parametrize(
    ("value", "dtype", "expected"),
    [
        *((0, np.uint16, 0), (30000, np.uint16, 117), (65535, np.uint16, 255)),
        *((0.25, np.float32, 64), (1, np.float32, 255), (7, np.float32, 0), (-7, np.int32, 0)),
    ],
)
def test_one_value_alone_is_said_and_white_stays_white(value, dtype, expected):
    picture = load_picture(grey(np.full((9, 9), value, dtype)))
    assert f"all of its values are {value}" in picture.notes[0] and (levels(picture) == expected).all()


def test_a_choice_is_part_of_the_digest_and_without_effect_on_8_bits():
    deep, plain = png(np.round(RAMP * 3000).astype(np.uint16)), png((RAMP * 255).astype(np.uint8))
    choices = ["auto", "full", "0..4095", "100..200"]
    assert len({load_picture(deep, choice).digest for choice in choices}) == 4
    assert len({load_picture(plain, choice).digest for choice in choices}) == 1
    assert not load_picture(plain).adjustable and load_picture(plain).value_range is None


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_a_pil_image_is_read_as_its_file_is(dtype):
    image = Image.fromarray(np.round(RAMP * 4095).astype(dtype))
    assert load_picture(image).digest == load_picture(encode(image, "TIFF")).digest


def test_a_pil_image_of_a_file_whose_white_is_zero_is_turned_round():
    data = grey(np.round(RAMP * 4000).astype(np.uint16), photometric=0)
    with Image.open(io.BytesIO(data)) as image:
        assert load_picture(image).digest == load_picture(data).digest


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize(
    ("low", "high"), [(0, 3e38), (-3.4e38, 3.4e38), (1e-300, 2e-300), (1e38, 3e38), (6999, 7000), (-9, -8)]
)
def test_ranges_far_from_the_values_and_of_any_size(dtype, low, high):
    values = np.round(RAMP * 7000).astype(dtype)
    picture = load_picture(grey(values), Brightness("range", low, high))
    assert np.abs(levels(picture) - spread(values, low, high)).max() <= 1
