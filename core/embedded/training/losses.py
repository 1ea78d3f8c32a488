"""What one step is to lower, and what the log says of it: the loss of each kind of question."""

from dataclasses import dataclass

import torch
from torch.nn import functional as F
from transformers import Qwen2_5_VLForConditionalGeneration

from core.embedded.training.auxiliary_losses import POINTER_LAYER, TOKEN_LAYER, AuxiliaryHeads, pointer_loss, token_loss
from core.embedded.training.curriculum import STRANGE, UNKNOWN
from core.embedded.training.forward import forward
from core.embedded.training.packing import PackedBatch
from core.scenes.wording import KINDS

AUXILIARY_LOSSES = (
    "Used in training, their heads thrown away: colour and shape of each visual token at the merger's "
    "output; colour, shape, 3 x 3 cell and time step of it at the input of decoder layer 3; and at the input of "
    "decoder layer 5 a pointer from each token that is about to speak of an object to the visual tokens "
    "of that object, in a clip at the steps that decide the answer. They teach the model where and when to look: a "
    "fair stage for comparing maps, but no evidence about other models."
)


@dataclass(frozen=True)
class Losses:
    """Losses of one step.

    Attributes:
        answer, tokens, pointers: of the answers, and both auxiliary ones.
        by_token: cross-entropy of each answer token, float [K].
        accuracy: share of answer tokens that are right.
    """

    answer: torch.Tensor
    tokens: torch.Tensor
    pointers: torch.Tensor
    by_token: torch.Tensor
    accuracy: torch.Tensor


def losses_of(model: Qwen2_5_VLForConditionalGeneration, heads: AuxiliaryHeads, batch: PackedBatch) -> Losses:
    """Run a batch and compare with its answers and labels."""
    activations = forward(model, batch)
    targets, weights = batch.answers[2], batch.answer_weights
    by_token = F.cross_entropy(activations.logits, targets, reduction="none")
    visual_end = batch.visual_start + activations.visual.shape[1]
    visual = activations.hidden[TOKEN_LAYER][:, batch.visual_start : visual_end]
    return Losses(
        (by_token * weights).sum() / weights.sum(),
        token_loss(heads, activations.visual, visual, batch),
        pointer_loss(heads, activations.hidden[POINTER_LAYER], batch),
        by_token.detach(),
        (activations.logits.argmax(-1) == targets).float().mean(),
    )


class Tally:
    """Means over the steps since the log last spoke."""

    def __init__(self) -> None:
        self._means: dict[str, list[float]] = {}

    def add(self, batch: PackedBatch, losses: Losses) -> None:
        """Note the losses of a step."""
        for name in ("answer", "tokens", "pointers", "accuracy"):
            self._note(name, getattr(losses, name).item())
        sums = torch.zeros(len(batch.kinds)).index_add_(0, batch.owners, losses.by_token)
        counts = torch.bincount(batch.owners, minlength=len(batch.kinds))
        still = batch.grid[0] == 1
        for kind, loss in zip(batch.kinds, (sums / counts).tolist(), strict=True):
            self._note(f"{_group(kind, still)}/{kind}", loss)

    def _note(self, name: str, value: float) -> None:
        self._means.setdefault(name, []).append(value)

    def line(self, step: int, seconds: float, *, kinds: bool) -> str:
        """A line of the log; afterwards the tally begins anew.

        Args:
            kinds: whether it names every kind of question instead of groups of them.
        """
        found: dict[str, list[float]] = {}
        for name, values in self._means.items():
            found.setdefault(name if kinds else name.split("/")[0], []).extend(values)
        self._means = {}
        means = "  ".join(f"{name} {sum(values) / len(values):.4f}" for name, values in sorted(found.items()))
        return f"step {step}  minutes {seconds / 60:.1f}  {means}"


def _group(kind: str, still: bool) -> str:
    """Questions about pictures and about clips, what is no scene, and unknown prompts, by still and moving."""
    if kind in (STRANGE, UNKNOWN):
        return f"{kind}-{'picture' if still else 'clip'}"
    return "picture" if still else "clip-as-picture" if kind in KINDS else "clip"
