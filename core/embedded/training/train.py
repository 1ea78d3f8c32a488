"""Train the embedded checkpoint from nothing: `python -m core.embedded.train`.

About an hour on two CPU cores. Muon drives the matrices and AdamW the rest, at one learning rate.
"""

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from transformers import Qwen2_5_VLForConditionalGeneration

from core.embedded import CHECKPOINT
from core.embedded.training import curriculum
from core.embedded.training.architecture import build_model, save_checkpoint
from core.embedded.training.auxiliary_losses import POINTER_LAYER, TOKEN_LAYER, AuxiliaryHeads, pointer_loss, token_loss
from core.embedded.training.evaluate import SCENES_PER_KIND, measure
from core.embedded.training.forward import forward
from core.embedded.training.packing import PackedBatch
from core.embedded.training.tokenizer import build_image_processor, build_tokenizer
from core.scenes.scene import EVALUATION_SEEDS, TRAINING_SEEDS

_LOG_EVERY, _SAVE_EVERY = 25, 300
_AUXILIARY_LOSSES = (
    "Used in training, their heads thrown away: colour and shape of each visual token at the merger's "
    "output; colour, shape and 3 x 3 cell of it at the input of decoder layer 3; and at the input of "
    "decoder layer 5 a pointer from each token that is about to speak of an object to the visual tokens "
    "of that object. They teach the model where to look: a fair stage for comparing maps, but no evidence "
    "about other models."
)


@dataclass(frozen=True)
class Recipe:
    """Settings of a training run.

    Attributes:
        steps: optimizer steps, each on one batch of `curriculum.PICTURES_PER_STEP` pictures.
        seed: seed of the initial weights and of the order of the data.
        learning_rate: peak learning rate of both optimizers.
        warmup: steps of linear rise; then constant until half of the run, then half a cosine to zero.
        weight_decay: of the matrices.
        clip: largest norm of the gradient.
        auxiliary_weight: weight of the auxiliary losses; it falls with the learning rate.
        threads: CPU threads.
    """

    steps: int = 4500
    seed: int = 0
    learning_rate: float = 2e-3
    warmup: int = 80
    weight_decay: float = 0.02
    clip: float = 1.0
    auxiliary_weight: float = 0.5
    threads: int = 2


def train(recipe: Recipe, folder: Path) -> Qwen2_5_VLForConditionalGeneration:
    """Train a model and save it to a folder, which also receives the weights of the run so far."""
    torch.manual_seed(recipe.seed)
    tokenizer, image_processor = build_tokenizer(), build_image_processor()
    model = build_model(tokenizer, recipe.seed).train()
    heads = AuxiliaryHeads(model.config.text_config.hidden_size)
    optimizers = _optimizers(model, heads, recipe)
    schedules = [LambdaLR(optimizer, lambda step: rate(step, recipe)) for optimizer in optimizers]
    weights = [*model.parameters(), *heads.parameters()]
    # A second process draws the next pictures while this one learns from the last.
    batches = DataLoader(
        curriculum.Curriculum(recipe.steps, recipe.seed, tokenizer, image_processor),
        batch_size=None,
        num_workers=1,
        prefetch_factor=4,
    )
    began, totals = time.monotonic(), torch.zeros(4)
    for step, batch in enumerate(batches, start=1):
        auxiliary_weight = recipe.auxiliary_weight * rate(step, recipe)
        answer, tokens, pointers, accuracy = _losses(model, heads, batch)
        (answer + auxiliary_weight * (tokens + pointers)).backward()
        torch.nn.utils.clip_grad_norm_(weights, recipe.clip)
        for optimizer, schedule in zip(optimizers, schedules, strict=True):
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
        totals += torch.stack([answer, tokens, pointers, accuracy]).detach()
        if step % _LOG_EVERY == 0:
            print(_progress(step, totals / _LOG_EVERY, time.monotonic() - began), flush=True)
            totals.zero_()
        if step % _SAVE_EVERY == 0 or step == recipe.steps:
            save_checkpoint(model, tokenizer, folder)
    return model.eval()


def rate(step: int, recipe: Recipe) -> float:
    """Learning rate of a step as a share of the peak."""
    if step < recipe.warmup:
        return (step + 1) / recipe.warmup
    progress = step / recipe.steps
    return 1.0 if progress < 0.5 else 0.5 * (1 + math.cos(math.pi * min(1.0, 2 * progress - 1)))


def _progress(step: int, means: torch.Tensor, seconds: float) -> str:
    labels = ("answer", "tokens", "pointers", "accuracy")
    values = "  ".join(f"{label} {value:.4f}" for label, value in zip(labels, means.tolist(), strict=True))
    return f"step {step}  {values}  seconds {seconds:.0f}"


def _losses(
    model: Qwen2_5_VLForConditionalGeneration, heads: AuxiliaryHeads, batch: PackedBatch
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Loss of the answers, both auxiliary losses, and the share of answer tokens that are right."""
    activations = forward(model, batch)
    targets, weights = batch.answers[2], batch.answer_weights
    answer = (F.cross_entropy(activations.logits, targets, reduction="none") * weights).sum() / weights.sum()
    visual_end = batch.visual_start + activations.visual.shape[1]
    visual = activations.hidden[TOKEN_LAYER][:, batch.visual_start : visual_end]
    tokens = token_loss(heads, activations.visual, visual, batch)
    pointers = pointer_loss(heads, activations.hidden[POINTER_LAYER], batch)
    accuracy = (activations.logits.argmax(-1) == targets).float().mean()
    return answer, tokens, pointers, accuracy


def _optimizers(
    model: Qwen2_5_VLForConditionalGeneration, heads: AuxiliaryHeads, recipe: Recipe
) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    """Muon for the matrices of the layers, AdamW for embeddings, norms, biases and heads."""
    matrices, rest = [], list(heads.parameters())
    for name, weight in model.named_parameters():
        (matrices if weight.ndim == 2 and "embed" not in name else rest).append(weight)
    muon = torch.optim.Muon(
        matrices, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"
    )
    adamw = torch.optim.AdamW(rest, lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.0)
    return muon, adamw


def report(recipe: Recipe, minutes: float, folder: Path) -> dict[str, object]:
    """How a checkpoint was trained and what it can do on held-out scenes, for `training.json`."""
    return {
        "recipe": asdict(recipe),
        "pictures_per_step": curriculum.PICTURES_PER_STEP,
        "questions_per_picture": curriculum.SHORT_QUESTIONS + 1,
        "training_minutes": round(minutes, 1),
        "training_seeds": [TRAINING_SEEDS.start, TRAINING_SEEDS.stop],
        "evaluation_seeds": [EVALUATION_SEEDS.start, EVALUATION_SEEDS.stop],
        "auxiliary_losses": _AUXILIARY_LOSSES,
        "torch": str(torch.__version__),
        "scenes_per_kind": SCENES_PER_KIND,
        "held_out": measure(folder, SCENES_PER_KIND),
    }


def main() -> None:
    """Command line: train, measure on held-out scenes and write both into the output folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--threads", type=int, default=Recipe.threads)
    parser.add_argument("--output", type=Path, default=CHECKPOINT, help="folder of the checkpoint")
    arguments = parser.parse_args()
    recipe = Recipe(steps=arguments.steps, seed=arguments.seed, threads=arguments.threads)

    torch.set_num_threads(recipe.threads)
    began = time.monotonic()
    train(recipe, arguments.output)
    minutes = (time.monotonic() - began) / 60
    text = json.dumps(report(recipe, minutes, arguments.output), indent=2, ensure_ascii=False)
    (arguments.output / "training.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
