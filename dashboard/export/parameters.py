"""Everything that decided a run's numbers, in words."""

from collections.abc import Mapping, Sequence

from core import METHODS, ExplainRequest, ExplainResult
from core.schema.conversation import system_text
from core.schema.model_parts import PARTS
from core.schema.request import IMPORTED
from core.schema.target import SCORES
from dashboard.export.reproduce import given_names
from dashboard.formatting import PICTURE_POSITIONS, drawn_words, short, visible
from dashboard.language import N_, _, listed, sentence
from dashboard.layer_ranges import layer_words
from dashboard.loaded_run import LoadedRun

_TAPS = {
    ("decoder", "input"): N_("the layer's input"),
    ("decoder", "output"): N_("the layer's output"),
    ("tower", "input"): N_("the block's input"),
    ("tower", "output"): N_("the block's output"),
}
_DEPTHS = {"decoder": N_("Layers"), "tower": N_("Blocks")}
_STEPS = {"answer": N_("answer"), "samples": N_("samples")}
PLACES = {"input": N_("input"), "output": N_("output")}
"""At which side of a layer or block maps are read."""


def parameter_rows(run: LoadedRun) -> dict[str, str]:
    """Everything that decided the numbers, in words; names are English, for a page to show as `_(name)`."""
    request, result = run.result.request, run.result
    numbered = zip(given_names(run), [chosen.size for chosen in run.all_pictures], strict=True)
    pictures = [picture_words(name, size) for name, size in numbered]
    return {
        N_("Run"): run.id,
        **({N_("Origin"): sentence(IMPORTED)} if request.origin else {}),
        **model_rows(run),
        **(
            {_("Picture {number}", number=number): told for number, told in enumerate(pictures, 1)}
            if run.pictures
            else {}
        ),
        **(
            {N_("Maps of"): _("picture {number}", number=request.picture + 1)}
            if run.pictures
            else {N_("Video") if request.is_video else N_("Picture"): pictures[0]}
        ),
        **(_time_rows(run) if request.is_video else {}),
        N_("Patches") if request.part == "tower" else N_("Visual tokens"): _(
            "{rows} rows × {columns} columns", rows=result.grid[0], columns=result.grid[1]
        ),
        **setting_rows(request),
        N_("Tap"): _(_TAPS[request.part, request.tap]),
        _DEPTHS[request.part]: layer_row(result),
        N_("Samples"): str(result.num_samples),
        N_("Time"): listed(_step(name, seconds) for name, seconds in result.timings.items()),
    }


def _time_rows(run: LoadedRun) -> dict[str, str]:
    """Of a video: what was sampled of it, and in how many steps the model sees that."""
    times, steps = run.chosen.times, run.result.steps
    return {
        N_("Frames"): _(
            "{count}, from {first:.2f} to {last:.2f} s of {duration:.2f} s",
            count=len(times),
            first=float(times[0]),
            last=float(times[-1]),
            duration=run.chosen.duration,
        ),
        N_("Time steps"): _("{count}, of {seconds:.2f} s", count=len(steps), seconds=steps[0].end - steps[0].start),
    }


def _step(name: str, seconds: float) -> str:
    # An import may name steps that are none of ours.
    return _("{step} {seconds:.2f} s", step=_(_STEPS[name]) if name in _STEPS else visible(name), seconds=seconds)


def model_rows(run: LoadedRun) -> dict[str, str]:
    """What the model is called, "" where nobody knows, and what tells it apart from others of that name."""
    return {
        N_("Model"): visible(run.record.model_name) if run.record is not None else "",
        N_("Model fingerprint"): run.request.model[:16],
    }


def picture_words(name: str, size: tuple[int, int]) -> str:
    """A picture by its name and its size (width, height)."""
    return _("{name}, {width} × {height} pixels", name=visible(name), width=size[0], height=size[1])


def layer_row(result: ExplainResult) -> str:
    """Which layers, or blocks, have a map."""
    layers = result.layers
    if not layers:
        return _("one map in all")
    return _("{layers} (of {total})", layers=layer_words(layers), total=result.total_layers)


def setting_rows(request: ExplainRequest) -> dict[str, str]:
    """What was asked besides picture, prompt, model and layers, in words that are one for both parts of a model."""
    return {
        **_conversation_rows(request),
        N_("Picture stands"): _(PICTURE_POSITIONS[request.picture_first]),
        N_("Method"): _(METHODS[request.method].title),
        N_("Part"): _(PARTS[request.part].title),
        N_("Formula of the combined map"): str(request.formula),
        N_("Tap"): _(PLACES[request.tap]),
        N_("Explained"): sentence(visible(request.target.describe())),
        N_("Score"): sentence(SCORES[request.target.score]),
        N_("Noise"): f"{request.noise_std:g}" if request.noise_std else _("none"),
        N_("Seed"): str(request.seed),
        N_("Longest answer"): _("{count} tokens", count=request.max_new_tokens),
        N_("Decoding"): drawn_words(request.to_dict()) or _("the likeliest token each time"),
        N_("Resolution"): _("the model's own")
        if request.max_pixels is None
        else _("at most {count:,} pixels", count=request.max_pixels),
    }


def _conversation_rows(request: ExplainRequest) -> dict[str, str]:
    """What was said before the question, where something was."""
    system = system_text(request.conversation)
    turns = request.conversation[1:] if system else request.conversation
    return {
        **({N_("System prompt"): short(system, 400)} if system else {}),
        **({N_("Earlier turns"): short(" › ".join(turn.text for turn in turns), 400)} if turns else {}),
    }


def differing(each: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """Name -> its value in each of several runs, "" where one has none; only names whose values are not all equal."""
    names = dict.fromkeys(name for one in each for name in one)
    table = {name: [one.get(name, "") for one in each] for name in names}
    return {name: values for name, values in table.items() if len(set(values)) > 1}
