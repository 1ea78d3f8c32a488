"""A run -> pictures, tables and a ZIP to take away. File names come from ids, never from people's text."""

import io
import zipfile
from dataclasses import replace

import numpy as np

from core import METHODS
from core.export.boxes import boxes_csv
from core.export.tables import heat_csv, token_csv
from core.rendering.captions import ColourBar, with_caption
from core.rendering.encoding import png
from core.rendering.overlay import fit, heatmap
from core.rendering.step_sheet import frame_numbers
from core.schema.methods import COMBINED
from core.schema.model_parts import PARTS
from core.schema.request import IMPORTED
from core.schema.target import Target
from dashboard.export.bundle import LONGEST, write_run
from dashboard.formatting import sample_words, visible
from dashboard.language import _, counted, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services.interventions import intervention_files
from dashboard.ui.viewer.view import Marks, View


def overlay_png(run: LoadedRun, view: View, with_bar: bool = False, caption: bool = False) -> bytes:
    """The map of the view over the picture, at the picture's full resolution.

    Args:
        with_bar: draws what the colours stand for below it.
        caption: writes below it what was asked, answered and drawn.
    """
    drawn = view.draw(_pixels(run, view), view.shown(run.result), view.layer)
    return png(with_extras(drawn, run, view, with_bar, caption))


def frame_png(run: LoadedRun, view: View) -> bytes:
    """The first frame of a video's step on display, without a map, at full resolution."""
    return png(_pixels(run, view))


def with_extras(pixels: np.ndarray, run: LoadedRun, view: View, with_bar: bool, caption: bool) -> np.ndarray:
    """What is drawn of a view, with what `overlay_png` draws and writes below it, uint8 RGB."""
    if not (with_bar or caption):
        return pixels
    return with_caption(pixels, caption_of(run, view) if caption else {}, bar_of(run, view) if with_bar else None)


def _pixels(run: LoadedRun, view: View) -> np.ndarray:
    """The picture, or of a video the frame of the step on display, at full resolution."""
    if view.step is None:
        return run.chosen.picture.pixels
    return run.chosen.video.frames[frame_numbers(run.chosen.times, run.result.steps)[view.step]]


def map_name(view: View) -> str:
    """The map of the view in the name of a file."""
    name = "map" if view.layer is None else f"{PARTS[view.part].one}-{view.layer:02d}"
    return name if view.step is None else f"{name}_step-{view.step + 1:03d}"


def bar_of(run: LoadedRun, view: View) -> ColourBar:
    """What the colours of the view's map stand for."""
    shown = view.shown(run.result)
    top, unit = view.top_of(shown, view.layer), shown.request.heat_unit
    maximum = float(view.coloured(view.heat(run.result)).max()) if top is None else top
    if run.request.is_video and view.step is None and not view.alike:
        maximum = None  # all steps, each on a scale of its own
    return ColourBar(view.colormap, maximum, _(unit), view.threshold)


def caption_of(run: LoadedRun, view: View) -> dict[str, str]:
    """What stands under a picture that is taken away."""
    shown = view.shown(run.result)
    lines = {_("Prompt"): visible(run.request.prompt), _("Answer"): visible(run.result.answer.text) or _("(nothing)")}
    if run.request.target != Target.answer():
        lines[_("Explained")] = sentence(run.request.target.describe(run.result.answer))
    if run.pictures:
        number, count = run.request.picture + 1, len(run.pictures)
        lines[_("Picture")] = _("{number} of the {count} in the prompt", number=number, count=count)
    made = {"method": _(METHODS[shown.request.method].title), "samples": sample_words(shown)}
    if view.layer is None:
        lines[_("Map")] = _("{method}, {samples}", **made)
    else:
        layer, total = view.name(shown), shown.total_layers
        lines[_("Map")] = _("{layer} of {total}, {method}, {samples}", layer=layer, total=total, **made)
    if view.step is not None:
        step = run.result.steps[view.step]
        lines[_("Time step")] = _("{start:.2f} to {end:.2f} s of the video", start=step.start, end=step.end)
    elif steps := run.result.steps:
        span = {"start": steps[0].start, "end": steps[-1].end}
        lines[_("Time steps")] = _("{count}, row by row, {start:.2f} to {end:.2f} s", count=len(steps), **span)
    if view.marks.masked is not None:
        count = int(view.marks.masked.sum())
        lines[_("Hidden")] = counted(
            "the heat of {count} sink, drawn as the cells around",
            "the heat of {count} sinks, drawn as the cells around",
            count,
        )
    if run.record is not None:
        lines[_("Model")] = run.record.model_name
    if run.request.origin:
        lines[_("Origin")] = sentence(IMPORTED)
    return lines


def archive(run: LoadedRun, view: View) -> bytes:
    """A ZIP of every map's heat and overlay as PNG, the numbers, and what computes them again.

    Of several pictures in one prompt, those of each; files are named by its number. What computes it again is the
    picture as it came, a command line in `reproduce.sh` and lines of Python in `reproduce.py`, which also compare with
    the numbers in the ZIP.
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for each in run.each_picture():
            begin = f"picture-{each.request.picture + 1}_" if run.pictures else ""
            # What is outlined or hidden is of the picture on display alone.
            _write_maps(file, each, view if each is run else replace(view, marks=Marks(fade=view.marks.fade)), begin)
            file.writestr(f"{begin}heat.csv", heat_csv(each.result))
            if boxes := boxes_csv(each.result):
                file.writestr(f"{begin}boxes.csv", boxes)
        file.writestr("tokens.csv", token_csv(run.result))
        write_run(file, run, besides=intervention_files(run))
    return data.getvalue()


def _write_maps(file: zipfile.ZipFile, run: LoadedRun, view: View, begin: str) -> None:
    result = run.result
    small = fit(run.chosen.picture.pixels, LONGEST)
    size = small.shape[1], small.shape[0]
    maps = [(f"{PARTS[result.request.part].one}-{layer:02d}", result, layer) for layer in result.layers]
    if COMBINED in result.companions:
        maps.append((COMBINED, result.of(COMBINED), None))
    if not result.layers:
        maps.append((result.request.method, result, None))
    for name, held, layer in maps:
        pictures = {
            "heat": heatmap(held.at(layer), size, view.colormap, view.smooth, view.top(layer)),
            "overlay": view.draw(small, held, layer),
        }
        for kind, picture in pictures.items():
            # PNG is compressed already.
            file.writestr(f"{begin}{name}_{kind}.png", png(picture), zipfile.ZIP_STORED)
