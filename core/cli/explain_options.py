"""The options of the command line that explains."""

import argparse

from core.cli import conversation_arguments, look_options, model_arguments, picture_files, video_files
from core.cli.explaining import paper_figures, questions_asked
from core.cli.terminal.command_parser import CommandParser
from core.schema.layers import LAYER_CHOICES
from core.schema.methods import DEFAULT_METHOD, METHODS
from core.schema.model_parts import PARTS
from core.schema.target import DEFAULT_SCORE, SCORES

MODES = ("single", "grid", "multi", "comparative", "combined")
FILMS = ("mp4", "webm", "webp", "none")
TARGETS = ("answer", "thought", "all")


def build_parser() -> argparse.ArgumentParser:
    """The options. Hyphens and underscores are the same in every name."""
    parser = CommandParser(
        prog="python -m core explain",
        description="Where in a picture a vision-language model's answer comes from, layer by layer.",
    )
    picture_files.add_pictures(
        parser,
        ", each of which gets its maps; or one video, a film or a folder of frames; also without the option's name, "
        "directly after explain",
    )
    parser.add_argument(
        "--each", action="store_true", help="ask about each of these by itself, however many, in one load of the model"
    )
    video_files.add_sampling(parser)
    parser.add_argument("--film", choices=FILMS, default="mp4", help="of a video: as what the asked map is drawn")
    parser.add_argument(
        "--picture_after",
        "--picture-after",
        action="store_true",
        help="the picture stands after the prompt, where its activations know the question; default: before it",
    )
    questions_asked.add_prompts(parser)
    conversation_arguments.add_conversation(parser)
    parser.add_argument("--mode", choices=MODES, default="grid", help="what to draw")
    parser.add_argument("--layer", type=int, default=-1, help="the layer of mode single; -1 is the last")
    parser.add_argument("--layers", type=int, nargs="+", help="the layers of modes multi and grid")
    parser.add_argument("--layer_range", "--layer-range", choices=LAYER_CHOICES, default="auto", help="for mode grid")
    parser.add_argument("--num_samples", "--num-samples", type=int, default=10, help="SmoothGrad samples")
    parser.add_argument(
        "--noise_std", "--noise-std", type=float, default=0.15, help="noise, in normalised pixel values"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the noise")
    parser.add_argument("--method", default=DEFAULT_METHOD, help=f"one of: {', '.join(METHODS)}")
    parser.add_argument(
        "--target",
        choices=TARGETS,
        default=TARGETS[0],
        help="of a model that thinks aloud: explain its answer, its thought, or all of both",
    )
    parser.add_argument("--words", help="explain this phrase of the answer")
    parser.add_argument("--occurrence", type=int, default=1, help="which occurrence of the phrase, from 1")
    parser.add_argument("--tokens", type=int, nargs="+", help="explain answer tokens: the first, and one past the last")
    parser.add_argument("--position", type=int, help="explain why this answer token, and not ...")
    parser.add_argument("--instead", help="... this text")
    parser.add_argument("--text", help="explain this sentence instead of what the model says")
    parser.add_argument("--score", choices=list(SCORES), default=DEFAULT_SCORE, help="what is summed over the tokens")
    parser.add_argument("--part", choices=list(PARTS), default="decoder", help="what the layers are of")
    parser.add_argument("--tap", choices=("input", "output"), default="input", help="side of a layer that is read")
    parser.add_argument(
        "--hide_sinks",
        "--hide-sinks",
        action="store_true",
        help="draw visual tokens with massive activations in one of these layers as their neighbours; numbers stay",
    )
    parser.add_argument(
        "--prompt_words",
        "--prompt-words",
        action="store_true",
        help="tell, too, how much of the heat lies on the prompt's own words, the picture and the answer so far",
    )
    parser.add_argument("--max_new_tokens", "--max-new-tokens", type=int, default=128, help="longest answer, in tokens")
    _add_sampling(parser)
    look_options.add_look(parser)
    picture_files.add_max_pixels(parser)
    picture_files.add_brightness(parser)
    picture_files.add_page(parser)
    parser.add_argument("--output_dir", "--output-dir", default="cam_results", help="where files go")
    paper_figures.add_options(parser)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object a result, in a line, and all else on standard error"
    )
    model_arguments.add_model(parser)
    return parser


def _add_sampling(parser: argparse.ArgumentParser) -> None:
    """How the answer is drawn."""
    parser.add_argument(
        "--temperature",
        type=float,
        default=0.0,
        help="draw the answer's tokens by chance, at this temperature; 0 takes the likeliest token each time",
    )
    parser.add_argument(
        "--top_p",
        "--top-p",
        type=float,
        default=1.0,
        help="draw from the likeliest tokens that have this probability together",
    )
    parser.add_argument("--answer_seed", "--answer-seed", type=int, default=0, help="seed by which the answer is drawn")
    parser.add_argument("--answers", type=int, default=1, help="draw so many, with that seed and those after it")
