"""Greedy decoding of the answer, with each token's probability and its best rivals."""

from collections.abc import Callable

import torch
from torch import Tensor
from transformers import GenerationConfig
from transformers.generation.streamers import BaseStreamer

from core.loading import LoadedModel
from core.prompt import Prepared
from core.schema import Answer, Progress, Token

ALTERNATIVES = 5


def generate_answer(
    loaded: LoadedModel,
    prepared: Prepared,
    max_new_tokens: int,
    on_progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """The model's answer, likeliest token first at each step.

    Of the checkpoint's own generation settings only the repetition penalty and the end tokens are
    kept: sampling would give another answer, hence another map, at every run.

    Args:
        on_progress: called after each token; raising from it stops the generation.

    Returns:
        The answer; its last token is not the end-of-turn token, unless there is no other.
    """
    model, tokenizer = loaded.model, loaded.processor.tokenizer
    own = model.generation_config
    settings = GenerationConfig(
        do_sample=False,
        max_new_tokens=max_new_tokens,
        repetition_penalty=own.repetition_penalty or 1.0,
        eos_token_id=own.eos_token_id if own.eos_token_id is not None else tokenizer.eos_token_id,
        pad_token_id=own.pad_token_id if own.pad_token_id is not None else tokenizer.pad_token_id,
        output_logits=True,
        return_dict_in_generate=True,
    )
    state = loaded.family.remember_positions(model)
    model.generation_config = settings  # else transformers fills gaps from the checkpoint's sampling settings
    try:
        with torch.no_grad():
            generated = model.generate(
                **prepared.generation_inputs(loaded.device),
                streamer=_Counter(max_new_tokens, on_progress) if on_progress else None,
            )
    finally:
        model.generation_config = own
        loaded.family.restore_positions(model, state)
    ids = generated.sequences[0, prepared.prompt_length :].cpu()
    ends = set(torch.atleast_1d(torch.tensor(settings.eos_token_id)).tolist())
    if len(ids) > 1 and int(ids[-1]) in ends:
        ids = ids[:-1]
    # One step at a time: together, the steps' logits would be a second copy of them all.
    tokens = tuple(
        _token(tokenizer, int(chosen), logits[0]) for chosen, logits in zip(ids, generated.logits, strict=False)
    )
    return Answer(tokenizer.decode(ids, skip_special_tokens=True).strip(), tokens)


def _token(tokenizer, chosen: int, logits: Tensor) -> Token:
    probabilities = logits.float().softmax(-1)
    best = probabilities.topk(min(ALTERNATIVES + 1, len(probabilities)))
    rivals = [(int(i), float(p)) for p, i in zip(best.values, best.indices, strict=True) if int(i) != chosen]
    return Token(
        id=chosen,
        text=tokenizer.decode([chosen]),
        probability=float(probabilities[chosen]),
        alternatives=tuple((tokenizer.decode([i]), p) for i, p in rivals[:ALTERNATIVES]),
    )


class _Counter(BaseStreamer):
    """Counts tokens as `generate` hands them over; the first thing handed over is the prompt."""

    def __init__(self, total: int, on_progress: Callable[[Progress], None]) -> None:
        self.done, self.total, self.on_progress = -1, total, on_progress

    def put(self, value: Tensor) -> None:
        self.done += 1
        if self.done:
            self.on_progress(Progress("answer", self.done, self.total))

    def end(self) -> None:
        """Nothing is buffered."""
