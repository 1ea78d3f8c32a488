"""Tokens -> their text and where each of them stands in it."""

from os.path import commonprefix

from transformers import PreTrainedTokenizerBase

UNREADABLE = "\ufffd"  # what bytes that make no character are decoded to


def text_and_places(
    tokenizer: PreTrainedTokenizerBase, ids: list[int], *, strip: bool = True
) -> tuple[str, list[tuple[int, int]]]:
    """The text of tokens, by default without blanks around it, and the characters (start, stop) of each in it.

    Special tokens are not in the text: start = stop. A fragment of a character has the whole character's
    place. Only such fragments are read together, so that the time is linear in the tokens.
    """
    windows: list[list[tuple[int, str]]] = []  # tokens that are read together: index, reading up to and with it
    for index, token in enumerate(ids):
        reading = tokenizer.decode([token], skip_special_tokens=True)
        so_far = windows[-1][-1][1] if windows else ""
        if so_far.endswith(UNREADABLE):  # perhaps the beginning of a character
            together = tokenizer.decode([*(ids[i] for i, _ in windows[-1]), token], skip_special_tokens=True)
            if reading and together != so_far + reading:
                windows[-1].append((index, together))
                continue
        if reading:
            windows.append([(index, reading)])
    text = "".join(window[-1][1] for window in windows)
    stripped = text.strip() if strip else text
    skipped = len(text) - len(text.lstrip()) if strip else 0
    places, offset = {}, -skipped
    for window in windows:
        whole, begin = window[-1][1], 0
        for index, reading in window:
            settled = len(commonprefix([reading, whole]))
            end = settled + (settled < len(reading))  # with the one character that it leaves unfinished
            places[index] = offset + min(begin, end - 1), offset + end
            begin = settled
        offset += len(whole)
    clamped, last = [], 0
    for index in range(len(ids)):
        start, stop = (min(max(place, 0), len(stripped)) for place in places.get(index, (last, last)))
        clamped.append((start, stop))
        last = stop
    return stripped, clamped
