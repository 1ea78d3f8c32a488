"""What FFmpeg would make room for is found wherever it stands in the file."""

import io
import struct

import pytest

from core.errors import VideoError
from core.inputs.videos.loading import load_video
from core.inputs.videos.sample_tables import is_made_up, top_boxes
from tests.core.inputs.videos.films import film
from tests.some import some

_MANY = 50_000_000


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, name) + body


SIZES = box(b"stsz", struct.pack(">III", 0, 1, _MANY))
RUNS = box(b"stts", struct.pack(">IIII", 0, 1, _MANY, 1))


def nested(data: bytes, *names: bytes) -> bytes:
    for name in reversed(names):
        data = box(name, data)
    return data


def within_track(extra: bytes) -> bytes:
    """A good film, at the end of whose first track stands something more."""
    data = film()
    trak = data.index(b"trak") - 4
    moov = data.index(b"moov") - 4
    end = trak + struct.unpack_from(">I", data, trak)[0]
    grown = bytearray(data[:end] + extra + data[end:])
    for at in (trak, moov):
        struct.pack_into(">I", grown, at, struct.unpack_from(">I", grown, at)[0] + len(extra))
    return bytes(grown)


BAD = {
    "at the top": SIZES,
    "a track outside of moov": nested(SIZES, b"trak", b"mdia", b"minf", b"stbl"),
    "moov in a free box": nested(SIZES, b"free", b"trak", b"mdia", b"minf", b"stbl"),
    "packed sizes": nested(box(b"stz2", struct.pack(">III", 0, 4, _MANY)), b"moov", b"trak"),
    **{f"in {name.decode()}": within_track(box(name, SIZES)) for name in (b"edts", b"dinf", b"udta", b"wave", b"sinf")},
    "in meta of MP4": within_track(box(b"meta", b"\0\0\0\0" + SIZES)),
    "in meta of MOV": within_track(box(b"meta", RUNS)),
}


@pytest.mark.parametrize("name", BAD)
def test_tables_are_found_where_ffmpeg_finds_them(name):
    assert is_made_up(io.BytesIO(BAD[name]))


def test_no_decoder_is_asked_about_them():
    with pytest.raises(VideoError, match="damaged"):
        load_video(within_track(box(b"udta", SIZES)))


def test_tracks_may_not_claim_the_same_bytes_each():
    size = 200_000
    one = nested(box(b"stsz", struct.pack(">III", 0, 1, size)), b"trak", b"mdia", b"minf", b"stbl")
    filling = box(b"free", bytes(size))
    assert not is_made_up(io.BytesIO(filling + box(b"moov", one)))
    assert is_made_up(io.BytesIO(filling + box(b"moov", 2 * one)))


def test_an_edit_list_may_not_repeat_a_track_without_end():
    def edited(count: int) -> bytes:
        return box(b"elst", struct.pack(">II", 0, count) + count * struct.pack(">iiI", 2000, 0, 65536))

    assert not is_made_up(io.BytesIO(within_track(edited(8))))
    sizes = nested(box(b"stsz", struct.pack(">III", 0, 1, 20_000)), b"trak")
    assert is_made_up(io.BytesIO(box(b"free", bytes(20_000)) + box(b"moov", sizes + edited(1000))))


def test_good_films_are_not_taken_for_made_up():
    told = box(b"udta", box(b"\xa9nam", b"\0\x0a\x15\xc7an elephant's trunk"))
    for data in some(
        [film(), film("mov"), film(with_audio=True), within_track(told), film(muxer=(("movflags", "frag_keyframe"),))]
    ):
        assert not is_made_up(io.BytesIO(data))
        assert {kind for kind, _, _ in top_boxes(io.BytesIO(data), len(data))} >= {b"moov", b"mdat"}
