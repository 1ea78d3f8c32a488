"""Everything that decided a run's numbers, in words."""

from core import METHODS
from core.schema.model_parts import PARTS
from core.schema.target import SCORES
from dashboard.export.reproduce import given_names
from dashboard.formatting import PICTURE_POSITIONS, sample_words
from dashboard.layer_ranges import layer_words
from dashboard.loaded_run import LoadedRun


def parameter_rows(run: LoadedRun) -> dict[str, str]:
    """Everything that decided the numbers, in words."""
    request, result = run.result.request, run.result
    words = PARTS[request.part]
    numbered = zip(given_names(run), [chosen.picture.size for chosen in run.all_pictures], strict=True)
    pictures = [f"{name}, {width} × {height} pixels" for name, (width, height) in numbered]
    return {
        "Run": run.id,
        "Model": run.record.model_name if run.record is not None else "",
        "Model fingerprint": request.model[:16],
        **({f"Picture {number}": told for number, told in enumerate(pictures, 1)} if run.pictures else {}),
        **({"Maps of": f"picture {request.picture + 1}"} if run.pictures else {"Picture": pictures[0]}),
        "Picture stands": PICTURE_POSITIONS[request.picture_first],
        "Patches" if request.part == "tower" else "Visual tokens": f"{result.grid[0]} rows × {result.grid[1]} columns",
        "Method": METHODS[request.method].title,
        "Part": words.title,
        "Tap": f"the {words.one}'s {request.tap}",
        "Explained": request.target.describe(),
        "Score": SCORES[request.target.score],
        words.many.capitalize(): f"{layer_words(request.layers)} (of {result.total_layers})"
        if request.layers
        else "one map from all",
        "Samples": sample_words(result),
        "Seed": str(request.seed),
        "Longest answer": f"{request.max_new_tokens} tokens",
        "Resolution": "the model's own" if request.max_pixels is None else f"at most {request.max_pixels:,} pixels",
        "Time": ", ".join(f"{phase} {seconds:.2f} s" for phase, seconds in result.timings.items()),
    }
