"""The frames that a video shows at given moments, with as little decoded as can be.

Packets are read in the file's order, and kept undecoded from key frame to key frame: where a further key frame comes
before the next moment, what was kept is dropped. An index takes the file to that key frame at once.
"""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np

from core.errors import VideoError
from core.inputs.videos.film import DAMAGED, Film
from core.inputs.videos.limits import LEAST_DECODED, MAX_DECODED

TOLERANCE = 1e-3
"""Seconds by which a frame may come late and still be the one of a moment: containers round times."""
MOST_KEPT, MOST_KEPT_BYTES = 5000, 64 * 2**20
"""Packets, and bytes of packets, that are kept undecoded."""
MOST_DAMAGED = 50
"""Packets that may fail to be decoded before a video is given up."""


class Walk:
    """One way through a film.

    Attributes:
        decoded: frames that were decoded on it.
        damaged: packets that could not be.
        last: when the last of the frames is shown, in seconds from the first frame; -inf before any is.
    """

    def __init__(self, film: Film) -> None:
        self.film, self.decoded, self.damaged = film, 0, 0
        self._pixels = 0
        self._unit, self.last = float(film.unit), -np.inf
        step = 1 / film.rate if film.rate else 1 / 25
        self._tolerance = min(TOLERANCE, step / 4)
        self._step = step
        # Headers are not exact about when the last frame ends, but one that is cut off ends nowhere.
        self._lasts = 1.01 * step if film.is_cut else max(0.25, 2 * step)

    def frames(self, moments: np.ndarray) -> Iterator[tuple[float, Any]]:
        """Of each moment, in seconds from the first frame and ascending, the frame shown then and its own time.

        It ends early where the film does: the last frame stands for moments shortly behind it alone.

        Raises:
            VideoError: nothing can be decoded, or too much would have to be.
        """
        waiting, held = list(moments[::-1]), None
        for time, frame in self._from(waiting):
            while waiting and held is not None and time > waiting[-1] + self._tolerance:
                waiting.pop()
                yield held
            if not waiting:
                return
            # Before the first frame there is none: it stands for what comes before it, too.
            held = (time, frame)
        while waiting and held is not None and waiting[-1] < held[0] + self._lasts:
            waiting.pop()
            yield held
        if held is None:
            raise VideoError(DAMAGED)

    def _from(self, waiting: list[float]) -> Iterator[tuple[float, Any]]:
        """Frames with their times, at least all of those that decide about what waits; the caller takes from it."""
        context, kept, size, feeds = self.film.stream.codec_context, [], 0, False
        for packet in self._packets(waiting):
            starts = packet.is_keyframe and packet.size > 0
            time = self._time(packet.pts if packet.pts is not None else packet.dts)
            if starts and time is not None and time <= waiting[-1] + self._tolerance:
                if feeds or kept:
                    context.flush_buffers()
                kept, size, feeds = [packet], packet.size, False
                continue
            if not feeds:
                order = self._time(packet.dts) if packet.dts is not None else time
                kept.append(packet)
                size += packet.size
                feeds = (
                    not packet.size  # the end
                    or order is None
                    or order > waiting[-1] + self._tolerance
                    or starts
                    or len(kept) > MOST_KEPT
                    or size > MOST_KEPT_BYTES
                )
                if feeds:
                    for each in kept:
                        yield from self._decode(each)
                    kept, size = [], 0
            else:
                yield from self._decode(packet)

    def _packets(self, waiting: list[float]) -> Iterator[Any]:
        """In the file's order, with leaps to the last key frame before what waits where the index knows one ahead."""
        film, asked = self.film, waiting[-1]
        film.seek(0.0)  # some indices are only read by then
        keys = key_frames(film.stream)
        if self._is_ahead(keys, None, asked):
            self._leap(asked)
        while True:
            for packet in film.container.demux(film.stream):
                if not packet.size and (packet.pts is not None or packet.dts is not None):
                    continue  # a frame left out, as AVI has them; the decoder would take it for the end
                yield packet
                if not waiting:
                    return
                if waiting[-1] != asked:
                    asked = waiting[-1]
                    if self._is_ahead(keys, packet.dts, asked):
                        break
            else:
                return
            self._leap(waiting[-1])

    def _is_ahead(self, keys: np.ndarray, here: int | None, moment: float) -> bool:
        """Whether the index knows a key frame between here (None for the beginning) and the moment."""
        before = np.searchsorted(keys, self._ticks(moment), side="right")
        return before > 0 and keys[before - 1] > (keys[0] if here is None else here)

    def _leap(self, moment: float) -> None:
        """To the last key frame that is shown before the moment."""
        for back in (0.0, 1.0, 5.0, 30.0):
            self.film.seek(moment - back)
            # Some indices go by the order of decoding, in which a key frame comes before those shown before it.
            time = self._first_time()
            if time is None or time <= moment + self._tolerance:
                return self.film.seek(moment - back)
        return self.film.seek(0.0)

    def _first_time(self) -> float | None:
        for packet in self.film.container.demux(self.film.stream):
            return self._time(packet.pts if packet.pts is not None else packet.dts)
        return None

    def _decode(self, packet: Any) -> Iterator[tuple[float, Any]]:
        width, height = self.film.size
        self._pixels += max(width * height, LEAST_DECODED)
        if self._pixels > MAX_DECODED:
            raise VideoError(
                "This video takes too long to be read up to there: few of its frames can be decoded without those "
                "before them. Give an earlier end, or save it as MP4 (H.264) with more key frames."
            )
        try:
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            self.damaged += 1
            if self.damaged > MOST_DAMAGED:
                raise VideoError(DAMAGED) from None
            return
        for frame in frames:
            self.decoded += 1
            time = self._time(frame.pts if frame.pts is not None else frame.dts)
            if time is None:
                time = self.last + self._step if np.isfinite(self.last) else 0.0
            if time > self.last and not frame.is_corrupt:
                self.last = time
                yield time, frame

    def _ticks(self, moment: float) -> int:
        return round((moment + self.film.start) / self._unit)

    def _time(self, ticks: int | None) -> float | None:
        return None if ticks is None else ticks * self._unit - self.film.start


def key_frames(stream: Any) -> np.ndarray:
    """Time stamps of the key frames that a stream's index knows, int64, ascending.

    None where they lie so far apart that FFmpeg would search for minutes: made up, or of no help.
    """
    entries = stream.index_entries
    numbers = [number for number, entry in enumerate(entries) if entry.is_keyframe]
    if not numbers or max(np.diff([*numbers, len(entries)], prepend=0)) > MOST_KEPT:
        return np.zeros(0, np.int64)
    return np.sort(np.array([entries[number].timestamp for number in numbers], np.int64))
