"""Tokens -> their text and where each of them stands in it."""

from collections.abc import Callable, Sequence
from os.path import commonprefix

from transformers import PreTrainedTokenizerBase

_UNFINISHED_BYTES = 3  # of a character, at most
UNREADABLE = "\ufffd"  # what bytes that make no character are decoded to


def reader(tokenizer: PreTrainedTokenizerBase, *, skip_special_tokens: bool = True) -> Callable[[Sequence[int]], str]:
    """Tokens -> what they say in the middle of a text.

    Llama's tokenizer takes away the blank at a text's beginning, and with it that of every token read alone.
    """

    def read(ids: Sequence[int]) -> str:
        return tokenizer.decode(list(ids), skip_special_tokens=skip_special_tokens)

    before = tokenizer("a", add_special_tokens=False)["input_ids"]
    alone = read(before)
    if read([*before, *before]) == alone + alone:
        return read
    return lambda ids: read([*before, *ids])[len(alone) :]


def ids_within(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Tokens of a text as in the middle of another one; special tokens in it are plain text.

    Llama's tokenizer puts a blank before a text that begins.
    """

    def encode(text: str) -> list[int]:
        return tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]

    before, ids = encode("\n"), encode("\n" + text)
    return ids[len(before) :] if ids[: len(before)] == before else encode(text)


def text_and_spans(
    tokenizer: PreTrainedTokenizerBase, ids: list[int], *, strip: bool = True
) -> tuple[str, list[tuple[int, int]]]:
    """The text of tokens, by default without blanks around it, and the characters (start, stop) of each in it.

    Special tokens are not in the text: start = stop. A fragment of a character has the whole character's
    span. Only such fragments are read together, so that the time is linear in the tokens.
    """
    read = reader(tokenizer)
    windows: list[list[tuple[int, str]]] = []  # tokens that are read together: index, reading up to and with it
    for index, token in enumerate(ids):
        reading = read([token])
        so_far = windows[-1][-1][1] if windows else ""
        if reading and so_far.endswith(UNREADABLE):  # perhaps the beginning of a character
            together = read([*(ids[i] for i, _ in windows[-1]), token])
            # Some tokenizers show every byte of a character that is not complete, others show it as one.
            unfinished = reading == UNREADABLE and len(windows[-1]) < _UNFINISHED_BYTES
            if unfinished or together != so_far + reading:
                windows[-1].append((index, together))
                continue
        if reading:
            windows.append([(index, reading)])
    text = "".join(window[-1][1] for window in windows)
    stripped = text.strip() if strip else text
    skipped = len(text) - len(text.lstrip()) if strip else 0
    spans, offset = {}, -skipped
    for window in windows:
        whole, begin = window[-1][1], 0
        for index, reading in window:
            settled = len(commonprefix([reading, whole]))
            end = settled + (settled < len(reading))  # with the one character that it leaves unfinished
            spans[index] = offset + min(begin, end - 1), offset + end
            begin = settled
        offset += len(whole)
    clamped, last = [], 0
    for index in range(len(ids)):
        start, stop = (min(max(position, 0), len(stripped)) for position in spans.get(index, (last, last)))
        clamped.append((start, stop))
        last = stop
    return stripped, clamped
