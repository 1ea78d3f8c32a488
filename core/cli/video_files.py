"""A video named on the command line: which file is one, and what would be sampled of it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import InputError, VideoError
from core.inputs.videos.clips import is_clip
from core.inputs.videos.kinds import FILM_KINDS, HEAD, kind_of
from core.inputs.videos.loading import load_video
from core.inputs.videos.plan import plan_video
from core.inputs.videos.video import Video


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """The options that say which frames of a video are shown to the model."""
    parser.add_argument("--fps", type=float, help="of a video: frames sampled a second (default: 2, at most 64 in all)")
    parser.add_argument("--frames", type=int, help="of a video: how many frames are sampled, instead of --fps")
    parser.add_argument("--start", type=float, metavar="SECONDS", help="of a video: what lies before is left out")
    parser.add_argument("--end", type=float, metavar="SECONDS", help="of a video: what lies after is left out")


def video_among(paths: Sequence[str], options: argparse.Namespace) -> Path | None:
    """The one video of a prompt: a film by its content, or a folder of frames; None where these are pictures.

    An animated GIF or WebP is a picture, unless an option says how it is sampled.

    Raises:
        InputError: a video is beside something else, or a picture is to be sampled.
    """
    is_sampled = any(each is not None for each in (options.fps, options.frames, options.start, options.end))
    videos = [path for path in paths if _is_video(Path(path), is_sampled)]
    if videos and len(paths) > 1:
        raise InputError("A prompt holds one video, or pictures, not both. Ask about each on its own.")
    if is_sampled and not videos:
        raise InputError(f"{Path(paths[0]).name} is no video: --fps, --frames, --start and --end are for videos.")
    return Path(videos[0]) if videos else None


def read_sampled(path: Path, options: argparse.Namespace) -> Video:
    """The sampled frames; what is sampled, and at what cost, is said on standard error before any is decoded.

    Raises:
        VideoError: it cannot be read; the message says which file.
    """
    asked = {"fps": options.fps, "count": options.frames, "start": options.start, "end": options.end}
    try:
        plan = plan_video(path, **asked)
        print(f"{path.name}: {plan.sentence} They take {plan.memory / 2**20:,.3g} MB of memory.", file=sys.stderr)
        for note in plan.notes:
            print(f"{path.name}: {note}", file=sys.stderr)
        return load_video(path, **asked)
    except VideoError as error:
        raise (error if path.name in str(error) else VideoError(f"{path.name}: {error}")) from None


def _is_video(path: Path, is_sampled: bool) -> bool:
    try:
        if path.is_dir():
            return True
        with path.open("rb") as file:
            head = file.read(HEAD)
        return is_clip(head) or kind_of(head) in (*FILM_KINDS, *(("GIF", "WEBP") if is_sampled else ()))
    except (VideoError, OSError, ValueError):
        return False  # whoever reads it as a picture says what is wrong
