"""Measure a checkpoint on scenes that no training run has seen: `python -m core.embedded.evaluate`."""

import argparse
import json
from pathlib import Path

from core.embedded import CHECKPOINT
from core.embedded.training.ask import answer, load, read_answer
from core.scenes.scene import EVALUATION_SEEDS, sample
from core.scenes.wording import KINDS

SCENES_PER_KIND = 200
_MAX_SCENES = len(EVALUATION_SEEDS) // len(KINDS)


def measure(folder: Path, scenes_per_kind: int) -> dict[str, dict[str, float]]:
    """Held-out accuracy of each kind of question.

    Returns:
        Per kind: `exact`, the share of greedy answers right to the letter, and `tokens`, the share of
        right tokens when each is predicted after the true ones before it (teacher forcing).

    Raises:
        ValueError: more scenes are asked for than there are evaluation seeds.
    """
    if scenes_per_kind > _MAX_SCENES:
        raise ValueError(f"at most {_MAX_SCENES} scenes of a kind, not {scenes_per_kind}")
    checkpoint = load(folder)
    result = {}
    for index, kind in enumerate(KINDS):
        exact, right, total = 0, 0, 0
        first = index * _MAX_SCENES
        for seed in EVALUATION_SEEDS[first : first + scenes_per_kind]:
            scene = sample(seed, kind)
            exact += answer(checkpoint, scene.image, scene.question) == scene.answer
            predicted, tokens = read_answer(checkpoint, scene.image, scene.question, scene.answer)
            right += int((predicted.argmax(-1) == tokens).sum())
            total += len(tokens)
        result[kind] = {"exact": round(exact / scenes_per_kind, 4), "tokens": round(right / total, 4)}
    return result


def main() -> None:
    """Command line: print the held-out accuracy of a checkpoint as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT, help="folder of the checkpoint")
    parser.add_argument("--scenes", type=int, default=SCENES_PER_KIND, help="scenes of each kind of question")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.checkpoint, arguments.scenes), indent=2))


if __name__ == "__main__":
    main()
