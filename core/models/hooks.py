"""Recording activations inside a model for as long as a `with` lasts, and leaving no trace."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from core.schema.model_parts import Part

Site = Literal["input", "output", "norm"]

_ORDER: tuple[Site, ...] = ("input", "norm", "output")


class HookPoint(NamedTuple):
    """Where in the model an activation is recorded.

    Attributes:
        layer: decoder layer, or block of the vision tower.
        site: its input, its output, or the output of the norm that follows its attention.
        part: which of the two.
    """

    layer: int
    site: Site = "input"
    part: Part = "decoder"


@contextmanager
def record_activations(points: Mapping[HookPoint, nn.Module], *, cut: bool = True) -> Iterator[dict[HookPoint, Tensor]]:
    """Records hidden states during the next forward pass.

    Args:
        points: hook point -> the module whose first argument (site "input") or output (else) is recorded.
        cut: whether the first point that the forward pass reaches is cut off from what lies below and
            made a leaf that wants a gradient. With frozen parameters, autograd then saves nothing of the
            layers under it, the vision tower included.

    Yields:
        A dict that the forward pass fills: point -> hidden states [batch, sequence, width], or as the
        vision tower lays them out, all on one graph. Hooks are removed on exit, whatever happened.
    """
    activations: dict[HookPoint, Tensor] = {}
    cut_at = lowest(points) if cut else None

    def record(point: HookPoint, hidden: Tensor) -> Tensor:
        if point == cut_at:
            hidden = hidden.detach().requires_grad_()
        activations[point] = hidden
        return hidden

    def before(point: HookPoint):
        def hook(_: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
            # As a tensor of its own: what enters the decoder may be read beside its layers, too, and where the graph
            # is cut at the first one, that is not on it.
            hidden = args[0].view_as(args[0]) if point.part == "decoder" else args[0]
            return (record(point, hidden), *args[1:])

        return hook

    def after(point: HookPoint):
        def hook(_: nn.Module, __: tuple[Any, ...], output: Tensor) -> Tensor:
            return record(point, output)

        return hook

    with ExitStack() as stack:
        for point, module in points.items():
            handle = (
                module.register_forward_pre_hook(before(point))
                if point.site == "input"
                # First: others' hooks, which keep what the model reads later, are to see what this one has cut.
                else module.register_forward_hook(after(point), prepend=True)
            )
            stack.callback(handle.remove)
        yield activations


@contextmanager
def watched(modules: Mapping[int, nn.Module], see: Callable[[int, Tensor], None], site: Site) -> Iterator[None]:
    """During the next forward pass, shows the hidden states at each module as they pass by; holds none of them.

    Args:
        modules: a number of each, such as its layer -> the module.
        see: (number, hidden states [batch, sequence, width]); what it raises stops the pass.
        site: "input" for what enters the modules, else what leaves them.
    """

    def before(number: int):
        return lambda _, args: see(number, args[0])

    def after(number: int):
        return lambda _, __, output: see(number, output)

    with ExitStack() as stack:
        for number, module in modules.items():
            handle = (
                module.register_forward_pre_hook(before(number))
                if site == "input"
                else module.register_forward_hook(after(number))
            )
            stack.callback(handle.remove)
        yield


def lowest(points: Iterable[HookPoint]) -> HookPoint | None:
    """The one that a forward pass reaches first; None of none."""
    return min(points, key=_depth, default=None)


def _depth(point: HookPoint) -> tuple[bool, int, int]:
    return point.part == "decoder", point.layer, _ORDER.index(point.site)


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Evaluation mode and no parameter gradients inside; every module's mode and flag as before outside.

    A caller's `torch.inference_mode` is left for as long, since no gradient could be taken, and a model that compiles
    itself (`model.compile()`) runs as it is written, or hooks would not be seen.
    """
    modes = [(module, module.training) for module in model.modules()]
    compiled = [(module, module._compiled_call_impl) for module in model.modules() if module._compiled_call_impl]
    wanted = [parameter for parameter in model.parameters() if parameter.requires_grad]
    with torch.inference_mode(False) if torch.is_inference_mode_enabled() else nullcontext():
        try:
            model.eval()
            for parameter in wanted:
                parameter.requires_grad_(False)
            for module, _ in compiled:
                module._compiled_call_impl = None
            yield
        finally:
            for module, own in compiled:
                module._compiled_call_impl = own
            for parameter in wanted:
                parameter.requires_grad_(True)
            for module, training in modes:
                module.training = training
