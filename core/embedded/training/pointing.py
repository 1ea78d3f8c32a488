"""Where and when a checkpoint looks for its answers about clips, by plain Grad-CAM; no noise, no other method.

It says during training whether the model learns to look. What the project's own maps show is measured by
`python -m core evaluate`.
"""

import numpy as np
import torch

from core.embedded.training.ask import Checkpoint, inputs_of
from core.embedded.training.labels import coverage
from core.scenes.clip_questions import ask_clip
from core.scenes.clips import Clip, compose_clip
from core.scenes.drawing import TOKEN_SIDE

KINDS = ("appear", "vanish", "end", "first")
"""Questions whose answer rests on an object at one time step."""


def heat_of(checkpoint: Checkpoint, clip: Clip, question: str, answer: str) -> np.ndarray:
    """Mean of the layers' Grad-CAM maps of an answer, each with sum 1; float [T, N]."""
    tokens = [*checkpoint.tokenizer(answer)["input_ids"], checkpoint.tokenizer.eos_token_id]
    given = inputs_of(checkpoint, clip, question, tokens[:-1])
    checkpoint.model.model.rope_deltas = None
    with torch.enable_grad():
        output = checkpoint.model(**given, output_hidden_states=True)
        said = output.logits[0, -len(tokens) :].log_softmax(-1)
        score = said[range(len(tokens)), tokens].sum()
        hidden = output.hidden_states[1:-1]
        gradients = torch.autograd.grad(score, hidden)
    visual = given["mm_token_type_ids"][0] > 0
    maps = torch.stack([(h * g).sum(-1)[0, visual].relu() for h, g in zip(hidden, gradients, strict=True)])
    shares = maps / maps.sum(1, keepdim=True).clamp(min=1e-12)
    return shares.mean(0).detach().numpy().reshape(clip.steps, -1)


def pointing(checkpoint: Checkpoint, seeds: range) -> dict[str, object]:
    """How often the largest cell lies on the object at the right step, and the share of heat in the right step.

    Only answers that rest on something are asked for; the right answer is explained, whatever the model says.

    Returns:
        `hit`: share of clips whose largest cell (t, y, x) holds some of the object at a step that decides the answer;
        `time`: mean share of heat within these steps; `clips`: how many were measured; `by_kind`: the same of each
        kind of question. What stays is at the end where it always was, so that "where at the end" can be answered from
        any step.
    """
    marks: dict[str, list[tuple[bool, float]]] = {kind: [] for kind in KINDS}
    for index, seed in enumerate(seeds):
        clip, kind = compose_clip(seed), KINDS[index % len(KINDS)]
        exchange = ask_clip(clip, kind, np.random.default_rng([seed, 3]))
        sights = exchange.phrases.get(exchange.answer, ())
        if not sights:
            continue
        rows, columns = (size // TOKEN_SIDE for size in clip.frames.shape[1:3])
        shares = coverage(clip, rows, columns).numpy()
        heat = heat_of(checkpoint, clip, exchange.question, exchange.answer)
        right = np.zeros(heat.shape, bool)
        for thing, step in sights:
            right[step] |= shares[thing, step] > 0
        time = float(heat[right.any(1)].sum() / max(heat.sum(), 1e-12))
        marks[kind].append((bool(right.flat[heat.argmax()]), time))
    whole = _means([mark for group in marks.values() for mark in group])
    return {**whole, "by_kind": {kind: _means(group) for kind, group in marks.items() if group}}


def _means(marks: list[tuple[bool, float]]) -> dict[str, float]:
    hit, time = np.mean(marks, axis=0)
    return {"hit": round(float(hit), 4), "time": round(float(time), 4), "clips": len(marks)}
