"""Measure a checkpoint on what no training run has seen: `python -m core.embedded.evaluate`."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from core.embedded import CHECKPOINT
from core.embedded.training.ask import Checkpoint, answer, load, read_answer, say
from core.embedded.training.pointing import pointing
from core.embedded.training.table import table
from core.scenes.clip_scene import sample_clip
from core.scenes.clip_wording import CLIP_KINDS
from core.scenes.clips import Clip
from core.scenes.scene import EVALUATION_SEEDS, sample
from core.scenes.sentences import is_chinese, is_grammatical
from core.scenes.unfamiliar.pairs import PAIRS, held_out_pairs
from core.scenes.unfamiliar.photographs import HELD_OUT_PHOTOGRAPHS, PACKAGES, find
from core.scenes.wording import KINDS

SCENES_PER_KIND = 200
POINTING_CLIPS = 250
"""Clips asked about for pointing; about fifty of them have an answer that rests on nothing."""
CLIP_PAIRS = 100
_MAX_SCENES = len(EVALUATION_SEEDS) // len(KINDS)
_MAX_CLIPS = len(EVALUATION_SEEDS) // len(CLIP_KINDS)
_EXAMPLES = 12


def measure(
    folder: Path, scenes_per_kind: int, photographs: Sequence[Path] = ()
) -> dict[str, dict[str, dict[str, float]] | dict[str, object]]:
    """What a checkpoint can do on what is held out.

    Args:
        photographs: files that no training run has seen; without them the pairs are left out.

    Returns:
        `held_out` and `held_out_clips`, per kind of question about pictures and about clips: `exact`, the share of
        greedy answers right to the letter, and `tokens`, the share of right tokens when each is predicted after the
        true ones before it (teacher forcing). `held_out_pairs`, and `held_out_clip_pairs` of what moves: see
        `measure_pairs`. `pointing`: see `core.embedded.training.pointing.pointing`.

    Raises:
        ValueError: more scenes are asked for than there are evaluation seeds.
    """
    if scenes_per_kind > min(_MAX_SCENES, _MAX_CLIPS):
        raise ValueError(f"at most {min(_MAX_SCENES, _MAX_CLIPS)} scenes of a kind, not {scenes_per_kind}")
    checkpoint = load(folder)
    found = {
        "held_out": {
            kind: _accuracy(checkpoint, kind, EVALUATION_SEEDS[index * _MAX_SCENES :][:scenes_per_kind])
            for index, kind in enumerate(KINDS)
        },
        "held_out_clips": {
            kind: _accuracy(checkpoint, kind, EVALUATION_SEEDS[index * _MAX_CLIPS :][:scenes_per_kind])
            for index, kind in enumerate(CLIP_KINDS)
        },
        "pointing": pointing(checkpoint, EVALUATION_SEEDS[:POINTING_CLIPS]),
    }
    if photographs:
        found["held_out_pairs"] = measure_pairs(checkpoint, photographs)
        found["held_out_clip_pairs"] = measure_pairs(checkpoint, photographs, CLIP_PAIRS, clips=True)
    return found


def _accuracy(checkpoint: Checkpoint, kind: str, seeds: range) -> dict[str, float]:
    exact, right, total = 0, 0, 0
    for seed in seeds:
        scene = sample(seed, kind) if kind in KINDS else sample_clip(seed, kind)
        seen = scene.image if kind in KINDS else Clip(scene.frames, scene.rate, ())
        exact += answer(checkpoint, seen, scene.question) == scene.answer
        predicted, tokens = read_answer(checkpoint, seen, scene.question, scene.answer)
        right += int((predicted.argmax(-1) == tokens).sum())
        total += len(tokens)
    return {"exact": round(exact / len(seeds), 4), "tokens": round(right / total, 4)}


def measure_pairs(
    checkpoint: Checkpoint, photographs: Sequence[Path], count: int = PAIRS, *, clips: bool = False
) -> dict[str, object]:
    """What is said to pictures that are no scene, and to prompts that none answers.

    Returns:
        `pairs`: how many; `grammatical`: share of answers that are an allowed sentence in the prompt's language;
        `right`: share that are the one hoped for; `at_limit`: how many ran into the limit of tokens; `by_style`: the
        grammatical and right shares of photographs, textures and scenes; `examples`: some of those not grammatical.
    """
    marks: dict[str, list[tuple[bool, bool]]] = {}
    at_limit, examples = 0, []
    for pair in held_out_pairs(photographs, count, clips=clips):
        said, ended = say(checkpoint, pair.clip, pair.prompt)
        at_limit += not ended
        grammatical = is_grammatical(said, chinese=is_chinese(pair.prompt))
        style = pair.style if pair.style in ("photograph", "scene") else "texture or layout"
        marks.setdefault(style, []).append((grammatical, said == pair.answer))
        if not grammatical and len(examples) < _EXAMPLES:
            examples.append({"style": pair.style, "prompt": pair.prompt, "said": said})

    def shares(group: list[tuple[bool, bool]]) -> dict[str, float]:
        return {name: round(sum(row[at] for row in group) / len(group), 4) for at, name in enumerate(_MARKS)}

    whole = shares([mark for group in marks.values() for mark in group])
    by_style = {style: shares(group) for style, group in marks.items()}
    return {"pairs": count, **whole, "at_limit": at_limit, "by_style": by_style, "examples": examples}


_MARKS = ("grammatical", "right")


def main() -> None:
    """Command line: print what a checkpoint can do on what is held out, as JSON or as a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, default=CHECKPOINT, help="folder of the checkpoint")
    parser.add_argument("--scenes", type=int, default=SCENES_PER_KIND, help="scenes of each kind of question")
    parser.add_argument(
        "--photographs", type=Path, help=f"folder into which packages were installed: {', '.join(PACKAGES)}"
    )
    parser.add_argument("--table", action="store_true", help="print a table, beside the shipped checkpoint's figures")
    arguments = parser.parse_args()
    photographs = find(HELD_OUT_PHOTOGRAPHS, [arguments.photographs] if arguments.photographs else [])
    found = measure(arguments.checkpoint, arguments.scenes, photographs)
    print(table(found) if arguments.table else json.dumps(found, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
