"""The form as filled in -> a checked question; a past run -> the form again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core import METHODS, ExplainRequest, InputError
from core.models.checkpoints import ModelCard
from core.models.visual_token_count import USUAL_SIDE, token_side, usual_max_pixels
from core.schema import MAX_PICTURES
from core.schema.conversation import turns_of, with_system
from core.schema.layers import LAYER_CHOICES, select_layers
from core.schema.model_parts import Part
from dashboard import resources
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.jobs.pictures import MOST_AT_ONCE, ChosenPicture
from dashboard.jobs.question import Question, question_of
from dashboard.jobs.videos import ChosenVideo
from dashboard.language import N_, _
from dashboard.layer_ranges import layer_words, parse_layers
from dashboard.session.keys import FormKey
from dashboard.ui.form.conversation_fields import conversation_values
from dashboard.ui.form.resolution import resolution_of
from dashboard.ui.form.target_fields import TargetDraft, target_values

CUSTOM = "custom"
SAMPLE_PRESETS = {"Quick 4": 4, "Standard 10": 10, "High 30": 30}
WAYS = {False: N_("One run for each picture"), True: N_("One question about all of them")}
"""Whether several pictures are asked about together, and how the form calls that."""


@dataclass(frozen=True)
class Draft:
    """The form as filled in, not yet checked; see `core.ExplainRequest` for the fields' meanings.

    Attributes:
        layers: a word of `core.schema.layers.LAYER_CHOICES`, or `CUSTOM`.
        custom_layers: what was typed for `CUSTOM`.
        target: what is explained.
        where: which part of the model, of `core.schema.model_parts.PARTS`.
        settle: see `dashboard.jobs.question.Question`.
        visual_tokens: about how many the picture is scaled down to; None for no such wish.
        budget: visual tokens that pictures are kept to where they have more; None for the model's own limits.
        picture_first: whether the picture stands before the prompt.
        answers: how many are drawn, each by a seed of its own; of no effect where nothing is drawn.
        system: what the model is told first; "" for what its chat template tells it.
        turns: what was said before the question, as `core.schema.conversation.Turn.to_dict` writes each turn.
    """

    prompt: str
    layers: str
    custom_layers: str
    target: TargetDraft
    num_samples: int
    noise_std: float
    seed: int
    method: str
    tap: str
    max_new_tokens: int
    visual_tokens: int | None
    budget: int | None = None
    settle: bool = False
    picture_first: bool = True
    where: Part = "decoder"
    temperature: float = 0.0
    top_p: float = 1.0
    answer_seed: int = 0
    answers: int = 1
    system: str = ""
    turns: tuple[dict[str, Any], ...] = ()


def what_lacks(draft: Draft) -> str:
    """What has yet to be typed because of what was chosen, in a sentence; "" where nothing has.

    The prompt is not looked at.
    """
    if METHODS[draft.method].per_layer and draft.layers == CUSTOM and not draft.custom_layers.strip():
        return _("Now type under Advanced which layers get a map.")
    return draft.target.lacks


def to_questions(
    draft: Draft, pictures: Sequence[ChosenPicture], card: ModelCard, together: bool = False
) -> list[Question]:
    """The form's questions: one about each picture or, together, one about all of them; each once an answer.

    Raises:
        InputError, PromptError: something is missing or cannot be used; the sentence says what to do.
    """
    return _once_an_answer(_questions(draft, pictures, card, together), draft.answers)


def _once_an_answer(questions: list[Question], answers: int) -> list[Question]:
    """Each question with so many seeds of its answer, from its own on."""
    if answers == 1 or questions[0].request.sampling is None:
        return questions
    if (runs := len(questions) * answers) > MOST_AT_ONCE:
        raise InputError(
            _(
                "That is {runs} runs, and {most} can be asked at once. Take pictures away, or ask for fewer answers.",
                runs=runs,
                most=MOST_AT_ONCE,
            )
        )
    return [
        replace(each, request=replace(each.request, answer_seed=each.request.answer_seed + number))
        for each in questions
        for number in range(answers)
    ]


def _questions(draft: Draft, pictures: Sequence[ChosenPicture], card: ModelCard, together: bool) -> list[Question]:
    if not together or len(pictures) < 2 or any(isinstance(chosen, ChosenVideo) for chosen in pictures):
        return [to_question(draft, chosen, card) for chosen in pictures or (None,)]
    if len(pictures) > MAX_PICTURES:
        raise InputError(
            _(
                "One question can be about {most} pictures at most, and {count} are chosen. Take some away, or choose "
                "one run for each picture.",
                most=MAX_PICTURES,
                count=len(pictures),
            )
        )
    digests = tuple(chosen.digest for chosen in pictures)
    sizes = [chosen.size for chosen in pictures]
    return [question_of(to_request(draft, digests[0], card, sizes, digests), pictures, card)]


def to_question(draft: Draft, chosen: ChosenPicture | None, card: ModelCard) -> Question:
    """The form's question about one picture.

    Raises:
        InputError, PromptError: something is missing or cannot be used; the sentence says what to do.
    """
    if chosen is None:
        raise InputError(_("There is no picture or video yet. Upload one, or pick a sample scene."))
    frames = len(chosen.times) if isinstance(chosen, ChosenVideo) else 0
    return Question(to_request(draft, chosen.digest, card, [chosen.size], frames=frames), chosen, card)


def to_request(
    draft: Draft,
    image: str,
    card: ModelCard,
    sizes: Sequence[tuple[int, int]] = (),
    images: tuple[str, ...] = (),
    frames: int = 0,
) -> ExplainRequest:
    """The form's request about the picture, or the video, of that digest.

    Args:
        sizes: (width, height) of all of the prompt's pictures; of a video, of its frames alone.
        images: digests of all pictures, where there are several.
        frames: of a video, how many are sampled; 0 for pictures.

    Raises: as `to_question`.
    """
    part: Part = draft.where if METHODS[draft.method].has_tap else "decoder"
    return ExplainRequest(
        image=image,
        images=images,
        prompt=draft.prompt,
        model=card.fingerprint,
        layers=_layers(draft, part, card.depth(part)),
        method=draft.method,
        part=part,
        tap=draft.tap if METHODS[draft.method].has_tap else "input",
        target=draft.target.to_target(),
        num_samples=draft.num_samples,
        noise_std=draft.noise_std,
        seed=draft.seed,
        max_new_tokens=draft.max_new_tokens,
        max_pixels=_max_pixels(draft, card, sizes, frames),
        picture_first=draft.picture_first,
        frames=frames,
        temperature=draft.temperature,
        top_p=draft.top_p,
        answer_seed=draft.answer_seed,
        conversation=with_system(draft.system if draft.system.strip() else None, turns_of(draft.turns)),
    )


def fill_form(request: ExplainRequest, pictures: Sequence[ChosenPicture] = ()) -> None:
    """Puts the parameters of a past run into the form; to be called before the form is drawn.

    The choice of the model stays as it is where none on offer answers as the run's did.

    Args:
        pictures: all of the run's; () where they are not there any more.

    Raises:
        ModelError: the run's model cannot be used any more.
    """
    model = resources.catalogue().find(request.model)
    card = resources.catalogue().describe(model) if model else None
    # Without the model's depth, a word such as "all" cannot be told from numbers.
    depth = card.depth(request.part) if card is not None else 0
    words = LAYER_CHOICES if depth else ()
    layers = next((word for word in words if select_layers(word, depth) == request.layers), CUSTOM)
    samples = next((name for name, count in SAMPLE_PRESETS.items() if count == request.num_samples), CUSTOM)
    values = {
        FormKey.PROMPT: request.prompt,
        **({FormKey.LAYERS: layers, FormKey.CUSTOM_LAYERS: layer_words(request.layers)} if request.layers else {}),
        FormKey.SAMPLES: samples,
        FormKey.CUSTOM_SAMPLES: request.num_samples,
        FormKey.NOISE: float(request.noise_std),
        FormKey.SEED: request.seed,
        FormKey.METHOD: request.method,
        **target_values(request.target),
        FormKey.WHERE: request.part,
        FormKey.TAP: request.tap,
        FormKey.MAX_NEW_TOKENS: request.max_new_tokens,
        FormKey.TEMPERATURE: float(request.temperature),
        FormKey.TOP_P: float(request.top_p),
        FormKey.ANSWER_SEED: request.answer_seed,
        FormKey.ANSWERS: 1,
        FormKey.RESOLUTION: resolution_of(request, pictures, card),
        FormKey.PICTURE_FIRST: PICTURE_POSITIONS[request.picture_first],
        FormKey.TOGETHER: WAYS[bool(request.images)],
        **conversation_values(request.conversation),
    }
    if request.max_pixels is not None:
        side = token_side(card.folder) if card is not None else USUAL_SIDE
        values[FormKey.VISUAL_TOKENS] = round(request.max_pixels / side**2)
    if model is not None:
        values[FormKey.MODEL] = model
    for key, value in values.items():
        st.session_state[key] = value


def _max_pixels(draft: Draft, card: ModelCard, sizes: Sequence[tuple[int, int]], frames: int) -> int | None:
    if draft.visual_tokens is not None:
        return draft.visual_tokens * token_side(card.folder) ** 2
    return usual_max_pixels(sizes, card.folder, draft.budget, frames)


def _layers(draft: Draft, part: Part, total: int) -> tuple[int, ...]:
    if not METHODS[draft.method].per_layer:
        return ()
    if draft.layers == CUSTOM:
        return select_layers(parse_layers(draft.custom_layers), total, part)
    layers = select_layers(draft.layers, total, part)
    if part == "decoder" and draft.tap == "output" and METHODS[draft.method].has_tap and len(layers) > 1:
        # The decoder's last output has no map; a word such as "all" means all layers that have one.
        layers = tuple(layer for layer in layers if layer != total - 1)
    return layers
