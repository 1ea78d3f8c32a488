"""Files of several frames, cut at every byte: the first frame's very pixels, or one sentence."""

import pytest

from core.errors import ImageError
from core.inputs.pictures import load_picture
from tests.core.inputs.damage import whole_files

SEVERAL = ["gif animated", "webp animated", "tiff pages", "apng", "mpo", "avif animated"]
FIRST_ALONE = ["png rgb", "png palette", "gif", "webp", "webp lossless", "bmp", "tiff lzw", "avif", "jpeg", "mpo"]


def read_at_every_byte(data):
    """(length, picture or None) of the file cut everywhere."""
    for length in range(1, len(data)):
        try:
            yield length, load_picture(data[:length])
        except ImageError:
            yield length, None


def available(names):
    return [name for name in names if name in whole_files()]


@pytest.mark.parametrize("name", available(SEVERAL))
def test_of_a_cut_animation_the_first_frame_is_used_or_nothing(name):
    data = whole_files()[name]
    whole = load_picture(data)
    cut = list(read_at_every_byte(data))
    read = [(length, picture) for length, picture in cut if picture is not None]
    assert cut[0][1] is None
    for length, picture in read:
        assert (picture.pixels == whole.pixels).all(), f"other pixels, cut at {length}"
        assert any("frames" in note or "pages" in note or "cut off" in note for note in picture.notes), length
    # The first frame is whole long before the file is: some of the cut ones can be used.
    if name != "avif animated":
        assert len(read) > len(data) / 4


@pytest.mark.parametrize("name", available(FIRST_ALONE))
def test_a_file_cut_in_its_pixels_is_never_half_a_picture(name):
    whole = load_picture(whole_files()[name])
    cut = list(read_at_every_byte(whole_files()[name]))
    assert sum(picture is None for _, picture in cut) > 20
    for length, picture in cut:
        assert picture is None or picture.digest == whole.digest, f"other pixels, cut at {length}"
