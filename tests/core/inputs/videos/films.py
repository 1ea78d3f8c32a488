"""Small video files, made by PyAV: frame i is a flat grey of level 8 + 4 i (mod 240), so that it can be read off."""

import functools
import io
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np

SIZE = (64, 48)


def level(number: int) -> int:
    """The grey of a frame."""
    return 8 + 4 * number % 240


def grey(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """uint8 [height, width, 3]."""
    return np.full((size[1], size[0], 3), level(number), np.uint8)


@functools.cache
def film(
    container: str = "mp4",
    codec: str = "libx264",
    *,
    frames: int = 20,
    rate: int = 10,
    size: tuple[int, int] = SIZE,
    pix_fmt: str = "yuv420p",
    options: tuple[tuple[str, str], ...] = (("g", "5"),),
    stamps: tuple[int, ...] | None = None,
    turned: int = 0,
    picture: Callable[..., np.ndarray] = grey,
    pixel: str = "rgb24",
    aspect: str = "",
    muxer: tuple[tuple[str, str], ...] = (),
    with_audio: bool = False,
    file_format: str = "",
) -> bytes:
    """A file's bytes.

    Args:
        stamps: of each frame, in units of 1 / `rate` seconds; one after the other where nothing is said.
        turned: degrees, counter-clockwise.
        picture: number and size -> the pixels of a frame.
    """
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=dict(muxer)) as out:
        stream = out.add_stream(codec, rate=rate, options=dict(options))
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        if aspect:
            stream.codec_context.sample_aspect_ratio = Fraction(aspect)
        if turned:
            stream.set_display_rotation(turned)
        sound = (
            out.add_stream("aac" if container in ("mp4", "mov", "avi") else "libopus", rate=48000)
            if with_audio
            else None
        )
        if sound is not None:
            for packet in _silence(sound, frames / rate):
                out.mux(packet)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number, size), format=pixel)
            frame.pts = stamps[number] if stamps else number
            frame.time_base = Fraction(1, rate)
            for packet in stream.encode(frame):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    return file.getvalue()


def _silence(sound, seconds: float):
    for at in range(int(seconds * 48000 / 960)):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = 48000, at * 960
        yield from sound.encode(frame)
    yield from sound.encode()
