"""What would be sampled of a video and how much that is, before its frames are decoded."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import VideoError
from core.inputs.videos import animations, stills
from core.inputs.videos.clips import is_clip_source
from core.inputs.videos.film import DAMAGED, Film
from core.inputs.videos.loading import File, VideoSource, given_as, load_video, notes_of, opened_file
from core.inputs.videos.pixels import look_of, smaller
from core.inputs.videos.sampling import Sampling
from core.inputs.videos.schedule import schedule_of
from core.inputs.videos.video import Video
from core.inputs.videos.walk import Walk
from core.schema.one_line import one_line


@dataclass(frozen=True, eq=False)
class VideoPlan:
    """What `load_video` would give for the same arguments.

    Attributes:
        duration: seconds that the whole video lasts.
        full_size: (width, height) of a frame as players show it.
        size: (width, height) at which each frame would be read.
        times: float64 [frames], seconds at which frames would be sampled; where frames do not come at an even rate,
            each is the one that is shown then.
        notes: what would be done to the file, one sentence each.
    """

    duration: float
    full_size: tuple[int, int]
    size: tuple[int, int]
    times: np.ndarray
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return one_line(self, self.sentence.removesuffix("."))

    @property
    def frames(self) -> int:
        """How many frames would be sampled."""
        return len(self.times)

    @property
    def pixels(self) -> int:
        """Of all sampled frames together."""
        return self.frames * self.size[0] * self.size[1]

    @property
    def memory(self) -> int:
        """Bytes that the frames would take."""
        return 3 * self.pixels

    @property
    def sentence(self) -> str:
        """What would be sampled, for people."""
        width, height = self.size
        if self.frames == 1:
            return f"Of {clock(self.duration)}, one frame of {width} x {height} pixels would be sampled."
        every = (self.times[-1] - self.times[0]) / (self.frames - 1)
        return (
            f"Of {clock(self.duration)}, {self.frames} frames of {width} x {height} pixels would be sampled, one every "
            f"{every:.3g} s: {self.pixels / 1e6:.3g} megapixels in all."
        )


def plan_video(
    source: VideoSource,
    *,
    fps: float | None = None,
    count: int | None = None,
    start: float | None = None,
    end: float | None = None,
) -> VideoPlan:
    """What `load_video` would sample, from a file's header and its first frame; its packets are read, undecoded, only
    where the header does not say how long it lasts.

    Args:
        source, fps, count, start, end: as those of `load_video`.

    Raises:
        VideoError: as `load_video`, as far as it can be told by then.
    """
    sampling = Sampling(fps, count, start, end)
    if isinstance(source, Video):
        if not sampling.is_default:
            raise VideoError("A Video is sampled already. Leave out fps, count, start and end.")
        return VideoPlan(source.duration, source.size, source.size, source.times, source.notes)
    given = given_as(source)
    if isinstance(given, bytes | Path) and is_clip_source(given):
        return plan_video(load_video(given, fps=fps, count=count, start=start, end=end))
    if isinstance(given, bytes | Path):
        with opened_file(given) as file:
            return _of_file(file, sampling)
    chosen = stills.stills_of(given, sampling)
    full = stills.size_of_first(chosen)
    return VideoPlan(chosen.duration, full, smaller(full, len(chosen.chosen)), chosen.times, chosen.notes)


def clock(seconds: float) -> str:
    """A duration for people: "2 h 0 min", "1 min 5 s" or "4.2 s"."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _of_file(file: File, sampling: Sampling) -> VideoPlan:
    if isinstance(file, Film):
        schedule = schedule_of(file, sampling)
        first = next(Walk(file).frames(np.zeros(1)), None)
        if first is None:
            raise VideoError(DAMAGED)
        look, number = look_of(first[1], file.stream.sample_aspect_ratio), len(schedule.moments)
        notes = notes_of(file, schedule, look)
        return VideoPlan(schedule.duration, look.full, look.read_at(number), schedule.moments, notes)
    numbers, times = animations.chosen(file, sampling)
    size = smaller(file.size, len(numbers))
    return VideoPlan(file.duration, file.size, size, times, animations.notes_of(file, len(numbers)))
