"""Picture files named on the command line."""

import argparse
from pathlib import Path

from core.errors import ImageError
from core.inputs.brightness import Brightness
from core.inputs.pictures import Picture, load_picture


def add_brightness(parser: argparse.ArgumentParser) -> None:
    """The option that says how values of more than 8 bits are shown."""
    parser.add_argument(
        "--brightness",
        default="auto",
        metavar="auto|full|percentiles|LOW..HIGH",
        help="of pictures with more than 8 bits a channel: what becomes black and white, such as 0..4095",
    )


def read(path: str, brightness: Brightness) -> Picture:
    """The picture in a file; what was done to it is printed.

    Raises:
        ImageError: it cannot be used; the message says which file.
    """
    name = Path(path).name
    try:
        picture = load_picture(path, brightness)
    except ImageError as error:
        raise (error if name in str(error) else ImageError(f"{name}: {error}")) from None
    for note in picture.notes:
        print(f"{name}: {note}")
    return picture
