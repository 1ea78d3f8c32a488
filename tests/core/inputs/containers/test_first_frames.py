"""What each container hands on: the first frame's pixels, and no metadata."""

import io

import numpy as np
import pytest
from PIL import Image

from core.inputs.containers import avif, bmp, gif, jpeg, png, tiff, webp
from core.inputs.containers.directory import ORIENTATION
from core.inputs.containers.first_frame import Broken
from tests.core.inputs.damage import whole_files
from tests.core.inputs.tiffs import page, pages

FIRST = {
    "png": png.first_frame,
    "apng": png.first_frame,
    "jpeg": jpeg.first_frame,
    "mpo": jpeg.first_frame,
    "webp": webp.first_frame,
    "gif": gif.first_frame,
    "tiff": lambda data: next(tiff.pages(data)),
    "bmp": bmp.first_frame,
    "dib": bmp.first_frame,
    "avif": avif.first_frame,
}
PILLOW_REFUSES = {"tiff of two", "tiff white is zero"}
SEVERAL = {"apng", "mpo", "webp animated", "gif animated", "tiff pages"}


def first_of(name):
    data = whole_files()[name]
    return data, FIRST[name.split()[0]](data)


@pytest.mark.parametrize("name", sorted(whole_files().keys() - PILLOW_REFUSES))
def test_what_is_handed_on_has_the_same_pixels_and_one_frame(name):
    data, frame = first_of(name)
    assert frame.frames == (3 if name in SEVERAL else 1) and frame.is_whole and frame.number == 1
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(frame.data)) as after:
        turned = frame.orientation >= 5 and before.format == "TIFF"  # Pillow turns it by itself
        assert frame.size in (None, before.size[::-1] if turned else before.size)
        if "avif" not in name:
            assert getattr(after, "n_frames", 1) == 1 and ORIENTATION not in after.getexif()
        if not turned:
            assert np.array_equal(np.asarray(before.convert("RGBA")), np.asarray(after.convert("RGBA")))


@pytest.mark.parametrize(("name", "orientation"), [("png rgb", 6), ("jpeg", 6), ("webp", 6), ("tiff", 6), ("mpo", 3)])
def test_the_orientation_is_read(name, orientation):
    assert first_of(name)[1].orientation == orientation


@pytest.mark.parametrize(
    "name", ["png rgb", "jpeg", "webp", "tiff", "mpo", *(["avif"] if "avif" in whole_files() else [])]
)
def test_no_metadata_is_left(name):
    data, frame = first_of(name)
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(frame.data)) as after:
        assert before.getexif().get(0x010F) == "Camera" and after.getexif().get(0x010F) is None


def test_a_page_keeps_its_place_and_the_file_its_length():
    data, frame = first_of("tiff")
    changed = [at for at, (one, other) in enumerate(zip(data, frame.data, strict=True)) if one != other]
    start = int.from_bytes(data[4:8], "little")
    assert changed and all(at >= start for at in changed)


def test_pages_without_a_size_are_passed_over():
    several = [page(bytes(600), (30, 20), 8, without=(256,)), page(bytes(600), (30, 20), 8)]
    assert [(each.number, each.frames) for each in tiff.pages(pages(several))] == [(2, 2)]


def test_a_frame_of_a_gif_that_leaves_the_screen_counts_for_its_size():
    data = bytearray(whole_files()["gif"])
    data[6:10] = b"\5\0\5\0"
    assert gif.first_frame(bytes(data)).size == (24, 16)


@pytest.mark.parametrize("name", sorted(FIRST.keys() - {"avif"}))  # of which only the decoder knows
def test_a_head_alone_is_broken(name):
    data = whole_files()[next(each for each in whole_files() if each.split()[0] == name)][:12]
    with pytest.raises(Broken):
        FIRST[name](data)


@pytest.mark.parametrize(
    ("module", "cap", "name"),
    [
        (png, "_MOST_CHUNKS", "png rgb"),
        (jpeg, "_MOST_SEGMENTS", "jpeg"),
        (webp, "_MOST_CHUNKS", "webp"),
        (gif, "_MOST_BLOCKS", "gif"),
    ],
    ids=["chunks of a PNG", "segments of a JPEG", "chunks of a WebP", "blocks of a GIF"],
)
def test_a_file_of_endless_small_parts_is_given_up(monkeypatch, module, cap, name):
    monkeypatch.setattr(module, cap, 1)
    with pytest.raises(Broken):
        module.first_frame(whole_files()[name])


def test_blocks_after_the_first_frame_cost_their_count_alone(monkeypatch):
    data = whole_files()["gif animated"]
    monkeypatch.setattr(gif, "_MOST_BLOCKS", 12)
    frame = gif.first_frame(data)
    assert frame.frames < 3 and not frame.is_whole


def test_no_more_pages_are_looked_at_than_make_sense(monkeypatch):
    nothing, good = page(bytes(600), (30, 20), 8, without=(256,)), page(bytes(600), (30, 20), 8)
    data = pages([nothing, nothing, good])
    assert [each.number for each in tiff.pages(data)] == [3]
    monkeypatch.setattr(tiff, "MOST_LOOKED_AT", 2)
    assert list(tiff.pages(data)) == []
