"""What fewer bits do to a model's maps and memory: parts of `tests.benchmarks.gpu`."""

import importlib.util
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from core.engine.explainer import Explainer
from core.engine.one_pass import explain_chunk
from core.heatmap import rank_correlation
from core.inputs.prompt import Prepared
from core.models.hooks import frozen
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest


def maps_of(loaded: LoadedModel, prepared: Prepared, answer: Answer, request: ExplainRequest) -> np.ndarray:
    """The maps of a request's first sample, float64 [layers, visual tokens]."""
    with frozen(loaded.model):
        (found,) = explain_chunk(loaded, prepared, answer, [request], range(1))
    return found.mean.reshape(len(request.maps), -1)


def against_float32(explainer: Explainer, prepared: Prepared, answer: Answer, request: ExplainRequest) -> list[float]:
    """Rank correlation, map by map, of a model's maps with those of the same weights in float32.

    The model is float32 afterwards.
    """
    loaded = explainer.loaded
    rounded = maps_of(loaded, prepared, answer, request)
    model = loaded.model.float()
    exact = maps_of(replace(loaded, model=model), prepared, answer, request)
    return [rank_correlation(one, other) for one, other in zip(rounded, exact, strict=True)]


def has_four_bits() -> bool:
    """Whether the package is there whose kernels multiply with weights of 4 bits."""
    return importlib.util.find_spec("bitsandbytes") is not None


def in_four_bits(loaded: LoadedModel) -> int:
    """Rounds the matrices of the decoder's layers to 4 bits, as bitsandbytes does (NF4); returns how many.

    Where they lie, they are quantised: on a CUDA device.
    """
    from bitsandbytes.nn import Linear4bit, Params4bit

    count = 0
    for layer in loaded.layers:
        for name, linear in list(layer.named_modules()):
            if not isinstance(linear, nn.Linear):
                continue
            place = linear.weight.device
            made = Linear4bit(
                linear.in_features,
                linear.out_features,
                linear.bias is not None,
                compute_dtype=torch.bfloat16,
                quant_type="nf4",
            )
            made.weight = Params4bit(linear.weight.data.cpu(), requires_grad=False, quant_type="nf4")
            made.bias = linear.bias
            layer.set_submodule(name, made.to(place))
            count += 1
    return count
