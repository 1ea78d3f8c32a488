"""`ExplainResult` -> files that outlive this program: NPZ of raw numbers, JSON of everything said."""

import io
import json
from typing import Any

import numpy as np

from core.analysis.concentration import progression
from core.export.boxes import describe_boxes
from core.schema import ExplainResult
from core.schema.box_conventions import SeenPicture
from core.schema.methods import METHODS
from core.schema.request import IMPORTED


def to_npz(result: ExplainResult) -> bytes:
    """Raw numbers as a NumPy archive without objects (`numpy.load(..., allow_pickle=False)` reads it).

    Arrays: heat, stderr, squared_deviation float32 [maps, grid_h, grid_w], of a video [maps, time, grid_h, grid_w], and
    of one steps float64 [time, 2], each step's start and end in seconds; layers int64 [layers], none where
    there is one map in all; heat_NAME, stderr_NAME, squared_deviation_NAME of each companion method; the same of
    each further picture of the prompt, its name ending in _picture_2 and so on; description, the JSON text of
    `to_json`. `core.export.npz_reader.from_npz` reads it back, bit for bit.
    """
    buffer, maps = io.BytesIO(), {}
    first, *further = result.pictures or (result,)
    for end, each in [("", first), *((picture_suffix(other.request.picture), other) for other in further)]:
        for name, one in [("", each), *((f"_{name}", other) for name, other in each.companions.items())]:
            maps |= {f"heat{name}{end}": one.heat, f"stderr{name}{end}": one.stderr}
            maps[f"squared_deviation{name}{end}"] = one.squared_deviation
    if first.steps:
        maps["steps"] = np.array([[step.start, step.end] for step in first.steps])
    layers, description = np.array(first.layers, np.int64), np.array(to_json(result))
    np.savez_compressed(buffer, layers=layers, description=description, **maps)
    return buffer.getvalue()


def picture_suffix(picture: int) -> str:
    """How the names of arrays end that belong to a further picture of a prompt, counted from 0."""
    return f"_picture_{picture + 1}"


def to_json(result: ExplainResult) -> str:
    """Everything but the maps: request, answer, tokens, grid, timings, concentration per layer; of each picture."""
    return json.dumps(describe(result), ensure_ascii=False, indent=2)


def describe(result: ExplainResult) -> dict[str, Any]:
    """The content of `to_json` as plain values."""
    result, *further = result.pictures or (result,)
    request, method = result.request, METHODS[result.request.method]
    return {
        "request": request.to_dict(),
        **({"imported": IMPORTED} if request.origin else {}),
        "method": {"title": method.title, "equation": method.equation, "source": method.source},
        "answer": result.answer.text,
        "tokens": [
            {
                "id": t.id,
                "text": t.text,
                "start": t.start,
                "stop": t.stop,
                "probability": t.probability,
                "alternatives": list(t.alternatives),
            }
            for t in result.tokens
        ],
        **({"thought": result.answer.thought} if result.answer.thought else {}),
        "total_layers": result.total_layers,
        **_numbers(result),
        **({"pictures": [{"image": each.request.image, **_numbers(each)} for each in further]} if further else {}),
    }


def _numbers(result: ExplainResult) -> dict[str, Any]:
    """What is told of the maps of one picture."""
    return {
        "grid": {"rows": result.grid[0], "columns": result.grid[1]},
        **({"steps": [[step.start, step.end] for step in result.steps]} if result.steps else {}),
        "num_samples": result.num_samples,
        "seconds": result.timings,
        "companions": {
            name: {
                "layers": list(companion.layers),
                "total_layers": companion.total_layers,
                "num_samples": companion.num_samples,
                "seconds": companion.timings,
            }
            for name, companion in result.companions.items()
        },
        "concentration": {
            name: dict(zip(map(str, result.layers or ["all"]), map(float, values), strict=True))
            for name, values in progression(result.heat, axes=3 if result.steps else 2).items()
        },
        **({} if result.steps else describe_boxes(result)),
        **({} if result.steps or result.seen is None else {"seen": _seen(result.seen)}),
    }


def _seen(seen: SeenPicture) -> dict[str, Any]:
    return {"model_type": seen.model_type, "size": list(seen.size), "seen": seen.seen and list(seen.seen)}
