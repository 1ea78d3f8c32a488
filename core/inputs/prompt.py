"""Pictures + prompt (+ answer) -> model inputs, how the model sees each picture, and the positions of visual tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.errors import InputError, PromptError
from core.inputs.conversations.chat import Chat, text_positions
from core.inputs.pictures import Picture
from core.inputs.prompt_tokens import begun, question_positions
from core.inputs.thoughts import without_thought
from core.inputs.videos.message import encode_video, time_steps, video_template
from core.inputs.videos.video import Video
from core.memory.out_of_memory import whole
from core.models.chat import encode_message, write_message
from core.models.families.vision_inputs import VisionInputs, vision_of
from core.models.faults.templates import MARK
from core.models.loading import LoadedModel
from core.models.token_layout import TokenLayout
from core.schema import MAX_PICTURES, ExplainRequest, check_prompt
from core.schema.box_conventions import SeenPicture
from core.schema.checks import check_instance, check_list, holds_surrogates
from core.schema.conversation import Conversation, check_conversation
from core.schema.model_parts import Part
from core.schema.time_steps import TimeStep

Given = Picture | Sequence[Picture] | Video
"""What one prompt is about."""

_OF_VIDEO = 2
"""The token type of a video's placeholders; of a picture's it is 1."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Pictures and a prompt as the model takes them; everything on the CPU.

    Attributes:
        input_ids: int64 [1, prompt], the chat-formatted prompt with placeholders for what is seen.
        token_types: int64 [1, prompt], 1 at placeholders of pictures, 2 at those of a video, else 0.
        types_name: under which name the model takes the token types; None if it takes none.
        pixel_values: float32, normalised, laid out as `loaded.family.pixel_layout` says.
        vision: what the image processor tells beside the pixels, by the model's own names.
        placeholders: int64 [placeholders], their positions in the prompt.
        visual: int64 [visual tokens], positions of those that stand for a part of a picture, in the order
            of the pictures' tiles.
        question: int64 [question tokens], where the person's own words stand; of a conversation, those of the last
            question alone.
        layouts: how the decoder sees each picture, or the video.
        tower_layouts: how the vision tower does, patch by patch.
        seen: each picture's size, and at which the model took it in; of a video, its frames'.
        steps: of a video, what each of its time steps covers.
        turns: of each turn before the question, int64 [tokens], where its texts stand.
    """

    input_ids: Tensor
    token_types: Tensor
    types_name: str | None
    pixel_values: Tensor
    vision: dict[str, Tensor]
    placeholders: Tensor
    visual: Tensor
    question: Tensor
    layouts: tuple[TokenLayout, ...]
    tower_layouts: tuple[TokenLayout, ...]
    seen: tuple[SeenPicture, ...] = ()
    steps: tuple[TimeStep, ...] = ()
    turns: tuple[Tensor, ...] = ()

    @property
    def prompt_length(self) -> int:
        """Tokens before the answer."""
        return self.input_ids.shape[1]

    @property
    def grids(self) -> tuple[tuple[int, int], ...]:
        """(rows, columns) of the decoder's map of each picture."""
        return self.grids_of("decoder")

    def grids_of(self, part: Part) -> tuple[tuple[int, int], ...]:
        """(rows, columns) of a part's map of each picture."""
        return tuple(layout.grid for layout in (self.tower_layouts if part == "tower" else self.layouts))

    @property
    def pixels_name(self) -> str:
        """Under which name the model takes the pixels."""
        return "pixel_values_videos" if self.steps else "pixel_values"

    def generation_inputs(self, device: torch.device) -> dict[str, Tensor]:
        """Keyword arguments for the model's `generate`."""
        inputs = {
            "input_ids": self.input_ids,
            "attention_mask": torch.ones_like(self.input_ids),
            self.pixels_name: self.pixel_values,
            **self.vision,
        }
        if self.types_name is not None:
            inputs[self.types_name] = self.token_types
        return {name: tensor.to(device) for name, tensor in inputs.items()}

    def with_answer(self, answer: Tensor) -> tuple[Tensor, Tensor]:
        """(ids, token types), both [1, prompt + answer]. The types cover the answer too: without
        them the positions of the whole sequence silently fall back to those of plain text."""
        ids = torch.cat([self.input_ids, answer[None]], dim=1)
        types = torch.cat([self.token_types, torch.zeros_like(answer)[None]], dim=1)
        return ids, types


@whole()
def prepare(
    loaded: LoadedModel,
    pictures: Given,
    prompt: str,
    max_pixels: int | None = None,
    picture_first: bool = True,
    thinks: bool = True,
    conversation: Conversation = (),
) -> Prepared:
    """Formats pictures, or a video, and prompt as one message of the user, after what was said before.

    The prompt, as every earlier turn, is plain text to the model: special tokens in it (`<|image_pad|>`,
    `<|im_end|>`...) are encoded as the characters they are written with.

    Args:
        pictures: one, or several in the order in which the model reads them; or a video.
        max_pixels: pixel budget of the image processor for each picture, or each frame; None for the model's own.
        picture_first: whether the pictures stand before the prompt or after it.
        thinks: whether a model that thinks aloud begins with a thought; else its answer follows at once.
        conversation: what was said before, and which of the pictures stand there.

    Raises:
        PromptError: the prompt is empty, too long or no Unicode.
        InputError: a picture cannot be brought to the processor's size, the model has no use for a pixel
            budget, or its chat template puts pictures where it will or cannot write the conversation.
        OutOfMemoryError: the machine's memory does not suffice.
    """
    if holds_surrogates(check_prompt(prompt)):  # a question may hold some: earlier versions wrote them down
        raise PromptError("The prompt holds half a character (a lone surrogate). Type it again.")
    pictures = _listed(pictures)
    processor, family = loaded.processor, loaded.family
    steps = time_steps(pictures) if isinstance(pictures, Video) else ()
    count = 1 if isinstance(pictures, Video) else len(pictures)
    chat = Chat(prompt, picture_first, check_conversation(conversation, count))
    kind = "video" if isinstance(pictures, Video) else "image"
    segments: tuple[str, ...] = ()
    if conversation:
        template = loaded.chat_template if kind == "image" else video_template(loaded)
        segments = chat.segments(loaded, template, kind, count)
    elif not picture_first:
        _check_order(loaded)
    if isinstance(pictures, Video):
        options, sizes = {}, [pictures.frames.shape[1:3]]
        inputs = encode_video(loaded, pictures, chat, max_pixels, thinks)
    else:
        options = {} if max_pixels is None else family.budget(processor, max_pixels)
        sizes = [(picture.pixels.shape[0], picture.pixels.shape[1]) for picture in pictures]
        inputs = _inputs(loaded, pictures, chat, options, thinks)
    pixels = inputs["pixel_values_videos" if steps else "pixel_values"].float()
    vision = vision_of(inputs)
    vision_inputs = VisionInputs(processor, loaded.model.config, vision, tuple(pixels.shape), sizes, options)
    layouts = family.layouts(vision_inputs)
    ids = begun(processor.tokenizer, inputs["input_ids"])
    if not thinks:  # the template may know no such switch
        ids = without_thought(processor.tokenizer, ids[0])[None]
    is_seen = ids == (loaded.model.config.video_token_id if steps else family.placeholder(loaded.model))
    types = is_seen.long() * (_OF_VIDEO if steps else 1)
    placeholders = types[0].nonzero().squeeze(1)
    visual = placeholders[_placed(layouts, len(placeholders))]
    turns: Sequence[Tensor] = ()
    if conversation:
        ends = (placeholders[np.cumsum([layout.length for layout in layouts]) - 1] + 1).tolist()
        place = processor.video_token if steps else processor.image_token
        *turns, question = text_positions(processor.tokenizer, ids[0], chat, segments, place, ends)
    else:
        question = question_positions(processor.tokenizer, ids[0], placeholders, prompt, picture_first)
    return Prepared(
        input_ids=ids,
        token_types=types,
        types_name=family.types_name,
        pixel_values=pixels,
        vision=vision,
        placeholders=placeholders,
        visual=visual,
        question=question,
        layouts=layouts,
        tower_layouts=family.tower_layouts(vision_inputs, layouts),
        seen=_seen(loaded, vision, sizes),
        steps=steps,
        turns=tuple(turns),
    )


def prepare_for(loaded: LoadedModel, pictures: Given, request: ExplainRequest) -> Prepared:
    """`prepare` with what a request says.

    Raises:
        InputError: there are more pictures, or fewer, than the request is about.
        The rest: as `prepare`.
    """
    check_instance("The request", request, ExplainRequest, "an ExplainRequest")
    pictures = _listed(pictures)
    if request.is_video and not isinstance(pictures, Video):
        raise InputError("The question is about a video, and pictures were given. Give the video.")
    if isinstance(pictures, Video) and not request.is_video:
        raise InputError("The question is about pictures, and a video was given. Give the pictures.")
    wanted, given = (request.frames if request.is_video else len(request.all_images)), len(pictures)
    if request.is_video and wanted != given:
        raise InputError(
            f"The question is about a video of {wanted} frames; one of {given} was given. Give that video."
        )
    if wanted != given:
        raise InputError(
            f"Pictures that the question is about: {wanted}; pictures that were given: {given}. Give all of them, in "
            "their order."
        )
    # A sentence is put in the place of the answer, not of a thought.
    thinks = request.target.sentence is None
    asked = request.prompt, request.max_pixels, request.picture_first
    return prepare(loaded, pictures, *asked, thinks, request.conversation)


def _seen(
    loaded: LoadedModel, vision: Mapping[str, Tensor], sizes: Sequence[tuple[int, int]]
) -> tuple[SeenPicture, ...]:
    """See `Prepared.seen`. Only Qwen's processors and those like them tell how many patches of which size they made."""
    kind = str(getattr(loaded.model.config, "model_type", ""))
    patch = getattr(loaded.processor.image_processor, "patch_size", None)
    name = "video_grid_thw" if "video_grid_thw" in vision else "image_grid_thw"
    if name in vision and isinstance(patch, int):
        grids = vision[name].tolist()
        seen = [(columns * patch, rows * patch) for _, rows, columns in grids]
    else:
        seen = [None] * len(sizes)
    return tuple(SeenPicture(kind, (width, height), each) for (height, width), each in zip(sizes, seen, strict=True))


def _listed(pictures: Given) -> list[Picture] | Video:
    if isinstance(pictures, Video):
        return pictures
    listed = [pictures] if isinstance(pictures, Picture) else check_list("Pictures", pictures, MAX_PICTURES)
    for picture in listed:
        check_instance("A picture", picture, Picture, "a Picture, which load_picture makes of a file")
    return listed


def _inputs(
    loaded: LoadedModel, pictures: Sequence[Picture], chat: Chat, options: dict[str, Any], thinks: bool
) -> Mapping[str, Tensor]:
    before, content = chat.messages([{"type": "image", "image": picture.to_pil()} for picture in pictures])
    try:
        switch = {} if thinks else {"enable_thinking": False}
        return encode_message(loaded.processor, content, loaded.chat_template, options, before, **switch)
    except ValueError as error:
        raise InputError(f"This picture and prompt cannot be prepared for the model: {error}") from error


def _check_order(loaded: LoadedModel) -> None:
    """Whether the chat template leaves a picture where it is put.

    Raises:
        InputError: it puts pictures first.
    """
    content = [{"type": "text", "text": MARK}, {"type": "image"}]
    written = write_message(loaded.processor, content, loaded.chat_template)
    if written.find(loaded.processor.image_token) < written.find(MARK):
        raise InputError(
            "This model's chat template puts pictures before the text, wherever they are asked for. "
            "Ask with the picture first."
        )


def _placed(layouts: Sequence[TokenLayout], placeholders: int) -> Tensor:
    """Which placeholders stand for a part of a picture, int64 [visual tokens].

    Raises:
        InputError: the pictures need another number of placeholders than there are.
    """
    needed = sum(layout.length for layout in layouts)
    if needed != placeholders:
        grids = ", ".join(f"{rows} x {columns}" for rows, columns in (layout.grid for layout in layouts))
        raise InputError(
            f"The prompt holds {placeholders} places for the picture, but a picture of {grids} cells needs {needed}. "
            "The model's processor and its configuration do not belong together; copy the model again."
        )
    first, found = 0, []
    for layout in layouts:
        unplaced = set(layout.unplaced)
        found += [first + index for index in range(layout.length) if index not in unplaced]
        first += layout.length
    return torch.tensor(found)
