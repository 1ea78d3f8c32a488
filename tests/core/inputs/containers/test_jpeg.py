"""JPEG: how often its pixels are gone over, which no size of a file tells."""

import pytest
from PIL import Image

from core import ImageError, load_picture
from core.inputs.containers.jpeg import first_frame
from core.inputs.stored import as_it_was
from tests.conftest import encode, gradient_picture

SCAN = b"\xff\xda"


def many_scans(size, count, before_end=b""):
    """A progressive JPEG whose last scan, a few bytes, is there once more so many times."""
    data = encode(Image.new("L", size, 100), "JPEG", progressive=True)
    last = data[data.rindex(SCAN) : -2]
    return data[:-2] + before_end + last * count + b"\xff\xd9"


@pytest.mark.parametrize("before_end", [b"", b"\xff\xc4\x00\x04\xff\xd9"], ids=["plain", "an end within a table"])
def test_a_small_file_of_many_scans_is_refused_before_it_is_decoded(monkeypatch, before_end):
    data = many_scans((2000, 2000), 1000, before_end)
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("it was decoded"))
    assert len(data) < 50_000
    for read in (load_picture, lambda data: as_it_was(data, "0" * 64)):
        with pytest.raises(ImageError, match="so many passes"):
            read(data)


def test_some_more_scans_than_usual_are_read():
    assert load_picture(many_scans((200, 100), 100)).size == (200, 100)


def test_the_scans_of_further_pictures_do_not_count(monkeypatch):
    picture = gradient_picture(100, 100)
    monkeypatch.setattr("core.inputs.containers.jpeg._MOST_OF_SCANS", 15 * 100 * 100)
    several = encode(picture, "MPO", save_all=True, append_images=[picture] * 5, progressive=True)
    assert several.count(SCAN) > 15 and first_frame(several).frames == 6
