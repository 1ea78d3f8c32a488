"""Recording activations inside a model for as long as a `with` lasts, and leaving no trace."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn

from core.schema import Tap


@contextmanager
def record_activations(layers: Mapping[int, nn.Module], tap: Tap) -> Iterator[dict[int, Tensor]]:
    """Records the hidden states that enter (or leave) layers during the next forward pass.

    The lowest tapped activation is cut off from what lies below and made a leaf that wants a
    gradient. With frozen parameters, autograd then keeps nothing of the layers under it, the vision
    tower included.

    Args:
        layers: index -> decoder layer. A layer's hidden states are its first argument and its output.
        tap: which side of the layers.

    Yields:
        A dict that the forward pass fills: index -> hidden states [batch, sequence, width], all on
        one graph. Hooks are removed on exit, whatever happened.
    """
    activations: dict[int, Tensor] = {}
    lowest = min(layers)

    def record(index: int, hidden: Tensor) -> Tensor:
        if index == lowest:
            hidden = hidden.detach().requires_grad_()
        activations[index] = hidden
        return hidden

    def before(index: int):
        def hook(_: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
            return (record(index, args[0]), *args[1:])

        return hook

    def after(index: int):
        def hook(_: nn.Module, __: tuple[Any, ...], output: Tensor) -> Tensor:
            return record(index, output)

        return hook

    with ExitStack() as stack:
        for index, layer in layers.items():
            handle = (
                layer.register_forward_pre_hook(before(index))
                if tap == "input"
                else layer.register_forward_hook(after(index))
            )
            stack.callback(handle.remove)
        yield activations


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Evaluation mode and no parameter gradients inside; every module's mode and flag as before outside."""
    modes = [(module, module.training) for module in model.modules()]
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    try:
        model.eval()
        for parameter in wanted:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in wanted:
            parameter.requires_grad_(True)
        for module, training in modes:
            module.training = training
