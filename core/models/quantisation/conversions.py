"""How transformers' loader names and converts the tensors of quantised weights on their way into a model."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.core_model_loading import ConversionOps, WeightConverter, WeightRenaming, WeightTransform

from core.models.options import Quantisation
from core.models.quantisation.rounding import rounded, shapes


def split(transforms: Sequence[WeightTransform]) -> tuple[list[WeightRenaming], list[WeightConverter]]:
    """Those that rename alone, and those that convert as well."""
    renamings = [each for each in transforms if isinstance(each, WeightRenaming)]
    return renamings, [each for each in transforms if isinstance(each, WeightConverter)]


class StoredNames(WeightRenaming):
    """Tensors of quantised weights get the names of the parameters that hold them; comes last."""

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__("^", "")
        self.names = names

    def rename_source_key(self, source_key: str) -> tuple[str, str | None]:
        return self.names.get(source_key, source_key), None


class RoundedNames(WeightConverter):
    """Plain weights become rounded ones as they are loaded, one after the other."""

    def __init__(self, names: dict[str, str], quantisation: Quantisation) -> None:
        parts = [f"stored.{part}" for part in shapes(1, 1, quantisation)]
        super().__init__(["plain.weight"], parts, operations=[_Round(quantisation)])
        self.names = names

    def rename_source_key(self, source_key: str) -> tuple[str, str | None]:
        return (self.names[source_key], "plain.weight") if source_key in self.names else (source_key, None)


class _Round(ConversionOps):
    def __init__(self, quantisation: Quantisation) -> None:
        self.quantisation = quantisation

    @torch.no_grad()
    def convert(self, input_dict: dict[str, Any], *_: Any, **__: Any) -> dict[str, Tensor]:
        (weight,) = input_dict["plain.weight"]
        return {f"stored.{part}": tensor for part, tensor in rounded(weight, self.quantisation).items()}


class AsItIs(ConversionOps):
    """Changes nothing: the loader asks for something that it does after a weight was rounded."""

    def convert(self, input_dict: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        return input_dict
