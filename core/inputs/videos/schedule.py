"""At which moments of a video file frames are sampled: by its header, or by its packets where that is not enough."""

from dataclasses import dataclass

import numpy as np

from core.errors import VideoError
from core.inputs.videos.film import DAMAGED, Film
from core.inputs.videos.limits import MAX_SECONDS
from core.inputs.videos.sampling import Sampling, moments, notes_of_number

_MOST_PACKETS = 10_000_000


@dataclass(frozen=True, eq=False)
class Schedule:
    """When frames are sampled.

    Attributes:
        moments: float64, seconds from the first frame, ascending.
        duration: seconds that the whole video lasts.
        notes: for people, one sentence each.
    """

    moments: np.ndarray
    duration: float
    notes: tuple[str, ...] = ()


def schedule_of(film: Film, sampling: Sampling, by_packets: bool = False) -> Schedule:
    """
    Args:
        by_packets: what the header says is not to be believed.

    Raises:
        VideoError: what is asked for lies beyond the video, or is too much.
    """
    duration, frames, times = film.duration, film.frames, None
    if by_packets or duration is None or frames is None:
        times = _packet_times(film)
        duration, frames = _until(times, film), len(times)
    start, end = sampling.span_of(duration)
    share = (end - start) / duration
    number = sampling.how_many(end - start, max(1, round(frames * share)))
    if number >= round(frames * share):
        # Every frame: those that are there, by their own times.
        times = _packet_times(film) if times is None else times
        # A frame that begins before the span may still be shown in it.
        within = times[(times >= start - 1e-3) & (times < end - 1e-6)]
        if not len(within):
            within = np.array([start])
        if len(within) <= max(number, 4):
            return Schedule(within, duration, notes_of_number(len(within)))
        number = min(number, len(within))
    return Schedule(moments(start, end, number), duration, notes_of_number(number))


def _packet_times(film: Film) -> np.ndarray:
    """When each frame is shown, in seconds from the first, ascending: told by the packets, of which none is decoded."""
    ticks = []
    film.seek(0.0)
    for packet in film.container.demux(film.stream):
        stamp = packet.pts if packet.pts is not None else packet.dts
        if stamp is not None and packet.size and not packet.is_discard:
            ticks.append(stamp)
        if len(ticks) > _MOST_PACKETS:
            raise VideoError("This video has too many frames. Cut it, and use the part that you ask about.")
    if not ticks:
        raise VideoError(DAMAGED)
    times = np.unique(np.array(ticks, np.int64)) * float(film.unit) - film.start
    times = times[times >= -1e-3]
    if not len(times):
        raise VideoError(DAMAGED)
    if times[-1] > MAX_SECONDS:
        most = MAX_SECONDS // 3600
        raise VideoError(f"This video is longer than {most} hours. Cut it, and use the part that you ask about.")
    return np.maximum(times, 0)


def _until(times: np.ndarray, film: Film) -> float:
    if len(times) > 1:
        return float(times[-1] + np.median(np.diff(times)))
    return 1 / film.rate if film.rate else 0.04
