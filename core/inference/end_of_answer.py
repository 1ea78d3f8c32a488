"""Which tokens end an answer: the checkpoint's, the tokenizer's and the chat template's, all of them.

Each may leave one out. A fine-tune whose generation_config.json names `<|endoftext|>` alone says `<|im_end|>` where its
turn ends, and would run on past it; the maps would explain what nobody should have read.
"""

from collections.abc import Iterable
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from core.models.loading import LoadedModel

_MARK = "here the answer ends"
"""What a model is said to have answered; no template writes it of itself."""


def end_ids(loaded: LoadedModel) -> list[int]:
    """Ids of the tokens after which nothing more is generated, ascending."""
    tokenizer = loaded.processor.tokenizer
    named = (loaded.model.generation_config.eos_token_id, tokenizer.eos_token_id)
    return sorted({*(each for value in named for each in _listed(value)), *_end_of_turn(loaded, tokenizer)})


def _listed(value: int | Iterable[int] | None) -> list[int]:
    if value is None:
        return []
    return [int(value)] if isinstance(value, int) else [int(each) for each in value]


def _end_of_turn(loaded: LoadedModel, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The special token that the chat template writes right after an answer, if it writes one."""
    written = next(filter(None, (_conversation(loaded, answer) for answer in ([_part(_MARK)], _MARK))), "")
    _, _, rest = written.rpartition(_MARK)
    ids = tokenizer(rest.lstrip(), add_special_tokens=False)["input_ids"] if rest.strip() else []
    special = {number for number, token in tokenizer.added_tokens_decoder.items() if token.special}
    return ids[:1] if special.intersection(ids[:1]) else []


def _conversation(loaded: LoadedModel, answer: Any) -> str | None:
    """A question and an answer as the template writes them; None where it does not take them so."""
    messages = [{"role": "user", "content": [_part("?")]}, {"role": "assistant", "content": answer}]
    try:
        written = loaded.processor.apply_chat_template(messages, chat_template=loaded.chat_template, tokenize=False)
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError, IndexError):
        return None
    return written if _MARK in written else None


def _part(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}
