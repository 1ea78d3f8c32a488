"""What can be had of a run that is done: its numbers, and its map over the picture."""

from starlette.responses import Response

from core import ExplainResult, InputError
from core.export.npz import to_json, to_npz
from core.rendering.captions import with_caption
from core.rendering.encoding import png
from core.rendering.step_sheet import step_sheet
from dashboard.api.options import Drawing
from dashboard.api.refusals import Refused
from dashboard.api.runs import NO_RUN, Call, found_run
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services.waiting import run_job
from dashboard.ui.viewer.exports import bar_of, caption_of, overlay_png
from dashboard.ui.viewer.view import View

SHEET = 2048
"""Longer side, in pixels, of a sheet of a video's time steps."""


def result_json(call: Call) -> Response:
    """All that is said of a run."""
    return Response(to_json(_run(call.name).result), media_type="application/json")


def result_npz(call: Call) -> Response:
    """The raw numbers."""
    run = _run(call.name)
    named = {"Content-Disposition": f'attachment; filename="{run.id}.npz"'}
    return Response(to_npz(run.result), media_type="application/octet-stream", headers=named)


def overlay(call: Call) -> Response:
    """A map over its picture."""
    drawing: Drawing = call.query
    run = _run(call.name)
    if drawing.picture >= len(run.all_pictures):
        raise InputError(f"The prompt of this run holds {len(run.all_pictures)} picture(s), counted from 0.")
    run = run.of_picture(drawing.picture)
    view, shown = _view(drawing, run)
    if run.request.is_video and drawing.step is None:
        data = _sheet(run, view, shown, drawing)
    else:
        data = overlay_png(run, view, drawing.bar, drawing.caption)
    return Response(data, media_type="image/png")


def _run(name: str) -> LoadedRun:
    """A run with its numbers.

    Raises:
        Refused: there is none, it is not done, or what it was made of is gone.
        StoreError: the history cannot be read.
    """
    job = run_job(name)
    if job is not None and job.is_active:
        raise Refused(409, "The run is not done yet. Its address says how far it is.")
    run = found_run(name)
    if isinstance(run, EvictedRun):
        raise Refused(410, "The numbers or the pictures of this run are no longer stored. Ask the question again.")
    if run is None and job is not None:
        raise Refused(409, job.problem or "The run was cancelled before it had a map.")
    if run is None:
        raise Refused(404, NO_RUN)
    return run


def _view(drawing: Drawing, run: LoadedRun) -> tuple[View, ExplainResult]:
    """How the map is looked at, and the result that holds it."""
    result = run.result
    if drawing.method is None and drawing.layer is None:
        method, layer = result.asked
    else:
        method, layer = drawing.method or result.request.method, drawing.layer
        layer = result.of(method).recommended_layer if layer is None else layer
    shown = result.of(method)
    shown.at(layer)  # raises where there is no such map
    if drawing.step is not None and drawing.step >= len(result.steps):
        raise InputError(f"The maps of this run have {len(result.steps)} time steps, counted from 0.")
    return View(
        layer=layer,
        opacity=drawing.opacity,
        colormap=drawing.colormap,
        smooth=not drawing.cells,
        threshold=drawing.threshold,
        part=shown.request.part,
        method=method,
        step=drawing.step,
    ), shown


def _sheet(run: LoadedRun, view: View, shown: ExplainResult, drawing: Drawing) -> bytes:
    video = run.chosen.video
    how = {"opacity": view.opacity, "colormap": view.colormap, "smooth": view.smooth, "threshold": view.threshold}
    pixels = step_sheet(video.frames, video.times, run.result.steps, shown.at(view.layer), SHEET, **how)
    if drawing.bar or drawing.caption:
        told = caption_of(run, view) if drawing.caption else {}
        pixels = with_caption(pixels, told, bar_of(run, view) if drawing.bar else None)
    return png(pixels)
