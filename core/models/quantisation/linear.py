"""A linear layer whose weight stays quantised in memory, and is made plain for each product alone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

from core.models.quantisation.unpacking import Unpack


class StoredWeight(nn.Module):
    """The tensors of a quantised weight; called, it gives the weight.

    A module of its own, so that whoever brings weights to a device when their module is called (accelerate's hooks)
    brings these in the forward pass and in the backward pass.
    """

    def __init__(self, tensors: Mapping[str, Tensor], unpack: Unpack, dtype: torch.dtype) -> None:
        """
        Args:
            tensors: by the names that `unpack` knows; empty ones are filled later.
            dtype: that the weight is computed with.
        """
        super().__init__()
        for name, tensor in tensors.items():
            self.register_parameter(name, nn.Parameter(tensor, requires_grad=False))
        self._unpack, self.dtype = unpack, dtype
        self._orders: tuple[Tensor, ...] = ()

    def forward(self) -> Tensor:
        """The weight, [outputs, inputs], in `dtype`."""
        weight = self._unpack({name: parameter.data for name, parameter in self.named_parameters()}).to(self.dtype)
        for dimension, order in enumerate(self._orders):
            weight = weight.index_select(dimension, order.to(weight.device))
        return weight

    @contextmanager
    def reordered(self, rng: np.random.Generator) -> Iterator[None]:
        """Inside, rows and columns of the weight are in another, random order; what is stored stays."""
        self._orders = tuple(torch.from_numpy(rng.permutation(size)) for size in self().shape)
        try:
            yield
        finally:
            self._orders = ()


class StoredLinear(nn.Module):
    """`nn.Linear` with a stored weight, which wants no gradient; its input may."""

    def __init__(self, stored: StoredWeight, inputs: int, outputs: int, bias: nn.Parameter | None) -> None:
        super().__init__()
        self.in_features, self.out_features = inputs, outputs
        self.stored = stored
        self.register_parameter("bias", bias)

    @property
    def weight(self) -> Tensor:
        """The plain weight, made anew each time: for code that reads it, or its dtype."""
        with torch.no_grad():
            return self.stored()

    def forward(self, hidden: Tensor) -> Tensor:
        return _Product.apply(hidden, self.stored, self.bias)


class _Product(torch.autograd.Function):
    """hidden @ weight.T + bias; nothing of the plain weight is kept for the backward pass, which makes it again."""

    @staticmethod
    def forward(ctx: FunctionCtx, hidden: Tensor, stored: StoredWeight, bias: Tensor | None) -> Tensor:
        ctx.stored = stored
        return nn.functional.linear(hidden, stored(), bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return gradient @ ctx.stored(), None, None
