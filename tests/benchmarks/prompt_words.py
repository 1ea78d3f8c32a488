"""Do the words with most heat matter most? Run by hand: `python -m tests.benchmarks.prompt_words`.

Held-out scenes that the embedded model answers right. Each word of the question is replaced by random tokens of other
questions, eight times; how much log-probability the answer loses is ranked against the word's share of the heat, by
Spearman's correlation within each question. Besides the definition in use, two others are measured.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor

from core.engine import prompt_words as reading
from core.engine.explainer import Explainer
from core.evaluation.benchmark.answer_matching import SHORT
from core.evaluation.benchmark.confidence import mean_interval
from core.evaluation.benchmark.localisation import Case, cases
from core.heatmap import rank_correlation
from core.inference.forward import build_sequence, encode, resolve_target, score_of
from core.inputs.prompt import prepare
from core.methods.every_token import heat_of_every_token
from core.models.hooks import frozen
from core.scenes.scene import EVALUATION_SEEDS, sample
from core.schema import ExplainRequest, Target
from core.schema.readings.prompt_heat import PromptHeat, prompt_request

DRAWS = 8
OTHERS = EVALUATION_SEEDS[500_000:500_200]
"""Scenes whose questions give the tokens that are put in."""


def gradient_x_input(activation: Tensor, gradient: Tensor, *_: Tensor) -> Tensor:
    return (activation * gradient).sum(-1).abs()


def gradient_x_length(activation: Tensor, gradient: Tensor, *_: Tensor) -> Tensor:
    return torch.linalg.vector_norm(activation, dim=-1) * torch.linalg.vector_norm(gradient, dim=-1)


DEFINITIONS: dict[str, Callable[..., Tensor]] = {
    "in use": heat_of_every_token,
    "gradient x input": gradient_x_input,
    "gradient x length": gradient_x_length,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--skip", type=int, default=30, help="the first scenes, on which definitions were tried")
    options = parser.parse_args()
    torch.set_num_threads(1)
    explainer = Explainer.from_pretrained(device="cpu")
    tokenizer = explainer.loaded.processor.tokenizer
    pool = [id for seed in OTHERS for id in tokenizer(sample(seed).question, add_special_tokens=False)["input_ids"]]
    found: dict[str, list[list[float]]] = {name: [] for name in DEFINITIONS}
    shares: list[list[list[float]]] = []
    for drops, heats in measured(explainer, options.scenes, options.skip, np.array(pool)):
        for name, heat in heats.items():
            layers = range(heat.total_layers)
            found[name].append([rank_correlation(np.array(heat.word_shares(layer)), drops) for layer in layers])
        shares.append([list(heats["in use"].shares(layer).values()) for layer in range(heats["in use"].total_layers)])
    print(f"{len(shares)} questions; rank correlation of a word's share with what its replacement costs, by layer")
    for name, values in found.items():
        interval = mean_interval(np.array(values))
        ends = zip(interval.mean, interval.low, interval.high, strict=True)
        print(f"  {name:18s}" + "  ".join(f"{mean:.2f} ({low:.2f} to {high:.2f})" for mean, low, high in ends))
    print("mean shares by layer: picture, prompt, answer so far, template")
    for layer, row in enumerate(np.array(shares).mean(0)):
        print(f"  {layer}  " + "  ".join(f"{share:.2f}" for share in row))


def measured(
    explainer: Explainer, count: int, skip: int, pool: np.ndarray
) -> Iterator[tuple[np.ndarray, dict[str, PromptHeat]]]:
    """(loss of log-probability [words], definition -> heat) of each question with three words or more."""
    for case, *_ in islice(cases(explainer, skip + count, SHORT), skip, None):
        heats = {}
        for name, function in DEFINITIONS.items():
            with patch.object(reading, "heat_of_every_token", function):
                heats[name] = heat_of(explainer, case)
        if len(heats["in use"].words) > 2:
            yield losses(explainer, case, heats["in use"], pool), heats


def heat_of(explainer: Explainer, case: Case) -> PromptHeat:
    request = ExplainRequest(image=case.picture.digest, prompt=case.scene.question, model="m", layers=(0,))
    return reading.prompt_words(explainer, case.picture, prompt_request(request), case.answer)


def losses(explainer: Explainer, case: Case, heat: PromptHeat, pool: np.ndarray, draws: int = DRAWS) -> np.ndarray:
    """By how much the answer's log-probability falls when a word is replaced, mean over the draws."""
    loaded, drawn = explainer.loaded, np.random.default_rng(0)
    with loaded.lock, frozen(loaded.model), torch.no_grad():
        prepared = prepare(loaded, [case.picture], case.scene.question)
        sequence = build_sequence(loaded, prepared, case.answer)
        target = resolve_target(loaded, Target.answer(score="logprob"), case.answer)
        features = encode(loaded, sequence, prepared.pixel_values[None])
        before, embed, lost = score_of(loaded, sequence, features, target), loaded.model.get_input_embeddings(), []
        for word in heat.words:
            at = sequence.question[word.start : word.stop]
            after = []
            for _ in range(draws):
                ids, embeddings = sequence.ids.clone(), sequence.embeddings.clone()
                ids[0, at] = torch.tensor(drawn.choice(pool, len(at)))
                embeddings[0, at] = embed(ids[0, at])
                changed = replace(sequence, ids=ids, embeddings=embeddings)
                after.append(score_of(loaded, changed, features, target))
            lost.append(float(before - torch.cat(after).mean()))
    return np.array(lost)


if __name__ == "__main__":
    main()
