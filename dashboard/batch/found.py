"""What a row of a batch names: a picture, a page of a document, or a video sampled in some way. No Streamlit here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core import InputError
from core.inputs.documents.pdf import count_pages, is_pdf, page_name
from core.inputs.videos.sampling import Sampling


@dataclass(frozen=True)
class Found:
    """What there is of it.

    Attributes:
        image: digest of its pixels, or of its sampled frames.
        path: its file, on the command line.
        frames: how many are sampled where it is a video, else 0.
        page: of a document, from 1.
        sampling: of a video.
    """

    image: str = ""
    path: Path | None = None
    frames: int = 0
    page: int = 1
    sampling: Sampling = Sampling()


Find = Callable[[str, Sampling], Found]
"""The name of a picture, or a video, and what its row says of sampling -> what there is of it; raises `ExplainError`
where there is none."""


def only_videos(sampling: Sampling) -> None:
    """Refuses what says how a video is sampled, of a picture.

    Raises:
        InputError: something is said.
    """
    if not sampling.is_default:
        raise InputError("The columns fps, frames, start and end are for videos, and this is a picture.")


def names_of_pages(name: str, data: bytes) -> list[str]:
    """The names under which a file is asked about: of a document of several pages one for each.

    Raises:
        ImageError: it is a document that cannot be read.
    """
    count = count_pages(data) if is_pdf(data) else 1
    return [page_name(name, page) for page in range(1, count + 1)] if count > 1 else [name]
