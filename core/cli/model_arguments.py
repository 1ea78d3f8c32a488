"""The command line's options that say which model is meant and how it is loaded."""

import argparse

from core.models.checkpoints import EMBEDDED
from core.models.options import PLACEMENTS, QUANTISATIONS, model_options, split_options, with_options


def add_model(parser: argparse.ArgumentParser) -> None:
    """Adds them."""
    parser.add_argument(
        "--model_path",
        "--model-path",
        "--model",
        metavar="MODEL",
        help="folder or hub id, maybe with options as in NAME;4bit (default: the embedded model)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--quantisation", choices=QUANTISATIONS, help="round the model's weights to so many bits")
    parser.add_argument(
        "--device_map",
        "--device-map",
        metavar="MAP",
        help=f"where its layers lie: {', '.join(PLACEMENTS)}, or a .json file of modules and devices",
    )
    parser.add_argument("--adapter", metavar="FOLDER", help="folder of an adapter that is merged into it")


def chosen_model(options: argparse.Namespace) -> str | None:
    """The model's name with all of its options; None for the embedded one.

    Raises:
        ModelError: an option cannot be used.
    """
    given = model_options(options.quantisation, options.device_map, options.adapter)
    if options.model_path is None:
        return with_options(EMBEDDED, given) if given else None
    name, own = split_options(options.model_path)
    return with_options(name, own.joined(given))
