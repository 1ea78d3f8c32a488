"""Pack pictures or clips with several questions each into one batch of sequences.

A picture is encoded once. Its questions follow in the same sequence as segments that see the picture
and themselves but not each other, with positions that start anew, so that each of them runs exactly
as it would alone. Reading a picture dominates the cost, hence several questions come almost free.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from transformers import BaseImageProcessor, PreTrainedTokenizerBase

from core.embedded.training.architecture import TOKENS_PER_SECOND
from core.embedded.training.labels import cells_of, coverage, labels_of, pointer_target
from core.embedded.training.pixels import pixels_of
from core.scenes.clip_questions import ClipExchange, Sight
from core.scenes.clips import FRAMES_PER_STEP, Clip


@dataclass(frozen=True)
class PackedBatch:
    """Sequences of one picture or clip each; B of them, of T steps of N visual tokens, sequences of length L.

    Attributes:
        pixel_values: float [B, 4 * T * N, 1176].
        grid: (time, height, width) in patches of 14 pixels, the same for all; time is 1 for pictures.
        input_ids: int [B, L].
        position_ids: int [3, B, L], the M-RoPE positions (time, height, width).
        mask: bool [B, 1, L, L], True where the row may attend to the column.
        visual_start: index of the first visual token in every sequence.
        answers: int [3, K] (row, position, the token to be predicted there).
        answer_weights: float [K].
        owners: int [K], which exchange each answer token belongs to.
        kinds: kind of each exchange.
        pointers: int [2, M] (row, position that must find its sights).
        pointer_targets: float [M, T * N + 1], shares of the objects' pixels per visual token; the last column
            is 1 where there is nothing to find.
        colors, shapes: int [B, T * N], class of each visual token (0 for none) or IGNORED.
        cells: int [N], cell of the 3 x 3 raster in which the centre of each visual token lies.
    """

    pixel_values: torch.Tensor
    grid: tuple[int, int, int]
    input_ids: torch.Tensor
    position_ids: torch.Tensor
    mask: torch.Tensor
    visual_start: int
    answers: torch.Tensor
    answer_weights: torch.Tensor
    owners: torch.Tensor
    kinds: tuple[str, ...]
    pointers: torch.Tensor
    pointer_targets: torch.Tensor
    colors: torch.Tensor
    shapes: torch.Tensor
    cells: torch.Tensor


def pack(
    clips: Sequence[Clip],
    exchanges: Sequence[Sequence[ClipExchange]],
    tokenizer: PreTrainedTokenizerBase,
    image_processor: BaseImageProcessor,
) -> PackedBatch:
    """Pack pictures of one size, or clips of one size, length and rate, each with its own questions, into a batch.

    Each answer token weighs the inverse square root of its answer's length: long descriptions then
    count for more than short answers, but do not drown them.
    """
    pixel_values, grid = pixels_of(clips, image_processor)
    steps, rows, columns = grid[0], grid[1] // 2, grid[2] // 2
    is_picture = clips[0].is_picture
    opening, closing = _frame(tokenizer, steps * rows * columns, is_picture)
    visual_start = opening.index(tokenizer.convert_tokens_to_ids("<|image_pad|>" if is_picture else "<|video_pad|>"))
    interval = 1.0 if is_picture else TOKENS_PER_SECOND * FRAMES_PER_STEP / clips[0].rate
    prefix_positions = _prefix_positions(len(opening), visual_start, (steps, rows, columns), interval)
    # Behind pictures and clips alike, text goes on from where rows and columns ended, however long a clip is.
    first_position = int(prefix_positions[1, -1]) + 1

    sequences, positions, segment_ids = [], [], []
    answers, weights, owners, pointers, pointer_targets = [], [], [], [], []
    shares = [coverage(clip, rows, columns) for clip in clips]
    for row, segments in enumerate(_segments(exchanges, tokenizer, closing)):
        ids, where, owner = list(opening), list(range(len(opening))), [0] * len(opening)
        for number, segment in enumerate(segments, start=1):
            text = segment.prompt + segment.answer[:-1]
            start = len(ids) + len(segment.prompt) - 1
            ids += text
            where += range(first_position, first_position + len(text))
            owner += [number] * len(text)
            answers += [(row, start + step, token) for step, token in enumerate(segment.answer)]
            weights += [len(segment.answer) ** -0.5] * len(segment.answer)
            owners += [segment.exchange] * len(segment.answer)
            pointers += [(row, start + step) for step, _ in segment.pointers]
            pointer_targets += [pointer_target(shares[row], sights) for _, sights in segment.pointers]
        sequences.append(ids)
        positions.append(where)
        segment_ids.append(owner)

    length = max(map(len, sequences))
    position_ids = _pad(positions, length, 0).expand(3, -1, -1).clone()
    position_ids[:, :, : len(opening)] = prefix_positions[:, None]
    colors, shapes = zip(*map(labels_of, clips, shares), strict=True)
    return PackedBatch(
        pixel_values=pixel_values,
        grid=grid,
        input_ids=_pad(sequences, length, tokenizer.pad_token_id),
        position_ids=position_ids,
        mask=_block_mask(_pad(segment_ids, length, -1)),
        visual_start=visual_start,
        answers=torch.tensor(answers).T,
        answer_weights=torch.tensor(weights),
        owners=torch.tensor(owners),
        kinds=tuple(exchange.kind for group in exchanges for exchange in group),
        pointers=torch.tensor(pointers).T,
        pointer_targets=torch.stack(pointer_targets),
        colors=torch.stack(colors),
        shapes=torch.stack(shapes),
        cells=cells_of(rows, columns),
    )


@dataclass(frozen=True)
class _Segment:
    """Tokens of one question: prompt up to the answer, answer with its end, (answer token, sights) pairs."""

    exchange: int
    prompt: list[int]
    answer: list[int]
    pointers: list[tuple[int, tuple[Sight, ...]]]


def _segments(
    exchanges: Sequence[Sequence[ClipExchange]], tokenizer: PreTrainedTokenizerBase, closing: list[int]
) -> Iterator[list[_Segment]]:
    """Tokenize all questions and answers at once, which is far faster than one by one."""
    flat = [exchange for group in exchanges for exchange in group]
    questions = tokenizer([exchange.question for exchange in flat])["input_ids"]
    answers = tokenizer([exchange.answer for exchange in flat], return_offsets_mapping=True)
    segments = []
    for index, exchange in enumerate(flat):
        stops = [stop for _, stop in answers["offset_mapping"][index]]
        # A pointer at the very end of an answer belongs to the end of the turn.
        pointers = [(bisect_right(stops, character), sights) for character, sights in exchange.pointers]
        answer = [*answers["input_ids"][index], tokenizer.eos_token_id]
        segments.append(_Segment(index, questions[index] + closing, answer, pointers))
    remaining = iter(segments)
    for group in exchanges:
        yield list(islice(remaining, len(group)))


def _frame(tokenizer: PreTrainedTokenizerBase, visual_tokens: int, is_picture: bool) -> tuple[list[int], list[int]]:
    """Token ids of the chat template before a question, picture or clip included, and after it."""
    name = "image" if is_picture else "video"
    message = [{"role": "user", "content": [{"type": name}, {"type": "text", "text": "QUESTION"}]}]
    text = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
    opening, closing = text.split("QUESTION")
    opening = opening.replace(f"<|{name}_pad|>", f"<|{name}_pad|>" * visual_tokens)
    return tokenizer(opening)["input_ids"], tokenizer(closing)["input_ids"]


def _prefix_positions(length: int, visual_start: int, grid: tuple[int, int, int], interval: float) -> torch.Tensor:
    """M-RoPE positions of the part before the questions, int [3, length].

    Args:
        grid: (time, height, width) in visual tokens.
        interval: positions between one time step and the next.
    """
    steps, rows, columns = grid
    positions = torch.arange(length).expand(3, -1).clone()
    visual_end = visual_start + steps * rows * columns
    times = (torch.arange(steps) * interval).long()
    visual = torch.stack(torch.meshgrid(times, torch.arange(rows), torch.arange(columns), indexing="ij")).flatten(1)
    positions[:, visual_start:visual_end] = visual + visual_start
    positions[:, visual_end:] = torch.arange(length - visual_end) + visual_start + max(rows, columns)
    return positions


def _block_mask(segments: torch.Tensor) -> torch.Tensor:
    """Causal attention to the picture (segment 0) and to the own segment, bool [B, 1, L, L]."""
    length = segments.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    related = (segments[:, None, :] == 0) | (segments[:, None, :] == segments[:, :, None])
    return (causal & related)[:, None]


def _pad(rows: list[list[int]], length: int, value: int) -> torch.Tensor:
    return torch.tensor([row + [value] * (length - len(row)) for row in rows])
