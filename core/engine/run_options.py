"""The options that `Explainer.explain` and `Explainer.explain_words` share: named, explained and checked once."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, signature
from typing import Any

from core.errors import InputError
from core.inputs.brightness import AUTO, Brightness
from core.inputs.documents.pdf import check_page
from core.inputs.pictures import GivenPicture, Picture, check_brightness, load_pictures
from core.inputs.videos.loading import VideoSource, load_video
from core.inputs.videos.video import Video
from core.schema import ExplainRequest, Progress
from core.schema.checks import check_instance
from core.schema.conversation import Conversation, Turn, turns_of, with_system
from core.schema.drawn_answers import TOKEN_SAMPLING
from core.schema.layers import select_layers
from core.schema.model_parts import Part, check_part

OnProgress = Callable[[Progress], None]


class UnknownArgument(InputError, TypeError):
    """An argument of a name that a method does not have; a TypeError as well, as Python raises one."""


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a run can be told besides its pictures, prompt, methods and target.

    Attributes:
        layers: see `core.schema.layers.select_layers`; for methods with a map for each layer.
        part: "tower" for maps of the vision tower's blocks, a cell for each patch; `layers` are then blocks.
        num_samples, noise_std, seed: SmoothGrad's noise samples, their noise in normalised pixel values and its seed.
        max_new_tokens: longest answer.
        temperature, top_p, answer_seed: how the answer is drawn; see `core.schema.drawn_answers.TokenSampling`. At a
            temperature of 0 it is the likeliest token each time.
        max_pixels: pixel budget of the image processor for each picture; None for its own, which may be a large one.
            Pages and the command line fill in `core.models.visual_token_count.usual_max_pixels`.
        picture_first: whether the pictures stand before the prompt.
        system: what the model is told first, in the place of what its chat template tells it.
        conversation: what was said before the question, each a `core.Turn`; its pictures are the first of those given.
        brightness: of pictures with more than 8 bits a channel, given as files or PIL images: what of their values
            becomes black and white; also as `Brightness.parse` reads it, such as "0..4095".
        page: of a PDF document, which page is the picture, from 1.
        fps, count, start, end: which frames of a video are sampled; see `core.inputs.videos.loading.load_video`.
        on_progress: called with each `Progress`; raising from it (`Cancelled`) stops the run.
    """

    layers: str | int | Iterable[int] = "all"
    part: Part = "decoder"
    num_samples: int = 10
    noise_std: float = 0.15
    seed: int = 0
    max_new_tokens: int = 128
    temperature: float = 0.0
    top_p: float = 1.0
    answer_seed: int = 0
    max_pixels: int | None = None
    picture_first: bool = True
    system: str | None = None
    conversation: Sequence[Turn] = ()
    brightness: Brightness | str = AUTO
    page: int = 1
    fps: float | None = None
    count: int | None = None
    start: float | None = None
    end: float | None = None
    on_progress: OnProgress | None = None

    def __post_init__(self) -> None:
        check_progress(self.on_progress)

    def selected_layers(self, depth: Callable[[Part], int]) -> tuple[int, ...]:
        """The layers in numbers, for a model whose parts have this depth.

        Raises:
            InputError: there is no such part or layer.
        """
        return select_layers(self.layers, depth(check_part(self.part)), self.part)

    @property
    def turns(self) -> Conversation:
        """What was said before the question, the system's first.

        Raises:
            InputError, PromptError: something of it cannot be used.
        """
        return with_system(self.system, turns_of(self.conversation))

    def loaded(
        self, image: GivenPicture | Sequence[GivenPicture] | None, video: VideoSource | None
    ) -> tuple[Picture, ...] | Video:
        """What is asked about: pictures, or a video.

        Raises:
            InputError: neither is given, or both; frames are to be sampled of pictures; or it cannot be read.
        """
        return given_inputs(image, video, self.brightness, self.page, self.fps, self.count, self.start, self.end)

    def request(self, pictures: Sequence[Picture] | Video, **given: Any) -> ExplainRequest:
        """The request about the first picture, or about the video.

        Args:
            given: what else the request holds: prompt, model, layers, method, target.

        Raises:
            InputError: something given cannot be used.
        """
        is_video = isinstance(pictures, Video)
        digests = (pictures.digest,) if is_video else tuple(picture.digest for picture in pictures)
        return ExplainRequest(
            image=digests[0],
            images=digests if len(digests) > 1 else (),
            num_samples=self.num_samples,
            noise_std=self.noise_std,
            seed=self.seed,
            max_new_tokens=self.max_new_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            answer_seed=self.answer_seed,
            max_pixels=self.max_pixels,
            picture_first=self.picture_first,
            conversation=self.turns,
            frames=len(pictures) if is_video else 0,
            **given,
        )


def given_inputs(
    image: GivenPicture | Sequence[GivenPicture] | None,
    video: VideoSource | None,
    brightness: Brightness | str,
    page: int,
    fps: float | None,
    count: int | None,
    start: float | None,
    end: float | None,
) -> tuple[Picture, ...] | Video:
    """See `RunOptions.loaded`."""
    sampling = dict(zip(SAMPLING, (fps, count, start, end), strict=True))
    if video is not None and image is not None:
        raise InputError("A prompt holds one video, or pictures, not both. Ask about each on its own.")
    if video is not None and check_page(page) != 1:
        raise InputError("A page is chosen of a PDF document, and a video was given. Leave page out.")
    if video is not None:
        check_brightness(brightness)  # of no effect on a video, and yet no typing error should pass
        return load_video(video, **sampling)
    if image is None:
        raise InputError("No picture was given, and no video. Give one of them.")
    if isinstance(image, Video):
        raise InputError("This is a video, not a picture. Give it as video=.")
    chosen = [name for name, value in sampling.items() if value is not None]
    if chosen:
        raise InputError(f"{', '.join(chosen)} choose frames of a video, and a picture was given. Leave them out.")
    return load_pictures(image, brightness, page)


def check_progress(on_progress: Any) -> None:
    """Refuses what cannot be told of progress.

    Raises:
        InputError: it is neither None nor a function.
    """
    check_instance("on_progress", on_progress, Callable | None, "a function of one argument, or None")


def without_noise(**options: Any) -> RunOptions:
    """Options of a run without noise."""
    return RunOptions(num_samples=1, noise_std=0.0, **options)


ASKING = (
    *("seed", "max_new_tokens", *TOKEN_SAMPLING, "max_pixels", "picture_first", "system", "conversation"),
    *("brightness", "page"),
)
"""Options that say how a question is asked, and the seed of whatever is drawn by chance."""
SAMPLING = ("fps", "count", "start", "end")
"""Options that say which frames of a video are sampled."""
OF_PICTURES = tuple(option.name for option in fields(RunOptions) if option.name not in SAMPLING)
"""Options of what takes pictures alone."""


def takes_run_options(
    only: Collection[str] | None = None, **defaults: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """For a method that takes `**options`: they are `RunOptions`, and its signature shows them by name.

    Args:
        only: the options that it takes; None for all of them.
        defaults: where the method's differ from those of `RunOptions`.
    """

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        own = [each for each in signature(method).parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
        shared = [
            Parameter(
                option.name,
                Parameter.KEYWORD_ONLY,
                default=defaults.get(option.name, option.default),
                annotation=option.type,
            )
            for option in fields(RunOptions)
            if only is None or option.name in only
        ]
        shown = signature(method).replace(parameters=[*own, *shared])

        @wraps(method)
        def checked(*arguments: Any, **options: Any) -> Any:
            unknown = sorted(options.keys() - shown.parameters.keys())
            if unknown:
                known = ", ".join(name for name in shown.parameters if name != "self")
                raise UnknownArgument(f"{method.__name__}() takes no argument {', '.join(unknown)}. It takes: {known}.")
            return method(*arguments, **defaults | options)

        checked.__signature__ = shown
        return checked

    return decorate
