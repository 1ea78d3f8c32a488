"""Picture + prompt (+ answer) -> model inputs, the visual grid and the places of visual tokens."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import InputError
from core.images import Picture
from core.loading import LoadedModel
from core.schema import check_prompt


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture and a prompt as the model takes them; everything on the CPU.

    Attributes:
        input_ids: int64 [1, prompt], the chat-formatted prompt with one placeholder per visual token.
        token_types: int64 [1, prompt], 1 at visual tokens, else 0 (M-RoPE needs it).
        pixel_values: float32 [patches, patch values], normalised.
        image_grid: int64 [1, 3], (frames, rows, columns) of patches.
        visual: int64 [visual tokens], their positions in the prompt.
        question: int64 [question tokens], where the person's own words stand.
        grid: (rows, columns) of visual tokens.
    """

    input_ids: Tensor
    token_types: Tensor
    pixel_values: Tensor
    image_grid: Tensor
    visual: Tensor
    question: Tensor
    grid: tuple[int, int]

    @property
    def prompt_length(self) -> int:
        """Tokens before the answer."""
        return self.input_ids.shape[1]

    def generation_inputs(self, device: torch.device) -> dict[str, Tensor]:
        """Keyword arguments for the model's `generate`."""
        inputs = {
            "input_ids": self.input_ids,
            "attention_mask": torch.ones_like(self.input_ids),
            "mm_token_type_ids": self.token_types,
            "pixel_values": self.pixel_values,
            "image_grid_thw": self.image_grid,
        }
        return {name: tensor.to(device) for name, tensor in inputs.items()}

    def with_answer(self, answer: Tensor) -> tuple[Tensor, Tensor]:
        """(ids, token types), both [1, prompt + answer]. The types cover the answer too: without
        them the positions of the whole sequence silently fall back to those of plain text."""
        ids = torch.cat([self.input_ids, answer[None]], dim=1)
        types = torch.cat([self.token_types, torch.zeros_like(answer)[None]], dim=1)
        return ids, types


def prepare(loaded: LoadedModel, picture: Picture, prompt: str, max_pixels: int | None = None) -> Prepared:
    """Formats picture and prompt as one user turn.

    The prompt is plain text to the model: special tokens in it (`<|image_pad|>`, `<|im_end|>`...)
    are encoded as the characters they are written with.

    Args:
        max_pixels: pixel budget of the image processor; None for the model's own.

    Raises:
        PromptError: the prompt is empty or too long.
        InputError: the picture cannot be brought to the processor's size.
    """
    check_prompt(prompt)
    processor = loaded.processor
    messages = [
        {
            "role": "user",
            "content": [{"type": "image", "image": picture.to_pil()}, {"type": "text", "text": prompt}],
        }
    ]
    # The layout is stated because a picture one pixel high would be taken for channels-first.
    images = {"input_data_format": "channels_last"}
    if max_pixels is not None:
        smallest = min(processor.image_processor.size["shortest_edge"], max_pixels)
        images["size"] = {"shortest_edge": smallest, "longest_edge": max_pixels}
    try:
        inputs = processor.apply_chat_template(
            messages,
            tokenize=True,
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
            sanitize_control_tokens=True,
            processor_kwargs={"images_kwargs": images},
        )
    except ValueError as error:
        raise InputError(f"This picture and prompt cannot be prepared for the model: {error}") from error
    ids = inputs["input_ids"]
    visual = (ids[0] == processor.image_token_id).nonzero().squeeze(1)
    image_grid = inputs.get("image_grid_thw")
    return Prepared(
        input_ids=ids,
        token_types=(ids == processor.image_token_id).long(),
        pixel_values=inputs["pixel_values"].float(),
        image_grid=image_grid,
        visual=visual,
        question=_question(ids[0], visual, processor.tokenizer.all_special_ids),
        grid=visual_grid(image_grid, len(visual), getattr(processor.image_processor, "merge_size", 1)),
    )


def _question(ids: Tensor, visual: Tensor, special: list[int]) -> Tensor:
    """Positions of the run of plain tokens that follows the picture and the token that closes it."""
    first = int(visual[-1]) + 2
    is_special = torch.isin(ids[first:], torch.tensor(special))
    return first + torch.arange(int(is_special.int().argmax()))


def visual_grid(image_grid: Tensor | None, tokens: int, merge_size: int) -> tuple[int, int]:
    """(rows, columns) of one picture's visual tokens.

    Args:
        image_grid: the processor's `image_grid_thw` [1, 3], in patches; None where it gives none.
        tokens: visual tokens in the prompt.
        merge_size: patches merged into one token, per side.

    Raises:
        InputError: the processor's grid and the number of tokens disagree.
    """
    if image_grid is None:
        return nearest_factors(tokens)
    _, rows, columns = (int(value) for value in image_grid[0])
    grid = rows // merge_size, columns // merge_size
    if grid[0] * grid[1] != tokens:
        raise InputError(f"The prompt holds {tokens} visual tokens, but the picture's grid is {grid[0]} x {grid[1]}.")
    return grid


def nearest_factors(tokens: int) -> tuple[int, int]:
    """The most nearly square (rows, columns) with rows * columns = tokens and rows <= columns.

    The original's rule. Only a fallback for processors that give no grid: it is wrong for about half
    of all real shapes (2,304 tokens of a 36 x 64 grid become 48 x 48) and for every upright picture.
    """
    rows = next(rows for rows in range(math.isqrt(tokens), 0, -1) if tokens % rows == 0)
    return rows, tokens // rows
