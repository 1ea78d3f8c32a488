"""What a loaded model computes for requests: chunk by chunk until all noise samples are in."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.engine.one_pass import compute_chunk, samples_that_fit
from core.engine.run_options import OnProgress, check_progress
from core.engine.sampling import Chunk, SamplingContext, check_requests, check_taps, run_samples
from core.inference.generation import force_answer, generate_answer
from core.inputs.prompt import Given, Prepared, prepare_for
from core.memory.out_of_memory import whole
from core.models.hooks import frozen
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest, ExplainResult
from core.schema.checks import check_instance
from core.schema.model_parts import PARTS, Part, check_part
from core.schema.one_line import one_line


@dataclass(frozen=True, eq=False)
class Runs:
    """Requests to results, by one loaded model. Safe to share between threads: runs take turns.

    What jobs need; people use `core.engine.explainer.Explainer`, which makes the requests. Workers elsewhere do the
    same behind `core.distributed.explainer.DistributedExplainer`.

    Attributes:
        loaded: the model with its processor, of `core.models.loading.load_model`, or of `wrap_model` there for one that
            is in memory already. It is left as it is; `loaded.lock` is held while it runs.
    """

    loaded: LoadedModel

    def __post_init__(self) -> None:
        check_instance("The model of an Explainer", self.loaded, LoadedModel, "a LoadedModel; use from_pretrained")

    def __repr__(self) -> str:
        return one_line(self, *self.loaded.facts)

    @property
    def total_layers(self) -> int:
        """Decoder layers of the model."""
        return len(self.loaded.layers)

    def depth(self, part: Part) -> int:
        """How many layers a part of the model has.

        Args:
            part: "decoder", or "tower" for the blocks of the vision tower.

        Raises:
            InputError: there is no such part.
        """
        return self.loaded.depth(check_part(part))

    def answer_to(
        self,
        pictures: Given,
        request: ExplainRequest,
        *,
        on_progress: OnProgress | None = None,
    ) -> Answer:
        """The answer that a request explains: the model's own, or the sentence it was given.

        Args:
            pictures: the prompt's, in the order of `ExplainRequest.all_images`, or its video.
            request: what is asked; its layers, method and noise do not matter here.
            on_progress: called with each `Progress` of the stage "answer", in tokens; raising from it stops the run.

        Raises: as `explain`.
        """
        check_progress(on_progress)
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare_for(self.loaded, pictures, request)
            return self._answer(prepared, request, on_progress)

    def run(
        self,
        pictures: Given,
        requests: Sequence[ExplainRequest],
        *,
        answer: Answer | None = None,
        so_far: Sequence[ExplainResult | None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> list[ExplainResult]:
        """Computes requests that differ in method, layers, part, tap, target or picture alone, all in one pass.

        Args:
            pictures: the prompt's, in the order of `ExplainRequest.all_images`, or its video.
            requests: at least one.
            answer: one that was generated before; without it, it is generated.
            so_far: for each request, a result of fewer samples to go on from, or None to begin at the first.
                A sample is computed for those requests alone that lack it, and not at all where none does.
            on_progress: as in `explain`; what is shown of a run that grows is the first request's.

        Returns:
            A result of all samples for each request, in their order; timings are those of this call. Begun
            elsewhere, it equals the result computed at once but for rounding to float32.

        Raises:
            InputError: the requests do not share one pass, or what is there so far is of another request,
                answer or grid.
            The rest: as `explain`.
        """
        check_progress(on_progress)
        begun = check_requests(requests, so_far, answer)
        check_taps(requests, self.depth)
        first, loaded = requests[0], self.loaded
        with loaded.lock, frozen(loaded.model):
            prepared = prepare_for(loaded, pictures, first)
            context = self._context(prepared, first, answer, on_progress)

            def compute(asked: list[ExplainRequest], samples: range, tick: Callable[[], None]) -> Chunk:
                return compute_chunk(loaded, prepared, context.answer, asked, samples, tick)

            return run_samples(requests, begun, context, compute, on_progress or (lambda progress: None))

    def _context(
        self, prepared: Prepared, request: ExplainRequest, answer: Answer | None, on_progress: OnProgress | None
    ) -> SamplingContext:
        started = time.perf_counter()
        answer = self._answer(prepared, request, on_progress) if answer is None else answer
        seconds = time.perf_counter() - started
        grids, depths = ({part: of(part) for part in PARTS} for of in (prepared.grids_of, self.depth))
        chunk = samples_that_fit(self.loaded, prepared, answer, request)
        return SamplingContext(answer, grids, depths, chunk, seconds, prepared.seen, prepared.steps)

    def call(self, function: Callable[..., Any], *arguments: Any, on_step: Callable[..., None]) -> Any:
        """`function(self, *arguments, on_step=on_step)`; `core.distributed.explainer` does it elsewhere.

        Args:
            function: takes the `Explainer`, the arguments, and `on_step` by name.
            arguments: what it is called with.
            on_step: handed to the function, which tells it of its steps.

        Returns:
            What the function returns.

        Raises:
            OutOfMemoryError: the device's memory does not suffice for it.
            The rest: as the function.
        """
        check_instance("What is called", function, Callable, "a function")
        check_instance("What hears of steps", on_step, Callable, "a function")
        with whole():
            return function(self, *arguments, on_step=on_step)

    def sampling_context(
        self, pictures: Given, request: ExplainRequest, answer: Answer | None = None
    ) -> SamplingContext:
        """What a run's samples need to know: the answer, generated unless it is given, and the grid.

        Args:
            pictures: as for `run`.
            request: one of those that the run is for.
            answer: one that was generated before; None to generate it.

        Raises: as `explain`.
        """
        check_instance("The answer", answer, Answer | None, "an Answer or None")
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare_for(self.loaded, pictures, request)
            return self._context(prepared, request, answer, None)

    def _answer(self, prepared: Prepared, request: ExplainRequest, on_progress: OnProgress | None) -> Answer:
        if request.target.sentence is not None:
            return force_answer(self.loaded, prepared, request.target.sentence)
        return generate_answer(self.loaded, prepared, request.max_new_tokens, on_progress, request.sampling)
