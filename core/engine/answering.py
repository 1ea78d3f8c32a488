"""What the model says, once or several times over: a part of `Explainer`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.engine.interventions import Interventions
from core.engine.run_options import SAMPLING, OnProgress, RunOptions, takes_run_options, without_noise
from core.inference.generation import generate_answer
from core.inputs.pictures import GivenPicture, Picture
from core.inputs.prompt import prepare_for
from core.inputs.videos.loading import VideoSource
from core.inputs.videos.video import Video
from core.models.hooks import frozen
from core.schema import Answer, ExplainRequest, Progress
from core.schema.drawn_answers import DECODING, DrawnAnswer, check_answers, distinct_answers
from core.schema.methods import COMBINED
from core.schema.target import Target

ANSWERING = ("max_new_tokens", *DECODING, "max_pixels", "picture_first", "brightness", "on_progress")
"""Options that say how an answer is asked for."""


@dataclass(frozen=True, eq=False)
class Answering(Interventions):
    """Answers without maps."""

    @takes_run_options((*ANSWERING, *SAMPLING))
    def answer(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: str = "",
        *,
        video: VideoSource | None = None,
        **options: Any,
    ) -> Answer:
        """What the model says, of pictures or of a video: by default the likeliest token each time (greedy decoding).

        Args:
            options: see `core.engine.run_options.RunOptions`.
            The rest: as `Explainer.explain`.

        Raises:
            InputError: the picture, the video or the prompt cannot be used.
        """
        given = without_noise(**options)
        pictures = given.loaded(image, video)
        return self.answer_to(pictures, self._asking(pictures, prompt, given), on_progress=given.on_progress)

    @takes_run_options((*ANSWERING, *SAMPLING), temperature=1.0)
    def answers(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: str = "",
        *,
        n: int = 5,
        video: VideoSource | None = None,
        **options: Any,
    ) -> tuple[DrawnAnswer, ...]:
        """Several answers to one question, drawn by chance; those that read the same are counted as one.

        Args:
            n: how many are drawn, with the seeds answer_seed, answer_seed + 1, ... Each is what `answer` gives with its
                seed.
            options: as of `answer`; by default a temperature of 1, at which answers come as often as the model finds
                them likely.
            The rest: as `Explainer.explain`.

        Returns:
            The one said most often first.

        Raises:
            InputError: all would be the same, since the temperature is 0; or as `answer`.
        """
        given = without_noise(**options)
        pictures = given.loaded(image, video)
        return self._answers(pictures, self._asking(pictures, prompt, given), n, given.on_progress)

    def _answers(
        self, pictures: tuple[Picture, ...] | Video, request: ExplainRequest, n: int, on_progress: OnProgress | None
    ) -> tuple[DrawnAnswer, ...]:
        """The distinct answers to a request, drawn with `n` seeds from its own on; the inputs are made ready once."""
        drawn = request.temperature, request.top_p, request.answer_seed
        seeds = check_answers(n, *drawn, request.target.sentence)
        if request.target.sentence is not None:
            return distinct_answers({request.answer_seed: self.answer_to(pictures, request, on_progress=on_progress)})
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare_for(self.loaded, pictures, request)
            return distinct_answers(
                {
                    seed: generate_answer(
                        self.loaded,
                        prepared,
                        request.max_new_tokens,
                        _of_several(on_progress, number, n) if on_progress else None,
                        replace(request, answer_seed=seed).decoding,
                    )
                    for number, seed in enumerate(seeds)
                }
            )

    def _asking(self, pictures: tuple[Picture, ...] | Video, prompt: str, options: RunOptions) -> ExplainRequest:
        """A request that stands for its answer alone."""
        return options.request(
            pictures,
            prompt=prompt,
            model=self.loaded.fingerprint,
            layers=(),
            method=COMBINED,
            target=Target.answer(),
        )


def _of_several(on_progress: OnProgress, number: int, n: int) -> Callable[[Progress], None]:
    """Hears of one answer, and tells of all `n`."""
    return lambda step: on_progress(replace(step, done=number * step.total + step.done, total=n * step.total))
