"""Does a map depend on the model, on the answer and on the picture? (Adebayo et al. 2018, arXiv:1810.03292)

A map that stays the same when the model's weights are scrambled shows edges of the picture, not reasons of
the model; one that stays the same for other words shows what is salient, not what was asked; one that stays
the same for a blank picture shows habits of the model. Similarity is Spearman's rank correlation with the
true map; all maps here are made without noise, so that nothing but the change counts.

Deviations from Adebayo et al.: weights are shuffled instead of drawn anew, which keeps their statistics and
can be undone bit for bit without a copy of the model; and the answer is shuffled where they train a model
on shuffled labels, which nobody can do to a model of billions of weights.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from core.engine.one_pass import explain_chunk
from core.errors import ModelError
from core.evaluation.trust.baselines import BASELINES
from core.evaluation.trust.report import Sanity
from core.heatmap import rank_correlation
from core.inputs.prompt import Prepared
from core.models.loading import LoadedModel
from core.models.quantisation.linear import StoredWeight
from core.schema import Answer, ExplainRequest
from core.schema.target import Target

PASSES = 7
"""Times that `check_sanity` explains: the true map, up to four of a scrambled model, and two more."""


@contextmanager
def scrambled(layers: Iterable[nn.Module], seed: int) -> Iterator[None]:
    """Rows and columns of every weight are in another order inside, and as before, bit for bit, outside.

    Args:
        layers: whose weights. The model must not be used by others meanwhile.
        seed: of the orders.

    Raises:
        ModelError: the weights are offloaded: what is changed of them would be brought anew before it is used.
    """
    layers = list(layers)
    if any(parameter.is_meta for layer in layers for parameter in layer.parameters()):
        raise ModelError(
            "This model's layers are offloaded, so that their weights cannot be scrambled. Without device_map, the map "
            "can be checked."
        )
    rng = np.random.default_rng(seed)
    with ExitStack() as stack:
        for layer in layers:
            modules = [module for module in layer.modules() if isinstance(module, StoredWeight)]
            stored = {id(parameter) for module in modules for parameter in module.parameters()}
            for module in modules:
                stack.enter_context(module.reordered(rng))
            for parameter in (each for each in layer.parameters() if id(each) not in stored):
                orders = [torch.from_numpy(rng.permutation(size)) for size in parameter.shape[:2]]
                stack.callback(_reorder, parameter, [order.argsort() for order in orders])
                _reorder(parameter, orders)
        yield


@torch.no_grad()
def _reorder(parameter: nn.Parameter, orders: Sequence[Tensor]) -> None:
    values = parameter.data
    for dimension, order in enumerate(orders):
        values = values.index_select(dimension, order.to(values.device))
    parameter.data.copy_(values)


def cascade_steps(total: int) -> tuple[int, ...]:
    """How many layers are scrambled at each step of the cascade: the last one, a quarter, half, all."""
    return tuple(sorted({1, -(-total // 4), -(-total // 2), total}))


def check_sanity(
    loaded: LoadedModel,
    prepared: Prepared,
    answer: Answer,
    request: ExplainRequest,
    *,
    seed: int = 0,
    tick: Callable[[], None] = lambda: None,
) -> Sanity:
    """The sanity checks of one map. The caller holds the model's lock and has frozen it.

    Args:
        request: of one map; its noise is left out.
        seed: of all orders.
        tick: called after each of at most `PASSES` maps; what it raises stops the work and all is restored.
    """
    quiet = replace(request, noise_std=0.0, num_samples=1)

    def explain(picture: Prepared, said: Answer, asked: ExplainRequest) -> np.ndarray:
        heat = explain_chunk(loaded, picture, said, [asked], range(1), tick)[0].mean
        tick()
        return np.nan_to_num(heat[0], nan=0.0, posinf=0.0)

    true = explain(prepared, answer, quiet)
    counts, cascade = cascade_steps(len(loaded.layers)), []
    with ExitStack() as stack:
        done = 0
        for count in counts:
            layers = [loaded.layers[-number] for number in range(done + 1, count + 1)]
            stack.enter_context(scrambled(layers, seed + done))
            cascade.append(rank_correlation(explain(prepared, answer, quiet), true))
            done = count
    other = replace(quiet, target=_by_position(quiet.target, answer))
    shuffled = explain(prepared, shuffled_answer(answer, len(loaded.processor.tokenizer), seed), other)
    blank = explain(blank_picture(loaded, prepared), answer, quiet)
    return Sanity(
        layers=counts,
        cascade=tuple(cascade),
        shuffled=rank_correlation(shuffled, true),
        blank=rank_correlation(blank, true),
    )


def shuffled_answer(answer: Answer, vocabulary: int, seed: int) -> Answer:
    """The answer's tokens in an order in which each has another position; of a single token, any other one."""
    rng, tokens = np.random.default_rng(seed), answer.tokens
    if len(tokens) == 1:
        others = [number for number in rng.integers(vocabulary, size=8) if number != tokens[0].id]
        return replace(answer, tokens=(replace(tokens[0], id=int(others[0])),))
    circle = rng.permutation(len(tokens))
    moved = dict(zip(circle.tolist(), np.roll(circle, 1).tolist(), strict=True))
    return replace(answer, tokens=tuple(tokens[moved[position]] for position in range(len(tokens))))


def _by_position(target: Target, answer: Answer) -> Target:
    """The target's tokens by their numbers: the phrase stands elsewhere in a shuffled answer, if at all."""
    indices = target.indices(answer)
    score = {} if target.kind == "contrast" else {"score": target.score}
    return Target.tokens(indices[0], indices[-1] + 1, sentence=target.sentence, **score)


def blank_picture(loaded: LoadedModel, prepared: Prepared) -> Prepared:
    """The same inputs with each picture, image by image, at its mean colour."""
    pixel_layout, pixels, layouts = loaded.family.pixel_layout, prepared.pixel_values, prepared.layouts
    images = [BASELINES["mean"](image, image.shape[:2]) for image in pixel_layout.unfold(pixels, layouts)]
    return replace(prepared, pixel_values=pixel_layout.fold(images, pixels, layouts).contiguous())
