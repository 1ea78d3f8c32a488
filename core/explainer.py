"""The engine's face: answer once, then chunk by chunk until all noise samples are in."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from core.answering import force_answer, generate_answer
from core.checkpoints import ModelCard
from core.chunks import first_chunk_size
from core.errors import InputError, ModelError
from core.growing import check_begun, grow, moments_of
from core.images import Picture, load_picture
from core.layers import select_layers
from core.loading import LoadedModel, load_model
from core.methods import COMBINED, DEFAULT_METHOD, METHODS, check_method
from core.one_pass import explain_chunk
from core.prompt import Prepared, prepare
from core.schema import Answer, ExplainRequest, ExplainResult, Progress, Tap, gather
from core.smoothgrad import Moments
from core.taps import frozen
from core.targets import DEFAULT_SCORE, Score, Target
from core.words import Word, is_punctuation, words_of

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, eq=False)
class Explainer:
    """Explains the answers of one loaded model. Safe to share between threads: runs take turns."""

    loaded: LoadedModel

    @classmethod
    def from_pretrained(cls, model: str | Path | ModelCard | None = None, device: str = "auto") -> "Explainer":
        """Loads a folder, a hub id or, with None, the embedded checkpoint.

        Raises:
            ModelError: it cannot be loaded; the message says why.
        """
        return cls(load_model(model, device))

    @property
    def total_layers(self) -> int:
        """Decoder layers of the model."""
        return len(self.loaded.layers)

    def answer(
        self,
        image: Picture | Image.Image | bytes | str | Path,
        prompt: str,
        *,
        max_new_tokens: int = 128,
        max_pixels: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Answer:
        """What the model says (greedy decoding).

        Raises:
            InputError: the picture or the prompt cannot be used.
        """
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare(self.loaded, _picture(image), prompt, max_pixels)
            return generate_answer(self.loaded, prepared, max_new_tokens, on_progress)

    def explain(
        self,
        image: Picture | Image.Image | bytes | str | Path,
        prompt: str,
        *,
        layers: str | int | Iterable[int] = "all",
        num_samples: int = 10,
        noise_std: float = 0.15,
        seed: int = 0,
        method: str | Iterable[str] | None = None,
        tap: Tap = "input",
        target: Target | None = None,
        max_new_tokens: int = 128,
        max_pixels: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> ExplainResult:
        """Where in the picture the answer comes from, at every layer asked for.

        Args:
            image: a picture, the bytes of a file, or its path.
            prompt: the question.
            layers: see `core.layers.select_layers`; for methods with a map for each layer.
            method: a name of `core.METHODS`, or several; None for the default. All of one pass cost about
                what one costs.
            on_progress: called with each `Progress`; raising from it (`Cancelled`) stops the run.
            The rest: see `core.schema.ExplainRequest`.

        Returns:
            The first method's result, with the others and the combined map as `companions`.

        Raises:
            InputError: something given cannot be used; the message says what and why.
            OutOfMemoryError: not even one sample fits on the device.
        """
        picture = _picture(image)
        names = [method] if isinstance(method, str) else list([DEFAULT_METHOD] if method is None else method)
        if not names:
            raise InputError(f"No method was chosen. Choose one or more of: {', '.join(METHODS)}.")
        selected = select_layers(layers, self.total_layers)
        combined = ExplainRequest(
            image=picture.digest,
            prompt=prompt,
            model=self.loaded.fingerprint,
            layers=(),
            method=COMBINED,
            target=target or Target.answer(),
            num_samples=num_samples,
            noise_std=noise_std,
            seed=seed,
            max_new_tokens=max_new_tokens,
            max_pixels=max_pixels,
        )
        requests = [replace(combined.with_method(name, selected), tap=tap) for name in dict.fromkeys(names)]
        results = self.run(picture, [*requests, *{combined} - set(requests)], on_progress=on_progress)
        return gather(results)

    def explain_words(
        self,
        image: Picture | Image.Image | bytes | str | Path,
        prompt: str,
        *,
        layers: str | int | Iterable[int] = "all",
        method: str = COMBINED,
        score: Score = DEFAULT_SCORE,
        sentence: str | None = None,
        num_samples: int = 1,
        noise_std: float = 0.0,
        seed: int = 0,
        max_new_tokens: int = 128,
        max_pixels: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> dict[Word, ExplainResult]:
        """A map for each word of the answer, from one forward pass and one backward pass a word.

        Args:
            sentence: explained in place of what the model says.
            The rest: as `explain`.

        Returns:
            Word -> the result for its tokens, in the order of the answer; punctuation is left out.

        Raises: as `explain`.
        """
        picture = _picture(image)
        layers = select_layers(layers, self.total_layers) if METHODS[check_method(method)].per_layer else ()
        whole = ExplainRequest(
            image=picture.digest,
            prompt=prompt,
            model=self.loaded.fingerprint,
            layers=layers,
            method=method,
            target=Target.answer(score=score, sentence=sentence),
            num_samples=num_samples,
            noise_std=noise_std,
            seed=seed,
            max_new_tokens=max_new_tokens,
            max_pixels=max_pixels,
        )
        answer = self.answer_to(picture, whole, on_progress=on_progress)
        words = [word for word in words_of(answer) if not is_punctuation(word)]
        if not words:
            return {}
        results = self.run(picture, [whole.for_word(word) for word in words], answer=answer, on_progress=on_progress)
        return dict(zip(words, results, strict=True))

    def answer_to(self, picture: Picture, request: ExplainRequest, *, on_progress: OnProgress | None = None) -> Answer:
        """The answer that a request explains: the model's own, or the sentence it was given.

        Raises: as `explain`.
        """
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare(self.loaded, picture, request.prompt, request.max_pixels)
            return self._answer(prepared, request, on_progress)

    def run(
        self,
        picture: Picture,
        requests: Sequence[ExplainRequest],
        *,
        answer: Answer | None = None,
        so_far: Sequence[ExplainResult | None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> list[ExplainResult]:
        """Computes requests that differ in method, layers, tap or target alone, all in one pass.

        Args:
            answer: one that was generated before; without it, it is generated.
            so_far: for each request, a result of fewer samples to go on from, or None to begin at the first.
                A sample is computed for those requests alone that lack it, and not at all where none does.
            on_progress: as in `explain`; what is shown of a run that grows is the first request's.

        Returns:
            A result of all samples for each request, in their order; timings are those of this call. Begun
            elsewhere, it equals the result computed at once but for rounding to float32.

        Raises:
            ValueError: the requests do not share one pass, or what is there so far is of another request,
                answer or grid.
            The rest: as `explain`.
        """
        if not requests:
            raise ValueError("there is no request")
        first = requests[0]
        if any(request.shared() != first.shared() for request in requests):
            raise ValueError("requests of one pass may differ in method, layers, tap and target alone")
        for request in requests:
            _check_taps(request, self.total_layers)
        begun = list(so_far) if so_far is not None else [None] * len(requests)
        check_begun(requests, begun, answer)
        loaded, report = self.loaded, on_progress or (lambda progress: None)
        with loaded.lock, frozen(loaded.model):
            prepared = prepare(loaded, picture, first.prompt, first.max_pixels)
            started = time.perf_counter()
            if answer is None:
                answer = self._answer(prepared, first, on_progress)
            answered = time.perf_counter()
            # Without noise every sample is the same one.
            total = first.num_samples if first.noise_std > 0 else 1
            begun = [moments_of(part, prepared.grid) for part in begun]
            begin = min(0 if each is None else each.count for each in begun)
            latest = None

            def tell(done: int, moments: Sequence[Moments | None]) -> None:
                nonlocal latest
                timings = {"answer": answered - started, "samples": time.perf_counter() - answered}
                results = [
                    _result(request, answer, each, prepared.grid, self.total_layers, timings)
                    for request, each in zip(requests, moments, strict=True)
                    if each is not None
                ]
                partial = tuple(results) if len(results) == len(requests) else ()
                latest = Progress("samples", done, total, partial, begin)
                report(latest)

            def compute(who: list[int], samples: range) -> list[Moments]:
                asked = [requests[position] for position in who]
                return explain_chunk(loaded, prepared, answer, asked, samples, lambda: report(latest))

            tell(begin, begun)
            size = first_chunk_size(prepared.prompt_length + len(answer.tokens), loaded.device.type, total)
            for samples, moments in grow(begun, total, size, compute):
                tell(samples.stop, moments)
        return list(latest.partial)

    def _answer(self, prepared: Prepared, request: ExplainRequest, on_progress: OnProgress | None) -> Answer:
        if request.target.sentence is not None:
            return force_answer(self.loaded, prepared, request.target.sentence)
        return generate_answer(self.loaded, prepared, request.max_new_tokens, on_progress)


def _picture(image: Picture | Image.Image | bytes | str | Path) -> Picture:
    return image if isinstance(image, Picture) else load_picture(image)


def _check_taps(request: ExplainRequest, total: int) -> None:
    if request.layers:
        select_layers(request.layers, total)
    if request.tap == "output" and total - 1 in request.layers:
        raise InputError(
            f"The output of the last layer ({total - 1}) at the picture's tokens feeds nothing that the answer "
            "depends on, so its gradient is exactly zero and a map of it would be blank. Leave that layer out, or "
            "use the input tap, which has a true map for every layer."
        )


def _result(
    request: ExplainRequest,
    answer: Answer,
    moments: Moments,
    grid: tuple[int, int],
    total_layers: int,
    timings: dict[str, float],
) -> ExplainResult:
    shape = (len(request.maps), *grid)
    heat = moments.mean.astype(np.float32).reshape(shape)
    broken = [layer for layer, map_ in zip(request.maps, heat, strict=True) if not np.isfinite(map_).all()]
    if broken:
        where = f"The maps of layers {broken}" if request.layers else "The map"
        raise ModelError(
            f"{where} ({METHODS[request.method].title}) would hold values that are not numbers: the model "
            "overflowed. Try the device cpu, where it runs in float32."
        )
    return ExplainResult(
        request=request,
        answer=answer,
        heat=heat,
        squared_deviation=moments.squared_deviation.astype(np.float32).reshape(shape),
        num_samples=moments.count,
        total_layers=total_layers,
        timings=timings,
    )
