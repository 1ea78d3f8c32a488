"""The form as filled in -> a checked question; a past run -> the form again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from core import METHODS, ExplainRequest, InputError
from core.models.checkpoints import ModelCard
from core.models.visual_token_count import USUAL_SIDE, token_side, usual_max_pixels
from core.schema import MAX_PICTURES
from core.schema.layers import LAYER_CHOICES, select_layers
from core.schema.model_parts import Part
from dashboard import resources
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question, question_of
from dashboard.jobs.videos import ChosenVideo
from dashboard.language import N_, _
from dashboard.layer_ranges import layer_words, parse_layers
from dashboard.session.keys import FormKey
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
    """The form's questions: one about each picture or, together, one about all of them.

    Raises:
        InputError, PromptError: something is missing or cannot be used; the sentence says what to do.
    """
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
    request = replace(to_request(draft, digests[0], card, sizes), images=digests)
    return [question_of(request, pictures, card)]


def to_question(draft: Draft, chosen: ChosenPicture | None, card: ModelCard) -> Question:
    """The form's question about one picture.

    Raises:
        InputError, PromptError: something is missing or cannot be used; the sentence says what to do.
    """
    if chosen is None:
        raise InputError(_("There is no picture or video yet. Upload one, or pick a sample scene."))
    frames = len(chosen.times) if isinstance(chosen, ChosenVideo) else 0
    return Question(to_request(draft, chosen.digest, card, [chosen.size], frames), chosen, card)


def to_request(
    draft: Draft, image: str, card: ModelCard, sizes: Sequence[tuple[int, int]] = (), frames: int = 0
) -> ExplainRequest:
    """The form's request about the picture, or the video, of that digest.

    Args:
        sizes: (width, height) of all of the prompt's pictures; of a video, of its frames alone.
        frames: of a video, how many are sampled; 0 for pictures.

    Raises: as `to_question`.
    """
    part: Part = draft.where if METHODS[draft.method].has_tap else "decoder"
    return ExplainRequest(
        image=image,
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
        FormKey.RESOLUTION: resolution_of(request, pictures, card),
        FormKey.PICTURE_FIRST: PICTURE_POSITIONS[request.picture_first],
        FormKey.TOGETHER: WAYS[bool(request.images)],
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
