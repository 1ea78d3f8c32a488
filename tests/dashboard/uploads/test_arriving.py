"""A body on its way is counted as it comes."""

import asyncio

import pytest

from dashboard.uploads.arriving import Arriving
from dashboard.uploads.room import MB, Limits, UploadRefused, UploadRoom
from tests.loops import run

LIMITS = Limits(single=3 * MB, per_visitor=8 * MB, in_all=40 * MB)


def of(*pieces: bytes):
    """What ASGI gives: these, and then nothing more."""
    waiting = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]

    async def receive():
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()

    return receive


def test_what_comes_takes_room_and_gives_it_back():
    room = UploadRoom(LIMITS, dict)

    async def all_of_it() -> int:
        body = Arriving(room, "ada", of(b"x" * MB, b"x" * MB))
        body.announce("10")  # fewer than come
        came = sum([len((await body.receive())["body"]) for _ in range(2)])
        assert room._on_their_way["ada"] >= 2 * MB
        body.end()
        body.end()
        return came

    assert run(all_of_it()) == 2 * MB and not room._on_their_way


@pytest.mark.parametrize(("most", "status"), [(None, 413), (MB, 413), (7 * MB, 200)])
def test_how_much_one_body_may_hold(most, status):
    room = UploadRoom(LIMITS, dict)

    async def all_of_it() -> int:
        body = Arriving(room, "ada", of(*[b"x" * MB] * 5), most=most)
        try:
            for _ in range(5):
                await body.receive()
        except UploadRefused as refused:
            return refused.status
        finally:
            body.end()
        return 200

    assert run(all_of_it()) == status and not room._on_their_way


def test_a_body_that_stops_is_given_up():
    async def one_piece_and_no_more() -> None:
        body = Arriving(UploadRoom(LIMITS, dict), "ada", of(b"x"), stalled=0.01)
        await body.receive()
        await body.receive()

    with pytest.raises(UploadRefused, match="stopped on its way") as refused:
        run(one_piece_and_no_more())
    assert refused.value.status == 408
