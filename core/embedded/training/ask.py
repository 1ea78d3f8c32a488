"""Put questions to a checkpoint folder with nothing but the stock library."""

from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from transformers import (
    AutoTokenizer,
    PreTrainedTokenizerBase,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

from core.embedded import CHECKPOINT
from core.embedded.training.pixels import pixels_of
from core.scenes.clips import FRAMES_PER_STEP, Clip


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint folder."""

    model: Qwen2_5_VLForConditionalGeneration
    tokenizer: PreTrainedTokenizerBase
    image_processor: Qwen2VLImageProcessorPil


def load(folder: Path = CHECKPOINT) -> Checkpoint:
    """Load a checkpoint from a hub-style folder, ready to answer."""
    return Checkpoint(
        Qwen2_5_VLForConditionalGeneration.from_pretrained(folder).eval(),
        AutoTokenizer.from_pretrained(folder),
        Qwen2VLImageProcessorPil.from_pretrained(folder),
    )


def answer(checkpoint: Checkpoint, seen: Image.Image | Clip, question: str) -> str:
    """Answer a question about a picture or a clip greedily."""
    return say(checkpoint, seen, question)[0]


@torch.no_grad()
def say(checkpoint: Checkpoint, seen: Image.Image | Clip, question: str) -> tuple[str, bool]:
    """Answer greedily, and say whether the answer ended by itself instead of at the limit of tokens."""
    given = inputs_of(checkpoint, seen, question)
    # Positions left over from an earlier call would shift those of this one.
    checkpoint.model.model.rope_deltas = None
    output = checkpoint.model.generate(**given, do_sample=False)[0, given["input_ids"].shape[1] :]
    ended = bool(output[-1] == checkpoint.tokenizer.eos_token_id)
    return checkpoint.tokenizer.decode(output, skip_special_tokens=True), ended


@torch.no_grad()
def read_answer(
    checkpoint: Checkpoint, seen: Image.Image | Clip, question: str, text: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let the model read a given answer instead of writing its own (teacher forcing).

    Returns:
        Log-probabilities, float [tokens, vocabulary], and the tokens of the answer, int [tokens]; the
        last token is the end of the turn, and each is predicted after the true ones before it.
    """
    tokens = [*checkpoint.tokenizer(text)["input_ids"], checkpoint.tokenizer.eos_token_id]
    given = inputs_of(checkpoint, seen, question, tokens[:-1])
    checkpoint.model.model.rope_deltas = None
    logits = checkpoint.model(**given).logits[0, -len(tokens) :]
    return logits.log_softmax(-1), torch.tensor(tokens)


def answer_probability(checkpoint: Checkpoint, seen: Image.Image | Clip, question: str, text: str) -> float:
    """Probability that the model gives exactly this answer."""
    log_probabilities, tokens = read_answer(checkpoint, seen, question, text)
    return float(log_probabilities.gather(1, tokens[:, None]).sum().exp())


def inputs_of(
    checkpoint: Checkpoint, seen: Image.Image | Clip, question: str, answer_ids: list[int] | None = None
) -> dict[str, torch.Tensor]:
    """Model inputs of one question about one picture or clip, with tokens of an answer appended if given."""
    is_picture = not isinstance(seen, Clip) or seen.is_picture
    given = _picture(checkpoint, seen) if is_picture else _video(checkpoint, seen)
    grid = given["image_grid_thw" if is_picture else "video_grid_thw"]
    visual_tokens = int(grid.prod()) // checkpoint.image_processor.merge_size**2
    content = [{"type": "image" if is_picture else "video"}, {"type": "text", "text": question}]
    ids = checkpoint.tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, sanitize_control_tokens=True
    )["input_ids"]
    config = checkpoint.model.config
    pad = config.image_token_id if is_picture else config.video_token_id
    at = ids.index(pad)
    input_ids = torch.tensor([[*ids[:at], *[pad] * visual_tokens, *ids[at + 1 :], *(answer_ids or [])]])
    return {
        "input_ids": input_ids,
        "attention_mask": torch.ones_like(input_ids),
        # Without the type of each token, positions would silently become one-dimensional.
        "mm_token_type_ids": (input_ids == pad).int() * (1 if is_picture else 2),
        **given,
    }


def _picture(checkpoint: Checkpoint, seen: Image.Image | Clip) -> dict[str, torch.Tensor]:
    image = Image.fromarray(seen.frames[0]) if isinstance(seen, Clip) else seen
    return dict(checkpoint.image_processor([image], return_tensors="pt"))


def _video(checkpoint: Checkpoint, clip: Clip) -> dict[str, torch.Tensor]:
    values, grid = pixels_of([clip], checkpoint.image_processor)
    return {
        "pixel_values_videos": values[0],
        "video_grid_thw": torch.tensor([grid]),
        "second_per_grid_ts": torch.tensor([FRAMES_PER_STEP / clip.rate]),
    }
