"""Picture files named on the command line."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from core.errors import ImageError
from core.inputs.brightness import Brightness
from core.inputs.documents.pdf import READABLE, split_name
from core.inputs.pictures import Picture, load_picture
from core.inputs.videos.video import Video
from core.models.visual_token_count import OFF, USUAL_BUDGET, pixel_budget, seen_sizes, usual_max_pixels
from core.schema import MAX_PICTURES


def add_pictures(parser: argparse.ArgumentParser, more: str = "") -> None:
    """The option that names the files.

    Args:
        more: said of them besides, at the end of the help.
    """
    parser.add_argument(
        "--image_path",
        "--image-path",
        required=True,
        nargs="+",
        action="extend",
        metavar="PICTURE",
        help=f"the picture, or up to {MAX_PICTURES} of one prompt{more}",
    )


def add_brightness(parser: argparse.ArgumentParser) -> None:
    """The option that says how values of more than 8 bits are shown."""
    parser.add_argument(
        "--brightness",
        default="auto",
        metavar="auto|full|percentiles|LOW..HIGH",
        help="of pictures with more than 8 bits a channel: what becomes black and white, such as 0..4095",
    )


def add_page(parser: argparse.ArgumentParser) -> None:
    """The option that says which page of a PDF is asked about."""
    parser.add_argument(
        "--page",
        type=int,
        default=1,
        metavar="NUMBER",
        help="of PDF documents: the page that is the picture, from 1; FILE.pdf#page=NUMBER says it of one file alone",
    )


def add_max_pixels(parser: argparse.ArgumentParser) -> None:
    """The option that says how large a model may see a picture; see `max_pixels_for`."""
    parser.add_argument(
        "--max_pixels",
        "--max-pixels",
        type=pixel_budget,
        metavar="PIXELS|off",
        help="pixel budget of the image processor for each picture; off: its own "
        f"(default: what keeps all of them, or a video's time steps, to {USUAL_BUDGET:,} visual tokens, where they "
        "have more)",
    )


def max_pixels_for(given: int | str | None, pictures: Sequence[Picture | Video], folder: Path) -> int | None:
    """The pixel budget of a run about these pictures, or of each frame of one video; None for the model's own.

    Args:
        given: what `add_max_pixels` reads.
        folder: of the model.
    """
    if given is None:
        frames = len(pictures[0]) if isinstance(pictures[0], Video) else 0
        return usual_max_pixels([picture.size for picture in pictures], folder, frames=frames)
    return None if given == OFF else given


def say_print(pictures: Sequence[Picture], folder: Path, max_pixels: int | None) -> None:
    """Says where a document's print gets too small to be read, at the size at which the model sees its page."""
    seen = seen_sizes([picture.size for picture in pictures], folder, max_pixels)
    for picture, (width, _) in zip(pictures, seen or (), strict=False):
        size = picture.print_size * width / picture.size[0]
        if 0 < size < READABLE and width < picture.size[0]:
            print(
                f"Small print of page {picture.page} is {size:.0f} pixels high then, which is hard to read. "
                f"--max_pixels {OFF} shows the page in full."
            )


def read(path: str, brightness: Brightness, page: int = 1) -> Picture:
    """The picture in a file; what was done to it is printed.

    Args:
        page: of a PDF, unless its name ends with another.

    Raises:
        ImageError: it cannot be used; the message says which file.
    """
    path, named = (path, None) if os.path.exists(path) else split_name(path)
    name = Path(path).name
    try:
        picture = load_picture(path, brightness, page if named is None else named)
    except ImageError as error:
        raise (error if name in str(error) else ImageError(f"{name}: {error}")) from None
    for note in picture.notes:
        print(f"{name}: {note}")
    return picture
