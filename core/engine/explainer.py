"""The public `Explainer`: what people ask in plain arguments becomes requests, which `Runs` computes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.engine.asked import Prompt, read_asked
from core.engine.prompt_words import prompt_words
from core.engine.run_options import (
    OnProgress,
    RunOptions,
    check_progress,
    takes_run_options,
    without_noise,
)
from core.engine.second_try import tried_twice
from core.engine.several_answers import ANSWERING, SeveralAnswers
from core.errors import InputError
from core.explanation.explanation import Explanation, explained
from core.explanation.words import WordExplanations
from core.inference.generation import generate_answer
from core.inference.logit_lens import read_lens
from core.inputs.brightness import AUTO, Brightness
from core.inputs.pictures import GivenPicture, Picture
from core.inputs.prompt import prepare
from core.inputs.videos.loading import VideoSource
from core.inputs.videos.video import Video
from core.methods.heads import read_heads
from core.models.checkpoints import ModelCard
from core.models.hooks import frozen
from core.models.loading import load_model
from core.models.options import Quantisation, model_options
from core.schema import Answer, ExplainRequest, Tap, gather
from core.schema.checks import check_list
from core.schema.conversation import Turn
from core.schema.drawn_answers import TokenSampling, check_token_sampling
from core.schema.limits import check_answering
from core.schema.methods import COMBINED, DEFAULT_METHOD, METHODS, check_method
from core.schema.model_parts import check_part
from core.schema.readings.head_maps import HeadMaps
from core.schema.readings.logit_lens import LogitLens
from core.schema.readings.prompt_heat import PromptHeat, prompt_request
from core.schema.target import DEFAULT_SCORE, Score, Target
from core.schema.words import is_punctuation, said_words


@dataclass(frozen=True, eq=False, repr=False)
class Explainer(SeveralAnswers):
    """Explains the answers of one loaded model. Safe to share between threads: runs take turns."""

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
            model: a folder, a hub id, a `ModelCard` that describes one, or None. Options may follow the name.
            device: where it is computed: "auto" takes CUDA where there is one; else "cpu", "cuda", "cuda:1", ...
            quantisation, device_map, adapter: see `core.models.options.ModelOptions`. What follows the model's name,
                as in "NAME;4bit", says the same; not used with a card.
            on_progress: hears in bytes how far a model of the hub is fetched; what it raises stops that.

        Raises:
            ModelError: it cannot be loaded; the message says why.
        """
        check_progress(on_progress)
        options = model_options(quantisation, device_map, adapter)
        return cls(tried_twice(lambda: load_model(model, device, options, on_progress=on_progress)))

    def answer(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        video: VideoSource | None = None,
        fps: float | None = None,
        count: int | None = None,
        start: float | None = None,
        end: float | None = None,
        max_new_tokens: int = 128,
        temperature: float = 0.0,
        top_p: float = 1.0,
        answer_seed: int = 0,
        max_pixels: int | None = None,
        picture_first: bool = True,
        system: str | None = None,
        conversation: Sequence[Turn] = (),
        brightness: Brightness | str = AUTO,
        page: int = 1,
        on_progress: OnProgress | None = None,
    ) -> Answer:
        """What the model says of pictures or of a video: by default the likeliest token each time; see `explain`.

        Raises:
            InputError: the picture, the video or the prompt cannot be used.
        """
        check_answering(max_new_tokens, max_pixels, picture_first)
        check_token_sampling(temperature, top_p, answer_seed)
        sampling = TokenSampling(temperature, top_p, answer_seed) if temperature else None
        check_progress(on_progress)
        told = {"picture_first": picture_first, "system": system, "conversation": conversation}
        sampled = {"fps": fps, "count": count, "start": start, "end": end}
        asked = read_asked(image, prompt, RunOptions(brightness=brightness, page=page, **told, **sampled), video)
        order, turns = asked.options.picture_first, asked.options.turns
        with self.loaded.lock, frozen(self.loaded.model):
            prepared = prepare(self.loaded, asked.pictures, asked.prompt, max_pixels, order, conversation=turns)
            return generate_answer(self.loaded, prepared, max_new_tokens, on_progress, sampling)

    @takes_run_options()
    def explain(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        video: VideoSource | None = None,
        method: str | Iterable[str] | None = None,
        tap: Tap = "input",
        target: Target | str | None = None,
        answer: Answer | None = None,
        **options: Any,
    ) -> Explanation:
        """Where in the picture, or where and when in the video, the answer comes from, at every layer asked for.

        Args:
            image: a picture, the bytes of a file, or its path; or several, for one prompt about all of them.
            prompt: the question; or a list of messages, as transformers takes them, which ends with it. Their pictures
                are those of `image`, or stand in them; see `core.inputs.conversations.message_list`.
            video: in place of a picture: a file's path or bytes, a folder or list of frames, or a
                `core.inputs.videos.video.Video`. Heat is [maps, time, rows, columns] then.
            method: a name of `core.METHODS`, or several; None for the default. All of one pass cost about
                what one costs.
            tap: the side of a layer that is read, "input" or "output".
            target: what is explained; a phrase of the answer as text, such as "red circle"; None for the whole answer.
            answer: what the model said to this very question before; None to ask it.
            options: see `core.engine.run_options.RunOptions`.

        Returns:
            The first method's explanation, with the others and the combined map as `companions`. Of several
            pictures the first one's, with those of all of them as `pictures`.

        Raises:
            InputError: something given cannot be used; the message says what and why.
            OutOfMemoryError: not even one sample fits on the device.
        """
        asked = read_asked(image, prompt, RunOptions(**options), video)
        pictures, prompt, run_options = asked.pictures, asked.prompt, asked.options
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
            target=Target.of(target),
        )
        requests = [
            replace(combined.with_method(name, layers), tap=tap, part=run_options.part)
            for name in dict.fromkeys(map(check_method, names))
        ]
        together = [*requests, *{combined} - set(requests)]
        return self._run_all(pictures, [together], answer, run_options.on_progress)[0]

    @takes_run_options(num_samples=1, noise_std=0.0)
    def explain_words(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        video: VideoSource | None = None,
        method: str = COMBINED,
        score: Score = DEFAULT_SCORE,
        sentence: str | None = None,
        **options: Any,
    ) -> WordExplanations:
        """A map for each word of the answer, from one forward pass and one backward pass a word.

        Args:
            method: a name of `core.METHODS`.
            score: what is summed over a word's tokens, see `core.schema.target.SCORES`.
            sentence: explained in place of what the model says.
            options: see `core.engine.run_options.RunOptions`; by default one sample without noise.
            The rest: as `explain`.

        Returns:
            Word -> the explanation of its tokens, in the order of the answer; punctuation is left out.

        Raises: as `explain`.
        """
        asked = read_asked(image, prompt, RunOptions(**options), video)
        pictures, prompt, run_options = asked.pictures, asked.prompt, asked.options
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
            return WordExplanations()
        groups = [[request.for_word(word)] for word in words]
        results = self._run_all(pictures, groups, answer, run_options.on_progress)
        return WordExplanations(dict(zip(words, results, strict=True)))

    @takes_run_options(ANSWERING)
    def prompt_words(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        target: Target | str | None = None,
        **options: Any,
    ) -> PromptHeat:
        """Heat of the prompt's own words beside the picture's, in one unit, at every layer; one pass without noise.

        Arguments and errors as `explain`.
        """
        given = without_noise(**options)
        pictures, request = self._asked(image, prompt, target, given)
        request = prompt_request(request)
        answer = self.answer_to(pictures, request, on_progress=given.on_progress)
        return self.call(prompt_words, pictures, request, answer, on_step=_unheard)

    @takes_run_options(("layers", *ANSWERING))
    def heads(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        target: Target | str | None = None,
        **options: Any,
    ) -> HeadMaps:
        """The attention of single heads while the explained tokens are predicted, for each layer that attends.

        They are held against the combined map, both without noise. Arguments are those of `explain` and of
        `core.engine.run_options.RunOptions`; of several pictures, the maps are of the first.

        Raises: as `explain`.
        """
        given = without_noise(**options)
        pictures, request = self._asked(image, prompt, target, given)
        chosen = given.selected_layers(self.depth)
        combined = self.run(pictures, [request], on_progress=given.on_progress)[0]
        return self.call(read_heads, pictures, combined, chosen, on_step=_unheard)

    @takes_run_options(("layers", "max_pixels", "picture_first", "system", "conversation", "brightness", "page"))
    def logit_lens(
        self,
        image: GivenPicture | Sequence[GivenPicture] | None = None,
        prompt: Prompt = "",
        *,
        cell: tuple[int, int] | None = None,
        **options: Any,
    ) -> LogitLens:
        """What the model would say at each cell of the picture if a layer were its last; see `LogitLens`.

        Args:
            cell: (row, column) of the only one that is wanted; None for all.
            The rest: as `heads`; the cells are of the first picture.

        Raises: as `explain`.
        """
        given = without_noise(**options)
        pictures, request = self._asked(image, prompt, None, given)
        return self.call(read_lens, pictures, request, given.selected_layers(self.depth), cell, on_step=_unheard)

    def _run_all(
        self,
        pictures: tuple[Picture, ...] | Video,
        groups: Sequence[Sequence[ExplainRequest]],
        answer: Answer | None,
        on_progress: OnProgress | None,
    ) -> list[Explanation]:
        """For each group of requests that differ in method alone, the first one's result of the first picture."""
        numbers = range(len(groups[0][0].all_images))
        asked = [request.of_picture(number) for group in groups for number in numbers for request in group]
        results = iter(self.run(pictures, asked, answer=answer, on_progress=on_progress))
        return [explained(gather([next(results) for _ in numbers for _ in group]), pictures) for group in groups]


def _unheard(*step: Any) -> None:
    """Nobody hears of the steps."""
