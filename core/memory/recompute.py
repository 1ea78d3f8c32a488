"""Decoder layers that save their input alone, and work out their inside again in the backward pass.

A layer's inside is some twenty times its input (`core.memory.estimate.saved_by_layer`), and the input is what is
tapped anyway. The price is one more forward pass through the decoder.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


@contextmanager
def recomputed(
    layers: Iterable[nn.Module], inside: Callable[[], AbstractContextManager[Any]] = nullcontext
) -> Iterator[None]:
    """The next forward pass through `layers` saves what enters them alone; numbers stay the same to the last bit.

    The backward pass may follow after the `with`: hooks inside a layer and a recording attention are then
    gone, so that nothing is recorded twice. Hooks on the layer itself stay outside of what is repeated. A
    layer inside of which a graph is cut (`core.models.hooks`) must not be among them: repeated, it would lack the cut.
    Layers are left as they were, whatever happens.

    Args:
        inside: entered around each layer, in both passes: what the layers run in and the backward pass does not.
    """
    with ExitStack() as stack:
        for layer in layers:
            stack.enter_context(_wrapped(layer, inside))
        yield


@contextmanager
def _wrapped(layer: nn.Module, inside: Callable[[], AbstractContextManager[Any]]) -> Iterator[None]:
    own = vars(layer).get("forward")  # somebody else's wrapper, which moves weights between devices, say
    run = layer.forward

    def within(*args: Any, **options: Any) -> Tensor:
        with inside():
            return run(*args, **options)

    def forward(*args: Any, **options: Any) -> Tensor:
        # Nothing here is random in evaluation mode, so that no generator's state need be kept.
        return checkpoint(within, *args, use_reentrant=False, preserve_rng_state=False, **options)

    layer.forward = forward
    try:
        yield
    finally:
        if own is None:
            del layer.forward
        else:
            layer.forward = own
