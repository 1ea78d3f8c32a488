"""Muon drives the matrices and AdamW the rest, at one learning rate."""

import torch
from torch import nn

from core.embedded.training.recipe import Recipe

Optimizers = tuple[torch.optim.Optimizer, torch.optim.Optimizer]


def make_optimizers(model: nn.Module, heads: nn.Module, recipe: Recipe) -> Optimizers:
    """Muon for the matrices of the layers, AdamW for embeddings, norms, biases and heads."""
    matrices, rest = [], list(heads.parameters())
    for name, weight in model.named_parameters():
        (matrices if weight.ndim == 2 and "embed" not in name else rest).append(weight)
    muon = torch.optim.Muon(
        matrices, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    adamw = torch.optim.AdamW(rest, lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.0)
    return muon, adamw


def set_rate(optimizers: Optimizers, learning_rate: float) -> None:
    """Give all weights a learning rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = learning_rate
