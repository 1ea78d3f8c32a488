"""The answer that is explained: generated or given, with each token's probability and best rivals."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import (
    GenerationConfig,
    LogitsProcessorList,
    PreTrainedTokenizerBase,
    StoppingCriteria,
    StoppingCriteriaList,
)
from transformers.generation.streamers import BaseStreamer

from core.errors import InputError
from core.inference.drawn_tokens import DrawnTokens
from core.inference.end_of_answer import end_ids
from core.inputs.prompt import Prepared
from core.inputs.thoughts import begins_thought, thought_length
from core.inputs.token_text import reader, text_and_spans
from core.memory.out_of_memory import whole
from core.models.families.windowed_attention import grouped_windows
from core.models.loading import LoadedModel
from core.schema import MAX_NEW_TOKENS, Answer, Progress, Token
from core.schema.drawn_answers import TokenSampling

ALTERNATIVES = 5


@whole()
def generate_answer(
    loaded: LoadedModel,
    prepared: Prepared,
    max_new_tokens: int,
    on_progress: Callable[[Progress], None] | None = None,
    sampling: TokenSampling | None = None,
) -> Answer:
    """The model's answer: the likeliest token at each step, or one that is drawn.

    Of the checkpoint's own generation settings only the repetition penalty and the end tokens are kept: to draw tokens
    unasked would give another answer, hence another map, at every run. The end tokens of tokenizer and chat template
    end it as well. The tokens' probabilities are always the model's own, at a temperature of 1 and of all tokens.

    Args:
        sampling: how tokens are drawn; None for the likeliest.
        on_progress: called after each token; raising from it stops the generation.

    Returns:
        The answer; its last token is not the end-of-turn token, unless there is no other.
    """
    streamer = _Counter(max_new_tokens, on_progress) if on_progress else None
    inputs = prepared.generation_inputs(loaded.device)
    return _generated(loaded, prepared, inputs, max_new_tokens, sampling, streamer=streamer)[0]


def generate_answers(
    loaded: LoadedModel,
    prepared: Prepared,
    pixels: Tensor,
    max_new_tokens: int,
    tick: Callable[[], None],
    sampling: TokenSampling | None = None,
) -> list[Answer]:
    """The model's answers to one prompt about other pixels, generated together; each as by `generate_answer`.

    Args:
        pixels: [variants, ...], each in the place of `prepared.pixel_values`.
        tick: called after each token; what it raises stops the generation.
        sampling: as of `generate_answer`. All are drawn by the same numbers, so that they differ by the pixels alone.

    Raises:
        RuntimeError, MemoryError: memory did not suffice; see `core.memory.out_of_memory`.
    """
    inputs = prepared.generation_inputs(loaded.device)
    together = {name: torch.cat([tensor] * len(pixels)) for name, tensor in inputs.items() if name != "pixel_values"}
    together["pixel_values"] = pixels.flatten(0, 1).to(loaded.device)
    ticking = StoppingCriteriaList([_Ticking(tick)])
    return _generated(loaded, prepared, together, max_new_tokens, sampling, stopping_criteria=ticking)


def _generated(
    loaded: LoadedModel,
    prepared: Prepared,
    inputs: dict[str, Tensor],
    max_new_tokens: int,
    sampling: TokenSampling | None,
    **watched: Any,
) -> list[Answer]:
    model, tokenizer = loaded.model, loaded.processor.tokenizer
    own, ends = model.generation_config, end_ids(loaded)
    settings = GenerationConfig(
        do_sample=False,  # of what `DrawnTokens` leaves, the likeliest token is the one that was drawn
        max_new_tokens=max_new_tokens,
        repetition_penalty=own.repetition_penalty or 1.0,
        eos_token_id=ends or None,
        pad_token_id=own.pad_token_id if own.pad_token_id is not None else tokenizer.pad_token_id,
        output_logits=True,
        return_dict_in_generate=True,
    )
    if sampling is not None:
        watched["logits_processor"] = LogitsProcessorList([DrawnTokens(sampling)])
    state = loaded.family.remember_positions(model)
    model.generation_config = settings  # else transformers fills gaps from the checkpoint's sampling settings
    try:
        with torch.no_grad(), grouped_windows(model.config):
            generated = model.generate(**inputs, **watched)
    finally:
        model.generation_config = own
        loaded.family.restore_positions(model, state)
    begun, answers = begins_thought(tokenizer, prepared.input_ids[0]), []
    for number, sequence in enumerate(generated.sequences):
        ids = _until_end(sequence[prepared.prompt_length :].tolist(), ends)
        answers.append(_answer(tokenizer, ids, [row[number] for row in generated.logits[: len(ids)]], begun))
    return answers


def _until_end(ids: list[int], ends: Collection[int]) -> list[int]:
    """An answer's tokens without what ends it, unless there is nothing else, and without what fills up a batch."""
    length = next((index for index, token in enumerate(ids) if token in ends), len(ids))
    return ids[: max(1, length)]


@whole()
def force_answer(loaded: LoadedModel, prepared: Prepared, text: str) -> Answer:
    """`text` as if the model had answered it, with the probabilities that the model gives its tokens.

    One forward pass. Special tokens in the text are encoded as the characters they are written with. The
    caller holds the model's lock and has frozen it.

    Raises:
        InputError: the text has no token, or more than `MAX_NEW_TOKENS`.
    """
    model, tokenizer, family = loaded.model, loaded.processor.tokenizer, loaded.family
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    if not ids:
        raise InputError("The sentence to explain is empty for the model. Type at least one word.")
    if len(ids) > MAX_NEW_TOKENS:
        raise InputError(
            f"The sentence to explain has {len(ids):,} tokens; at most {MAX_NEW_TOKENS:,} can be explained. Shorten it."
        )
    inputs = prepared.generation_inputs(loaded.device)
    full_ids, types = (tensor.to(loaded.device) for tensor in prepared.with_answer(torch.tensor(ids)))
    inputs |= {"input_ids": full_ids, "attention_mask": torch.ones_like(full_ids)}
    if prepared.types_name is not None:
        inputs[prepared.types_name] = types
    state = family.remember_positions(model)
    try:
        with torch.no_grad():
            # The token at position p is predicted at p - 1; what follows the last one is nobody's.
            logits = model(**inputs, use_cache=False, logits_to_keep=len(ids) + 1).logits[0, :-1]
    finally:
        family.restore_positions(model, state)
    return _answer(tokenizer, ids, logits)


def _answer(
    tokenizer: PreTrainedTokenizerBase, ids: list[int], logits: Sequence[Tensor] | Tensor, begun: bool = False
) -> Answer:
    """The answer of these tokens; `logits` holds one row [vocabulary] for each. `begun`: the prompt began a thought."""
    text, spans = text_and_spans(tokenizer, ids)
    # One row at a time: together, the rows' probabilities would be a second copy of them all.
    rows, read = zip(ids, logits, spans, strict=True), reader(tokenizer, skip_special_tokens=False)
    tokens = tuple(_token(read, chosen, row, span) for chosen, row, span in rows)
    return Answer(text, tokens, thought_length([token.text for token in tokens], begun))


def _token(read: Callable[[Sequence[int]], str], chosen: int, logits: Tensor, span: tuple[int, int]) -> Token:
    probabilities = logits.float().softmax(-1)
    best = probabilities.topk(min(ALTERNATIVES + 1, len(probabilities)))
    rivals = [(int(i), float(p)) for p, i in zip(best.values, best.indices, strict=True) if int(i) != chosen]
    return Token(
        id=chosen,
        text=read([chosen]),
        probability=float(probabilities[chosen]),
        alternatives=tuple((read([i]), p) for i, p in rivals[:ALTERNATIVES]),
        start=span[0],
        stop=span[1],
    )


class _Ticking(StoppingCriteria):
    """Stops nothing by itself; what `tick` raises does."""

    def __init__(self, tick: Callable[[], None]) -> None:
        self.tick = tick

    def __call__(self, input_ids: Tensor, scores: Any, **others: Any) -> Tensor:
        self.tick()
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


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
