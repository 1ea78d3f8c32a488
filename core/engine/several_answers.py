"""Several answers to one question, drawn by chance, and the maps of each: a part of `Explainer`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.engine.asked import Prompt
from core.engine.interventions import Interventions
from core.engine.run_options import SAMPLING, OnProgress, takes_run_options
from core.explanation.explanation import Explanation
from core.inputs.pictures import GivenPicture
from core.inputs.videos.loading import VideoSource
from core.schema import Answer, Progress, Tap
from core.schema.drawn_answers import TOKEN_SAMPLING, DrawnAnswer, check_answers, distinct_answers
from core.schema.target import Target

ANSWERING = (
    *("max_new_tokens", *TOKEN_SAMPLING, "max_pixels", "picture_first", "system", "conversation"),
    *("brightness", "page", "on_progress"),
)
"""Options that say how an answer is asked for."""


@dataclass(frozen=True, eq=False, repr=False)
class SeveralAnswers(Interventions):
    """One question answered several times over."""

    def answer(self, *asked: Any, **options: Any) -> Answer:
        """See `Explainer.answer`."""
        raise NotImplementedError

    def explain(self, *asked: Any, **options: Any) -> Explanation:
        """See `Explainer.explain`."""
        raise NotImplementedError

    @takes_run_options((*ANSWERING, *SAMPLING), temperature=1.0)
    def answers(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        n: int = 5,
        video: VideoSource | None = None,
        **options: Any,
    ) -> tuple[DrawnAnswer, ...]:
        """Several answers to one question, drawn by chance; those that read the same are counted as one.

        Args:
            n: how many are drawn, with the seeds answer_seed, answer_seed + 1, ... Each is what `answer` gives with its
                seed.
            options: see `core.engine.run_options.RunOptions`; by default a temperature of 1, at which answers come as
                often as the model finds them likely.
            The rest: as `explain`.

        Returns:
            The one said most often first.

        Raises:
            InputError: all would be the same, since the temperature is 0; or as `answer`.
        """
        heard = options.pop("on_progress", None)
        seeds = check_answers(n, *_sampling(options))
        asked = {"video": video, **options}
        return distinct_answers(
            {
                seed: self.answer(
                    image, prompt, **asked | {"answer_seed": seed, "on_progress": _of_several(heard, number, n)}
                )
                for number, seed in enumerate(seeds)
            }
        )

    @takes_run_options(temperature=1.0)
    def explain_answers(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        n: int = 5,
        video: VideoSource | None = None,
        method: str | Iterable[str] | None = None,
        tap: Tap = "input",
        target: Target | str | None = None,
        **options: Any,
    ) -> dict[DrawnAnswer, Explanation]:
        """Maps of several answers to one question, each explained by itself.

        Args:
            n, temperature, top_p, answer_seed: as of `answers`.
            target: of every answer.
            The rest: as `explain`.

        Returns:
            Drawn answer -> its explanation, the very one that `explain` gives with the answer's first seed; in the
            order of `answers`.

        Raises:
            InputError: a sentence of one's own is to be explained, or not every answer has what the target names; or as
                `explain` and `answers`.
        """
        target = Target.of(target)
        check_answers(n, *_sampling(options), target.sentence)
        answering = {name: value for name, value in options.items() if name in (*ANSWERING, *SAMPLING)}
        found = self.answers(image, prompt, n=n, video=video, **answering)
        for each in found:
            target.indices(each.answer)  # before anything is computed
        asked = {"video": video, "method": method, "tap": tap, "target": target, **options}
        return {
            each: self.explain(image, prompt, **asked | {"answer_seed": each.seeds[0], "answer": each.answer})
            for each in found
        }


def _sampling(options: dict[str, Any]) -> tuple[Any, Any, Any]:
    return options["temperature"], options.get("top_p", 1.0), options.get("answer_seed", 0)


def _of_several(on_progress: OnProgress | None, number: int, n: int) -> Callable[[Progress], None] | None:
    """Hears of one answer, and tells of all `n`."""
    if not callable(on_progress):
        return on_progress
    return lambda step: on_progress(replace(step, done=number * step.total + step.done, total=n * step.total))
