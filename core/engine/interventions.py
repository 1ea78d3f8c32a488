"""What is taken away from a question before it is asked again, in plain arguments: a part of `Explainer`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.analysis.regions import Region
from core.engine.asked import Prompt, read_asked
from core.engine.run_options import ASKING, RunOptions, takes_run_options, without_noise
from core.engine.runs import Runs
from core.errors import InputError
from core.inputs.pictures import GivenPicture, Picture
from core.inputs.videos.video import Video
from core.interventions.asking_again import OnStep, unheard
from core.interventions.reliance import reliance
from core.interventions.reliance_report import Reliance
from core.interventions.removal import Cell, Removal
from core.interventions.report import FILLS, WhatIf
from core.interventions.what_if import what_if
from core.schema import ExplainRequest
from core.schema.checks import check_instance
from core.schema.methods import COMBINED
from core.schema.target import Target


@dataclass(frozen=True, eq=False, repr=False)
class Interventions(Runs):
    """Questions asked again without something."""

    @takes_run_options(ASKING)
    def what_if(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        region: Region | None = None,
        cells: Sequence[Cell] = (),
        keep: bool = False,
        picture: int = 0,
        fills: Sequence[str] = FILLS,
        sentence: str | None = None,
        on_step: OnStep = unheard,
        **asking: Any,
    ) -> WhatIf:
        """What the model says without a part of a picture, or with nothing but that part.

        Args:
            region: the part, in coordinates of the picture; or
            cells: the part as (row, column) of the map's cells, from 0. Either region or cells are given.
            keep: False takes the part away; True takes away everything else.
            picture: which of the prompt's pictures, from 0; the others stay as they are.
            fills: what stands in the place of what is removed, one or more of "blur", "mean" and "noise"; the model is
                asked once with each.
            sentence: followed in place of what the model says; None for its own answer.
            on_step: called as `on_step(what, done, total)`: what is done now, and how many steps of all are done.
            asking: see `core.engine.run_options.RunOptions`; the seed is that of the fill of noise.

        Returns:
            The answer with each fill beside the old one, and the old one's tokens with their probabilities before and
            after.

        Raises:
            InputError: no part is given, or it is nothing or all of the picture; a fill is unknown; the question is
                about a video.
            The rest: as `explain`.
        """
        check_instance("What hears of steps", on_step, Callable, "a function")
        pictures, request = self._asked(image, prompt, Target.answer(sentence=sentence), without_noise(**asking))
        return what_if(self, pictures, request, Removal(region, cells, keep, picture), fills, on_step=on_step)

    @takes_run_options(ASKING)
    def reliance(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        fills: Sequence[str] = FILLS,
        sentence: str | None = None,
        on_step: OnStep = unheard,
        **asking: Any,
    ) -> Reliance:
        """What each token of the answer rests on: the picture, the question, or the answer so far.

        Args:
            fills: what stands in the picture's place, as in `what_if`.
            sentence: followed in place of what the model says; None for its own answer.
            on_step: as in `what_if`.

        Returns:
            By how much each token's log-probability falls, in nats, without the picture, the question, or the answer
            before it; `Reliance.words` has the same for whole words.

        Raises: as `what_if`, and `core.interventions.reliance.reliance`.
        """
        check_instance("What hears of steps", on_step, Callable, "a function")
        pictures, request = self._asked(image, prompt, Target.answer(sentence=sentence), without_noise(**asking))
        return reliance(self, pictures, request, fills, on_step=on_step)

    def _asked(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None,
        prompt: Prompt,
        target: Target | str | None,
        options: RunOptions,
    ) -> tuple[tuple[Picture, ...], ExplainRequest]:
        """The pictures, and the request for the combined map, which has no layers."""
        asked = None if isinstance(image, Video) else read_asked(image, prompt, options)
        if asked is None or isinstance(asked.pictures, Video):
            raise InputError("This reads pictures, and a video was given. Give some of its frames as pictures.")
        request = asked.options.request(
            asked.pictures,
            prompt=asked.prompt,
            model=self.loaded.fingerprint,
            layers=(),
            method=COMBINED,
            target=Target.of(target),
        )
        return asked.pictures, request
