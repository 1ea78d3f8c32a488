"""The command line's options that say in which colours maps are drawn: those of the pages, unless others are named."""

import argparse

from core.rendering.look import COLORMAP_NAMES, DEFAULT_COLORMAP, OPACITY, Look


def add_look(parser: argparse.ArgumentParser) -> None:
    """Adds them."""
    parser.add_argument(
        "--colormap",
        choices=COLORMAP_NAMES,
        default=DEFAULT_COLORMAP,
        help="colours of the heat; the original's figures: --colormap jet --opacity 0.3 --even",
    )
    parser.add_argument("--opacity", type=_share, default=OPACITY, help="of the hottest place, from 0 to 1")
    parser.add_argument(
        "--even", action="store_true", help="one opacity everywhere, as a veil; else it falls with the heat"
    )


def chosen_look(options: argparse.Namespace) -> Look:
    """What they say."""
    return Look(options.colormap, options.opacity, options.even)


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return value
