"""Where a prompt's own tokens stand in the chat's, and the token before all of them."""

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from core.inputs.token_text import text_and_spans


def begun(tokenizer: PreTrainedTokenizerBase, ids: Tensor) -> Tensor:
    """Ids [1, prompt] with the token that the tokenizer puts before any text, where the chat template wrote none.

    The tokenizer cannot do so itself where control tokens are to be plain text.
    """
    first = tokenizer.bos_token_id
    if first is None or int(ids[0, 0]) == first or first not in tokenizer("")["input_ids"]:
        return ids
    return torch.cat([torch.tensor([[first]]), ids], dim=1)


def question_positions(
    tokenizer: PreTrainedTokenizerBase, ids: Tensor, placeholders: Tensor, prompt: str, picture_first: bool
) -> Tensor:
    """Positions of the tokens that hold the prompt; all plain tokens on its side if it cannot be found as typed."""
    first, last = int(placeholders[0]), int(placeholders[-1])
    begin, end = (last + 1, len(ids)) if picture_first else (0, first)
    side = ids[begin:end].tolist()
    text, spans = text_and_spans(tokenizer, side, strip=False)
    wanted = prompt if prompt in text else prompt.strip()  # some templates take the blanks around it away
    # The user's message is the first that follows the pictures, and the last before them.
    at = text.find(wanted) if picture_first else text.rfind(wanted)
    if at < 0:
        special = set(tokenizer.all_special_ids)
        return torch.tensor([begin + index for index, token in enumerate(side) if token not in special])
    stop = at + len(wanted)
    return torch.tensor([begin + i for i, (a, b) in enumerate(spans) if a < stop and b > at])
