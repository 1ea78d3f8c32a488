"""Heat over the prompt's own words, beside the picture's: one pass forward and one backward, without noise."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from core.engine.one_pass import record_forward
from core.engine.runs import Runs
from core.inference.forward import TokenSequence, build_sequence, resolve_target
from core.inference.scores import score
from core.inputs.pictures import Picture
from core.inputs.prompt import prepare_for
from core.inputs.token_text import text_and_spans
from core.methods.every_token import heat_of_every_token
from core.methods.extractors import Requirements, Trace
from core.models.hooks import HookPoint, frozen
from core.schema import Answer, ExplainRequest, Token
from core.schema.readings.prompt_heat import PromptHeat
from core.schema.time_steps import refuse_video
from core.schema.words import Word, words_of

DOING = "Reading the heat of every token"


def prompt_words(
    explainer: Runs,
    pictures: Picture | Sequence[Picture],
    request: ExplainRequest,
    answer: Answer,
    on_step: Callable[[str, int, int], None] = lambda *_: None,
) -> PromptHeat:
    """What of an answer's heat lies on the prompt's words, the pictures, the answer so far and the template.

    Args:
        pictures: all of the prompt's.
        request: the question and its target, as `prompt_request` of `core.schema.readings.prompt_heat` makes it.
        answer: the model's, of which the request explains a part.
        on_step: called with (what is done, steps done, steps in all); what it raises stops the work.

    Raises:
        InputError: the pictures are not the prompt's, or the answer has no such target.
        OutOfMemoryError: one sequence does not fit on the device.
    """
    refuse_video(request, "The heat of the prompt's words")
    loaded = explainer.loaded
    on_step(DOING, 0, 1)
    with loaded.lock, frozen(loaded.model):
        prepared = prepare_for(loaded, pictures, request)
        sequence, target = build_sequence(loaded, prepared, answer), resolve_target(loaded, request.target, answer)
        points = [HookPoint(layer) for layer in range(len(loaded.layers))]
        needed = Requirements(points=frozenset(points), gradients=frozenset(points))
        with torch.enable_grad():
            pixels = prepared.pixel_values[None]
            states, trace = record_forward(loaded, sequence, needed, pixels, target.indices, 1)
            spoken = loaded.family.head(loaded.model, states)
            summed = score(spoken, sequence.answer[target.indices], target.target, target.rival).sum()
            gradients = torch.autograd.grad(summed, [trace.activations[point] for point in points])
        with torch.no_grad():
            graded = trace.graded(dict(zip(points, gradients, strict=True)))
            earlier = torch.cat([*prepared.turns, torch.zeros(0, dtype=torch.int64)])
            heat = torch.stack([_heat(graded, point, earlier) for point in points])
        words = _words(loaded.processor.tokenizer, sequence)
    found = _summed(sequence, heat.double(), words, answer, prepared.turns)
    on_step(DOING, 1, 1)
    return found


def _heat(trace: Trace, point: HookPoint, earlier: Tensor) -> Tensor:
    """Heat of every token at a point, on the CPU: a model's layers may lie on several devices.

    Args:
        earlier: positions of what was said before the question.
    """
    sequence = trace.sequence
    activation, gradient = (hidden[0].cpu().float() for hidden in (trace.activations[point], trace.gradients[point]))
    visual, question = sequence.visual.cpu(), sequence.question.cpu()
    written = torch.cat([earlier, question, torch.arange(sequence.prompt_length, sequence.ids.shape[1])])
    return heat_of_every_token(activation, gradient, visual, written)


def _words(tokenizer: PreTrainedTokenizerBase, sequence: TokenSequence) -> tuple[Word, ...]:
    """The prompt's words, whose tokens are counted within the prompt's own."""
    ids = sequence.ids[0, sequence.question].tolist()
    text, spans = text_and_spans(tokenizer, ids, strip=False)
    pieces = zip(ids, spans, strict=True)
    tokens = tuple(Token(id, text[start:stop], 1.0, (), start, stop) for id, (start, stop) in pieces)
    return words_of(Answer(text, tokens))


def _summed(
    sequence: TokenSequence, heat: Tensor, words: Sequence[Word], answer: Answer, turns: Sequence[Tensor]
) -> PromptHeat:
    """Heat [layers, tokens] -> of what belongs together. Every token belongs to one source.

    What was said before the question counts to the prompt.

    Marks between the lines or tiles of a picture are the template's: they stand for no place in it.
    """
    question, visual = sequence.question.cpu(), sequence.visual.cpu()
    is_template = torch.ones(heat.shape[1], dtype=torch.bool)
    is_template[torch.cat([*turns, question, visual])] = False
    is_template[sequence.prompt_length :] = False
    pictures = heat[:, visual].split([layout.tokens for layout in sequence.layouts], dim=1)
    asked = heat[:, question]
    said = [heat[:, positions].sum(1) for positions in turns]
    spans = [asked[:, word.start : word.stop].sum(1) for word in words]
    return PromptHeat(
        answer=answer.text,
        words=tuple(words),
        word_heat=_rows(spans, len(heat)),
        picture_heat=_rows([own.sum(1) for own in pictures], len(heat)),
        prompt_heat=tuple((asked.sum(1) + sum(said)).tolist()),
        answer_heat=tuple(heat[:, sequence.prompt_length :].sum(1).tolist()),
        template_heat=tuple(heat[:, is_template].sum(1).tolist()),
        turn_heat=_rows(said, len(heat)) if said else (),
    )


def _rows(columns: Sequence[Tensor], layers: int) -> tuple[tuple[float, ...], ...]:
    """Columns [layers] -> rows of a table, to six digits: a long prompt has thousands of words at each layer."""
    if not columns:
        return ((),) * layers
    return tuple(tuple(float(f"{value:.6g}") for value in row) for row in torch.stack(list(columns), 1).tolist())
