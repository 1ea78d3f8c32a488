"""Train the embedded checkpoint: `python -m core.embedded.train --output FOLDER`.

It goes on from the checkpoint that is shipped, or begins from nothing with `--cold`. A run that was ended before its
time goes on with `--resume`, from what it saved minutes before.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch.utils.data import DataLoader
from transformers import PreTrainedTokenizerBase, Qwen2_5_VLForConditionalGeneration

from core.embedded.training import curriculum
from core.embedded.training.architecture import build_model, save_checkpoint
from core.embedded.training.auxiliary_losses import AuxiliaryHeads
from core.embedded.training.evaluate import SCENES_PER_KIND, measure
from core.embedded.training.losses import AUXILIARY_LOSSES, Tally, losses_of
from core.embedded.training.optimizers import make_optimizers, set_rate
from core.embedded.training.packing import PackedBatch
from core.embedded.training.recipe import Recipe, rate
from core.embedded.training.state import Standing, load_state, read_standing, save_state
from core.embedded.training.tokenizer import build_image_processor, build_tokenizer
from core.embedded.training.warm_start import take_over
from core.scenes.scene import EVALUATION_SEEDS, TRAINING_SEEDS
from core.scenes.unfamiliar.photographs import HELD_OUT_PHOTOGRAPHS, PACKAGES, TRAINING_PHOTOGRAPHS, find

STATE = "state"
"""Folder inside the output where a run is saved to go on with; it is no part of the checkpoint."""
_LOG_EVERY, _KINDS_EVERY = 25, 250
_SAVE_SECONDS = 180.0


def train(
    standing: Standing, folder: Path, photographs: Sequence[Path] = ()
) -> tuple[Qwen2_5_VLForConditionalGeneration, Standing]:
    """Train a model from where it stands to the end of its recipe.

    Args:
        standing: a new run, or the one that was saved in the folder.
        folder: receives the checkpoint, and every few minutes the state of the run.
        photographs: files to take crops of.

    Returns:
        The model, and how far it came.
    """
    recipe = standing.recipe
    torch.manual_seed(recipe.seed)
    tokenizer = build_tokenizer()
    model = build_model(tokenizer, recipe.seed).train()
    heads = AuxiliaryHeads(model.config.text_config.hidden_size)
    optimizers = make_optimizers(model, heads, recipe)
    if standing.step:
        load_state(folder / STATE, model, heads, optimizers)
    elif recipe.warm:
        print(f"start from the shipped checkpoint; {take_over(model, tokenizer)} tokens are new", flush=True)
    weights = [*model.parameters(), *heads.parameters()]
    began, saved, tally = time.monotonic() - standing.seconds, time.monotonic(), Tally()
    for step, batch in _batches(recipe, standing.step, tokenizer, photographs):
        seconds = time.monotonic() - began
        share = rate(step, recipe.progress(step, seconds), recipe)
        set_rate(optimizers, recipe.learning_rate * share)
        losses = losses_of(model, heads, batch)
        (losses.answer + recipe.auxiliary_weight * share * (losses.tokens + losses.pointers)).backward()
        torch.nn.utils.clip_grad_norm_(weights, recipe.clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        tally.add(batch, losses)
        standing = Standing(recipe, step + 1, time.monotonic() - began)
        if standing.step % _LOG_EVERY == 0:
            print(tally.line(standing.step, standing.seconds, kinds=standing.step % _KINDS_EVERY == 0), flush=True)
        if recipe.progress(standing.step, standing.seconds) >= 1:
            break
        if time.monotonic() - saved > _SAVE_SECONDS:
            save_state(folder / STATE, standing, model, heads, optimizers)
            saved = time.monotonic()
    save_state(folder / STATE, standing, model, heads, optimizers)
    save_checkpoint(model, tokenizer, folder)
    return model.eval(), standing


def _batches(
    recipe: Recipe, first: int, tokenizer: PreTrainedTokenizerBase, photographs: Sequence[Path]
) -> Iterator[tuple[int, PackedBatch]]:
    """Steps that are left, each with its batch; a second process draws the next while this one learns from the last."""
    data = curriculum.Curriculum(
        recipe.steps,
        recipe.seed,
        tokenizer,
        build_image_processor(),
        photographs,
        0 if recipe.warm else recipe.easy_steps,
    )
    left = range(first, recipe.steps)
    yield from zip(
        left, DataLoader(data, batch_size=None, sampler=left, num_workers=1, prefetch_factor=4), strict=False
    )


def report(
    standing: Standing, folder: Path, photographs: Sequence[Path], held_out: Sequence[Path]
) -> dict[str, object]:
    """How a checkpoint was trained and what it can do on what it has not seen, for `training.json`."""
    return {
        "recipe": asdict(standing.recipe),
        "steps": standing.step,
        "training_minutes": round(standing.seconds / 60, 1),
        "pictures_per_step": curriculum.PICTURES_PER_STEP,
        "questions_per_picture": curriculum.SHORT_QUESTIONS + 1,
        "clip_share": curriculum.CLIP_SHARE,
        "strange_share": curriculum.STRANGE_SHARE,
        "photographs": len(photographs),
        "training_seeds": [TRAINING_SEEDS.start, TRAINING_SEEDS.stop],
        "evaluation_seeds": [EVALUATION_SEEDS.start, EVALUATION_SEEDS.stop],
        "auxiliary_losses": AUXILIARY_LOSSES,
        "torch": str(torch.__version__),
        "scenes_per_kind": SCENES_PER_KIND,
        **measure(folder, SCENES_PER_KIND, held_out),
    }


def main() -> None:
    """Command line: train, measure on what is held out and write both into the output folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder of the new checkpoint")
    parser.add_argument("--minutes", type=float, help=f"length of the run, {Recipe.minutes:g} if not said")
    parser.add_argument("--steps", type=int, default=Recipe.steps, help="most steps")
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--threads", type=int, default=Recipe.threads)
    parser.add_argument("--learning_rate", type=float, default=Recipe.learning_rate)
    parser.add_argument("--cold", action="store_true", help="begin from nothing")
    parser.add_argument("--resume", action="store_true", help="go on with the run saved in the output folder")
    parser.add_argument(
        "--photographs", type=Path, help=f"folder into which packages were installed: {', '.join(PACKAGES)}"
    )
    arguments = parser.parse_args()
    folders = [arguments.photographs] if arguments.photographs else []
    photographs, held_out = find(TRAINING_PHOTOGRAPHS, folders), find(HELD_OUT_PHOTOGRAPHS, folders)
    if min(len(photographs), len(held_out)) == 0:
        parser.error(f"no photographs were found; install some of {', '.join(PACKAGES)} and name their folder")
    if arguments.resume:
        try:
            standing = read_standing(arguments.output / STATE)
        except FileNotFoundError:
            parser.error(f"no run was saved in {arguments.output}; leave --resume out to begin one")
        if arguments.minutes is not None:
            standing = replace(standing, recipe=replace(standing.recipe, minutes=arguments.minutes))
    else:
        standing = Standing(
            Recipe(
                minutes=Recipe.minutes if arguments.minutes is None else arguments.minutes,
                steps=arguments.steps,
                seed=arguments.seed,
                warm=not arguments.cold,
                learning_rate=arguments.learning_rate,
                threads=arguments.threads,
            )
        )
    torch.set_num_threads(standing.recipe.threads)
    print(f"{len(photographs)} photographs to learn from, {len(held_out)} held out", flush=True)
    _, standing = train(standing, arguments.output, photographs)
    text = json.dumps(report(standing, arguments.output, photographs, held_out), indent=2, ensure_ascii=False)
    (arguments.output / "training.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
