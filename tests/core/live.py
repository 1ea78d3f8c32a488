"""How many bytes of tensors are alive at once, counted on any device, to the byte."""

import weakref
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter


class LiveBytes(TorchDispatchMode):
    """Counts storages that operations make inside, until they are freed. Scratch space inside a kernel is not seen."""

    def __init__(self, known: Any = ()) -> None:
        """
        Args:
            known: tensors that do not count, the model's weights above all.
        """
        super().__init__()
        self.now = self.peak = 0
        self._sizes: dict[int, int] = {}
        self._alive: dict[int, weakref.ref] = {}
        for tensor in known:
            self._sizes[tensor.untyped_storage()._cdata] = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for leaf in tree_iter(result):
            if isinstance(leaf, Tensor):
                self._count(leaf.untyped_storage())
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        name = storage._cdata
        if name in self._sizes:
            return
        self._sizes[name] = storage.nbytes()
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        self._alive[name] = weakref.ref(storage, lambda _: self._free(name))

    def _free(self, name: int) -> None:
        self.now -= self._sizes.pop(name, 0)
        self._alive.pop(name, None)
