"""The engine's face: answer once, then chunk by chunk until all noise samples are in."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from core.answering import generate_answer
from core.checkpoints import ModelCard
from core.errors import InputError, ModelError
from core.images import Picture, load_picture
from core.layers import select_layers
from core.loading import LoadedModel, load_model
from core.methods import DEFAULT_METHOD
from core.one_pass import explain_chunk, first_chunk_size, smaller_chunk
from core.prompt import prepare
from core.schema import Answer, ExplainRequest, ExplainResult, Progress, Tap, Target
from core.smoothgrad import Moments
from core.taps import frozen

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
        method: str | None = None,
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
            layers: see `core.layers.select_layers`.
            method: a name of `core.METHODS`; None for the default.
            on_progress: called with each `Progress`; raising from it (`Cancelled`) stops the run.
            The rest: see `core.schema.ExplainRequest`.

        Raises:
            InputError: something given cannot be used; the message says what and why.
            OutOfMemoryError: not even one sample fits on the device.
        """
        picture = _picture(image)
        request = ExplainRequest(
            image=picture.digest,
            prompt=prompt,
            model=self.loaded.fingerprint,
            layers=select_layers(layers, self.total_layers),
            method=method or DEFAULT_METHOD,
            tap=tap,
            target=target or Target.answer(),
            num_samples=num_samples,
            noise_std=noise_std,
            seed=seed,
            max_new_tokens=max_new_tokens,
            max_pixels=max_pixels,
        )
        return self.run(picture, request, on_progress=on_progress)

    def run(
        self,
        picture: Picture,
        request: ExplainRequest,
        *,
        answer: Answer | None = None,
        on_progress: OnProgress | None = None,
    ) -> ExplainResult:
        """Computes a request; with `answer`, one that was generated before, generates nothing.

        Raises: as `explain`.
        """
        _check_taps(request, self.total_layers)
        loaded = self.loaded
        with loaded.lock, frozen(loaded.model):
            prepared = prepare(loaded, picture, request.prompt, request.max_pixels)
            started = time.perf_counter()
            if answer is None:
                answer = generate_answer(loaded, prepared, request.max_new_tokens, on_progress)
            answered = time.perf_counter()
            # Without noise every sample is the same one.
            total = request.num_samples if request.noise_std > 0 else 1
            chunk = first_chunk_size(prepared.prompt_length + len(answer.tokens), loaded.device.type, total)
            moments, done = None, 0
            if on_progress:
                on_progress(Progress("samples", 0, total))
            while done < total:
                samples = range(done, min(done + chunk, total))
                try:
                    heat = explain_chunk(loaded, prepared, answer, request, samples)
                except RuntimeError as error:
                    chunk = smaller_chunk(len(samples), error)
                    continue
                moments = heat if moments is None else moments.merge(heat)
                done = samples.stop
                timings = {"answer": answered - started, "samples": time.perf_counter() - answered}
                result = _result(request, answer, moments, prepared.grid, self.total_layers, timings)
                if on_progress:
                    on_progress(Progress("samples", done, total, result))
        return result


def _picture(image: Picture | Image.Image | bytes | str | Path) -> Picture:
    return image if isinstance(image, Picture) else load_picture(image)


def _check_taps(request: ExplainRequest, total: int) -> None:
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
    shape = (len(request.layers), *grid)
    heat = moments.mean.astype(np.float32).reshape(shape)
    blank = [layer for layer, map_ in zip(request.layers, heat, strict=True) if not np.isfinite(map_).all()]
    if blank:
        raise ModelError(
            f"The maps of layers {blank} hold values that are not numbers: the model overflowed. "
            "Try the device cpu, where it runs in float32."
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
