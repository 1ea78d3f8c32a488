"""The public `Explainer`: answer once, then chunk by chunk until all noise samples are in."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.engine.one_pass import compute_chunk, samples_that_fit
from core.engine.run_options import OnProgress, RunOptions, check_progress, takes_run_options
from core.engine.sampling import Chunk, SamplingContext, check_requests, check_taps, run_samples
from core.engine.second_try import tried_twice
from core.errors import InputError
from core.inference.generation import force_answer, generate_answer
from core.inputs.brightness import AUTO, Brightness
from core.inputs.pictures import GivenPicture, Picture, load_pictures
from core.inputs.prompt import Prepared, prepare, prepare_for
from core.memory.out_of_memory import whole
from core.models.checkpoints import ModelCard
from core.models.hooks import frozen
from core.models.loading import LoadedModel, load_model
from core.models.options import Quantisation, model_options
from core.schema import Answer, ExplainRequest, ExplainResult, Tap, gather
from core.schema.checks import check_instance, check_list
from core.schema.methods import COMBINED, DEFAULT_METHOD, METHODS, check_method
from core.schema.model_parts import PARTS, Part, check_part
from core.schema.request import check_answering
from core.schema.target import DEFAULT_SCORE, Score, Target
from core.schema.words import Word, is_punctuation, said_words


@dataclass(frozen=True, eq=False)
class Explainer:
    """Explains the answers of one loaded model. Safe to share between threads: runs take turns."""

    loaded: LoadedModel

    @classmethod
    def from_pretrained(
        cls,
        model: str | Path | ModelCard | None = None,
        device: str = "auto",
        *,
        quantisation: Quantisation | None = None,
        device_map: str | Path | Mapping[str, int | str] | None = None,
        adapter: str | Path | None = None,
        on_progress: OnProgress | None = None,
    ) -> "Explainer":
        """Loads a folder, a hub id or, with None, the embedded checkpoint; see `tried_twice` for failures that pass.

        Args:
            device: where it is computed; see `core.models.checkpoints.describe_model`.
            quantisation, device_map, adapter: see `core.models.options.ModelOptions`. What follows the model's name,
                as in "NAME;4bit", says the same; not used with a card.
            on_progress: hears in bytes how far a model of the hub is fetched; what it raises stops that.

        Raises:
            ModelError: it cannot be loaded; the message says why.
        """
        check_progress(on_progress)
        options = model_options(quantisation, device_map, adapter)
        return cls(tried_twice(lambda: load_model(model, device, options, on_progress=on_progress)))

    @property
    def total_layers(self) -> int:
        """Decoder layers of the model."""
        return len(self.loaded.layers)

    def depth(self, part: Part) -> int:
        """How many layers a part of the model has."""
        return self.loaded.depth(check_part(part))

    def answer(
        self,
        image: GivenPicture | Sequence[GivenPicture],
        prompt: str,
        *,
        max_new_tokens: int = 128,
        max_pixels: int | None = None,
        picture_first: bool = True,
        brightness: Brightness | str = AUTO,
        on_progress: OnProgress | None = None,
    ) -> Answer:
        """What the model says (greedy decoding).

        Raises:
            InputError: the picture or the prompt cannot be used.
        """
        check_answering(max_new_tokens, max_pixels, picture_first)
        check_progress(on_progress)
        pictures = load_pictures(image, brightness)
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare(self.loaded, pictures, prompt, max_pixels, picture_first)
            return generate_answer(self.loaded, prepared, max_new_tokens, on_progress)

    @takes_run_options()
    def explain(
        self,
        image: GivenPicture | Sequence[GivenPicture],
        prompt: str,
        *,
        method: str | Iterable[str] | None = None,
        tap: Tap = "input",
        target: Target | None = None,
        **options: Any,
    ) -> ExplainResult:
        """Where in the picture the answer comes from, at every layer asked for.

        Args:
            image: a picture, the bytes of a file, or its path; or several, for one prompt about all of them.
            prompt: the question.
            method: a name of `core.METHODS`, or several; None for the default. All of one pass cost about
                what one costs.
            tap: the side of a layer that is read, "input" or "output".
            target: what is explained; None for the whole answer.
            options: see `core.engine.run_options.RunOptions`.

        Returns:
            The first method's result, with the others and the combined map as `companions`. Of several
            pictures the first one's, with those of all of them as `pictures`.

        Raises:
            InputError: something given cannot be used; the message says what and why.
            OutOfMemoryError: not even one sample fits on the device.
        """
        run_options = RunOptions(**options)
        pictures = load_pictures(image, run_options.brightness)
        named = DEFAULT_METHOD if method is None else method
        names = [named] if isinstance(named, str) else check_list("Methods", named, len(METHODS))
        if not names:
            raise InputError(f"No method was chosen. Choose one or more of: {', '.join(METHODS)}.")
        layers, model = run_options.selected_layers(self.depth), self.loaded.fingerprint
        combined = run_options.request(
            pictures,
            prompt=prompt,
            model=model,
            layers=(),
            method=COMBINED,
            target=Target.answer() if target is None else target,
        )
        requests = [
            replace(combined.with_method(name, layers), tap=tap, part=run_options.part)
            for name in dict.fromkeys(map(check_method, names))
        ]
        together = [*requests, *{combined} - set(requests)]
        return self._run_all(pictures, [together], None, run_options.on_progress)[0]

    @takes_run_options(num_samples=1, noise_std=0.0)
    def explain_words(
        self,
        image: GivenPicture | Sequence[GivenPicture],
        prompt: str,
        *,
        method: str = COMBINED,
        score: Score = DEFAULT_SCORE,
        sentence: str | None = None,
        **options: Any,
    ) -> dict[Word, ExplainResult]:
        """A map for each word of the answer, from one forward pass and one backward pass a word.

        Args:
            method: a name of `core.METHODS`.
            score: what is summed over a word's tokens, see `core.schema.target.SCORES`.
            sentence: explained in place of what the model says.
            options: see `core.engine.run_options.RunOptions`; by default one sample without noise.
            The rest: as `explain`.

        Returns:
            Word -> the result for its tokens, in the order of the answer; punctuation is left out.

        Raises: as `explain`.
        """
        run_options = RunOptions(**options)
        pictures = load_pictures(image, run_options.brightness)
        part = check_part(run_options.part)
        request = run_options.request(
            pictures,
            prompt=prompt,
            model=self.loaded.fingerprint,
            layers=run_options.selected_layers(self.depth) if METHODS[check_method(method)].per_layer else (),
            method=method,
            part=part,
            target=Target.answer(score=score, sentence=sentence),
        )
        answer = self.answer_to(pictures, request, on_progress=run_options.on_progress)
        words = [word for word in said_words(answer) if not is_punctuation(word)]
        if not words:
            return {}
        groups = [[request.for_word(word)] for word in words]
        results = self._run_all(pictures, groups, answer, run_options.on_progress)
        return dict(zip(words, results, strict=True))

    def _run_all(
        self,
        pictures: tuple[Picture, ...],
        groups: Sequence[Sequence[ExplainRequest]],
        answer: Answer | None,
        on_progress: OnProgress | None,
    ) -> list[ExplainResult]:
        """For each group of requests that differ in method alone, the first one's result of the first picture."""
        numbers = range(len(pictures))
        asked = [request.of_picture(number) for group in groups for number in numbers for request in group]
        results = iter(self.run(pictures, asked, answer=answer, on_progress=on_progress))
        return [gather([next(results) for _ in numbers for _ in group]) for group in groups]

    def answer_to(
        self,
        pictures: Picture | Sequence[Picture],
        request: ExplainRequest,
        *,
        on_progress: OnProgress | None = None,
    ) -> Answer:
        """The answer that a request explains: the model's own, or the sentence it was given.

        Raises: as `explain`.
        """
        check_progress(on_progress)
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare_for(self.loaded, pictures, request)
            return self._answer(prepared, request, on_progress)

    def run(
        self,
        pictures: Picture | Sequence[Picture],
        requests: Sequence[ExplainRequest],
        *,
        answer: Answer | None = None,
        so_far: Sequence[ExplainResult | None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> list[ExplainResult]:
        """Computes requests that differ in method, layers, part, tap, target or picture alone, all in one pass.

        Args:
            pictures: the prompt's, in the order of `ExplainRequest.all_images`.
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
        return SamplingContext(answer, grids, depths, samples_that_fit(self.loaded, prepared, answer, request), seconds)

    def call(self, function: Callable[..., Any], *arguments: Any, on_step: Callable[..., None]) -> Any:
        """`function(self, *arguments, on_step=on_step)`; `core.distributed.explainer` does it elsewhere.

        Raises:
            OutOfMemoryError: the device's memory does not suffice for it.
            The rest: as the function.
        """
        check_instance("What is called", function, Callable, "a function")
        with whole():
            return function(self, *arguments, on_step=on_step)

    def sampling_context(
        self, pictures: Picture | Sequence[Picture], request: ExplainRequest, answer: Answer | None = None
    ) -> SamplingContext:
        """What a run's samples need to know: the answer, generated unless it is given, and the grid.

        Raises: as `explain`.
        """
        check_instance("The answer", answer, Answer | None, "an Answer or None")
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare_for(self.loaded, pictures, request)
            return self._context(prepared, request, answer, None)

    def _answer(self, prepared: Prepared, request: ExplainRequest, on_progress: OnProgress | None) -> Answer:
        if request.target.sentence is not None:
            return force_answer(self.loaded, prepared, request.target.sentence)
        return generate_answer(self.loaded, prepared, request.max_new_tokens, on_progress)
