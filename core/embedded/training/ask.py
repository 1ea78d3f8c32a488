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


@torch.no_grad()
def answer(checkpoint: Checkpoint, image: Image.Image, question: str) -> str:
    """Answer a question about a picture greedily."""
    given = _inputs(checkpoint, image, question)
    # Positions left over from an earlier call would shift those of this one.
    checkpoint.model.model.rope_deltas = None
    output = checkpoint.model.generate(**given, do_sample=False)
    return checkpoint.tokenizer.decode(output[0, given["input_ids"].shape[1] :], skip_special_tokens=True)


@torch.no_grad()
def read_answer(
    checkpoint: Checkpoint, image: Image.Image, question: str, text: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let the model read a given answer instead of writing its own (teacher forcing).

    Returns:
        Log-probabilities, float [tokens, vocabulary], and the tokens of the answer, int [tokens]; the
        last token is the end of the turn, and each is predicted after the true ones before it.
    """
    tokens = [*checkpoint.tokenizer(text)["input_ids"], checkpoint.tokenizer.eos_token_id]
    given = _inputs(checkpoint, image, question, tokens[:-1])
    checkpoint.model.model.rope_deltas = None
    logits = checkpoint.model(**given).logits[0, -len(tokens) :]
    return logits.log_softmax(-1), torch.tensor(tokens)


def answer_probability(checkpoint: Checkpoint, image: Image.Image, question: str, text: str) -> float:
    """Probability that the model gives exactly this answer."""
    log_probabilities, tokens = read_answer(checkpoint, image, question, text)
    return float(log_probabilities.gather(1, tokens[:, None]).sum().exp())


def _inputs(
    checkpoint: Checkpoint, image: Image.Image, question: str, answer_ids: list[int] | None = None
) -> dict[str, torch.Tensor]:
    """Model inputs of one question about one picture, with tokens of an answer appended if given."""
    pixels = checkpoint.image_processor([image], return_tensors="pt")
    visual_tokens = int(pixels["image_grid_thw"].prod()) // checkpoint.image_processor.merge_size**2
    content = [{"type": "image"}, {"type": "text", "text": question}]
    ids = checkpoint.tokenizer.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, sanitize_control_tokens=True
    )["input_ids"]
    pad = checkpoint.model.config.image_token_id
    at = ids.index(pad)
    input_ids = torch.tensor([[*ids[:at], *[pad] * visual_tokens, *ids[at + 1 :], *(answer_ids or [])]])
    return {
        "input_ids": input_ids,
        "attention_mask": torch.ones_like(input_ids),
        # Without the type of each token, positions would silently become one-dimensional.
        "mm_token_type_ids": (input_ids == pad).int(),
        **pixels,
    }
