"""A picture of a question: its file lies elsewhere, and its pixels are decoded when they are needed."""

import gc
import io
from weakref import ref

import numpy as np
import pytest
from PIL import Image

from core import Brightness, ImageError, Picture, load_picture
from dashboard.jobs import pictures as module
from dashboard.jobs.decoded import PixelCache
from dashboard.jobs.pictures import (
    PREVIEW,
    ChosenPicture,
    expected_picture,
    joint_name,
    read_picture,
    store_picture,
    stored_picture,
)


@pytest.fixture
def decoded(monkeypatch) -> PixelCache:
    """The decoded pictures of this test: none is kept."""
    kept = PixelCache(0)
    monkeypatch.setattr(module, "decoded", lambda: kept)
    return kept


@pytest.fixture
def deep() -> bytes:
    """A picture of 16 bits a channel."""
    values = np.linspace(1000, 5000, 60 * 40).reshape(40, 60)
    file = io.BytesIO()
    Image.fromarray(values.astype(np.uint16)).save(file, "PNG")
    return file.getvalue()


def test_one_picture_keeps_its_name_and_several_are_counted():
    assert joint_name(["a.png"]) == "a.png"
    assert joint_name(["a.png", "b.png"]) == "2 pictures: a.png, b.png"


def test_a_picture_must_be_the_one_that_is_expected(chosen, pictures):
    assert expected_picture(chosen.data, chosen.digest, "").size == (84, 56)
    with pytest.raises(ImageError, match="It is another one."):
        expected_picture(pictures[1].data, chosen.digest, "It is another one.")


def test_a_preview_is_made_once_and_no_larger_than_pages_need(chosen):
    large = ChosenPicture("", b"", Picture(np.zeros((1760, 880, 3), np.uint8), "a digest of its own"))
    assert large.preview.shape == (PREVIEW, PREVIEW // 2, 3) and large.preview is large.preview


@pytest.mark.parametrize("side", [100, 1200])
def test_a_chosen_picture_holds_no_decoded_pixels(decoded, side):
    file = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(file, "PNG")
    picture = load_picture(file.getvalue())
    chosen = ChosenPicture("a.png", file.getvalue(), picture)
    held = ref(picture.pixels)
    del picture
    gc.collect()
    assert held() is None
    assert chosen.size == (side, side) and chosen.reading.notes == () and max(chosen.preview.shape) <= PREVIEW
    assert chosen.picture.pixels.shape == (side, side, 3)


def test_what_pages_show_needs_no_decoding_once_the_file_was_read(chosen, monkeypatch, decoded):
    given = read_picture("a.png", lambda: chosen.data, "upload-1")
    monkeypatch.setattr(module, "load_picture", lambda *_: pytest.fail("it was decoded again"))
    monkeypatch.setattr(module, "as_it_was", lambda *_: pytest.fail("it was decoded again"))
    assert (given.name, given.digest, given.upload) == ("a.png", chosen.digest, "upload-1")
    assert given.size == (84, 56) and given.preview.shape == (56, 84, 3) and given.reading.notes == ()


def test_a_stored_picture_is_read_when_needed_and_let_go(chosen, storage, monkeypatch, decoded):
    stored = stored_picture("a.png", chosen.digest, storage)
    with pytest.raises(ImageError, match="no longer stored on this server"):
        _ = stored.picture
    storage.pictures.put(chosen.digest, chosen.data)
    read, get = [], storage.pictures.get
    monkeypatch.setattr(storage.pictures, "get", lambda digest: read.append(digest) or get(digest))
    assert np.array_equal(stored.picture.pixels, chosen.picture.pixels) and len(read) == 1
    assert stored.picture.digest == chosen.digest and len(read) == 2
    assert stored.size == (84, 56) and stored.size == (84, 56) and len(read) == 3
    kept = PixelCache(10**6)
    monkeypatch.setattr(module, "previews", lambda: kept)
    assert stored.preview.shape == (56, 84, 3) and stored.preview is stored.preview and len(read) == 4


def test_pixels_that_were_needed_lately_are_not_decoded_again(chosen, storage, monkeypatch):
    kept, read, get = PixelCache(10**6), [], storage.pictures.get
    monkeypatch.setattr(module, "decoded", lambda: kept)
    storage.pictures.put(chosen.digest, chosen.data)
    monkeypatch.setattr(storage.pictures, "get", lambda digest: read.append(digest) or get(digest))
    first, second = (stored_picture(name, chosen.digest, storage) for name in ("a.png", "b.png"))
    assert first.picture is second.picture and len(read) == 1


def test_a_damaged_picture_is_said(pictures, chosen, storage, monkeypatch, decoded):
    monkeypatch.setattr(storage.pictures, "get", lambda digest: pictures[1].data)
    with pytest.raises(ImageError, match="The stored picture is damaged"):
        _ = stored_picture("a.png", chosen.digest, storage).picture


def test_what_is_said_of_a_file_is_not_what_is_said_of_another_one_with_the_same_pixels(deep):
    picture = read_picture("deep.png", lambda: deep)
    plain = read_picture("plain.png", lambda: module.as_png(picture.picture))
    again = ChosenPicture("plain.png", plain.file, plain.digest).checked()
    assert plain.digest == picture.digest
    assert picture.reading.adjustable and picture.reading.notes
    assert (plain.reading, again.reading) == (module.Reading((), False, None),) * 2


def test_a_chosen_brightness_is_in_the_pixels_and_in_the_file_that_is_kept(deep, storage, decoded):
    plain = read_picture("deep.png", lambda: deep)
    windowed = read_picture("deep.png", lambda: deep, brightness=Brightness("range", 2000, 3000))
    assert plain.data == deep and windowed.digest != plain.digest
    assert windowed.reading.value_range == (2000, 3000)
    stored = store_picture(windowed, storage)
    assert storage.pictures.get(windowed.digest) == windowed.data != deep
    assert stored.is_stored and np.array_equal(stored.picture.pixels, windowed.picture.pixels)
    assert not stored.checked().reading.adjustable  # whoever reads it needs no choice


def test_a_choice_without_effect_keeps_the_file(chosen, storage, decoded):
    same = read_picture("a.png", lambda: chosen.data, brightness=Brightness("full"))
    assert same.digest == chosen.digest and same.data == chosen.data


def test_a_stored_file_that_was_damaged_is_replaced_and_a_sound_one_is_left(chosen, storage, monkeypatch):
    storage.pictures.put(chosen.digest, b"damaged")
    stored = store_picture(chosen, storage)
    assert storage.pictures.get(chosen.digest) == chosen.data and stored.name == chosen.name
    monkeypatch.setattr(storage.pictures, "put", lambda *_: pytest.fail("it was written again"))
    store_picture(chosen, storage)
    assert store_picture(stored, storage) is stored


def test_a_file_that_is_gone_is_said():
    def gone() -> bytes:
        raise ImageError("The uploaded file is no longer on the server.")

    with pytest.raises(ImageError, match="no longer on the server"):
        read_picture("a.png", gone)


def test_a_picture_that_an_earlier_version_stored_is_found(storage, decoded):
    # 12 of 16 bits: earlier versions spread 0 to 65535, which is nearly black.
    values = np.linspace(0, 4095, 60 * 40).reshape(40, 60).astype(np.uint16)
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG")
    former = np.repeat(np.round(values / 65535 * 255).astype(np.uint8)[:, :, None], 3, 2)
    digest = load_picture(Image.fromarray(former)).digest
    assert digest != load_picture(file.getvalue()).digest
    storage.pictures.put(digest, file.getvalue())
    assert np.array_equal(stored_picture("scan.png", digest, storage).checked().picture.pixels, former)
