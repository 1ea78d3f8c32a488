"""What the command line writes and prints about a video: sheets, a film, numbers, shares of the heat."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.analysis.time.moments import mean_time
from core.analysis.time.shares import share_errors, time_shares
from core.errors import InputError
from core.export.npz import to_json, to_npz
from core.export.tables import steps_csv
from core.inputs.videos.clips import to_clip
from core.inputs.videos.video import Video
from core.rendering.look import Look
from core.schema import ExplainResult
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS

PAGES = Look()
LONGEST = 2048
"""Longer side of a sheet, or of a film's frames, in pixels."""


def check_options(hide_sinks: bool, prompt_words: bool, word_strip: bool = False) -> None:
    """
    Raises:
        InputError: what is asked knows nothing of time.
    """
    asked = (("--hide_sinks", hide_sinks), ("--prompt_words", prompt_words), ("--word_strip", word_strip))
    for name, is_asked in asked:
        if is_asked:
            raise InputError(f"{name} can be asked about pictures, and not yet about a video. Leave it out.")


def write(result: ExplainResult, video: Video, folder: Path, film: str = "mp4", look: Look = PAGES) -> None:
    """Writes what is drawn of each map, a film of the asked one, the numbers, and the sampled frames.

    These are a sheet of time steps for each map and, of several layers, one with a row for each (all_layers_steps.png);
    overlay.mp4; result.npz, result.json and steps.csv; video.zip, from which the same can be asked again.

    Args:
        film: "mp4", "webm", "webp" or "none".

    Raises:
        OSError: the folder cannot be written.
    """
    from core.rendering.encoding import png  # after parsing: --help should not wait for OpenCV
    from core.rendering.result_captions import captioned
    from core.rendering.step_sheet import step_rows, step_sheet

    maps = {_name(result, layer): result.at(layer) for layer in result.request.maps}
    for name, heat in maps.items():
        sheet = step_sheet(video.frames, video.times, result.steps, heat, LONGEST, **vars(look))
        shown = f"{name.replace('_', ' ')}, {len(result.steps)} time steps on one scale"
        (folder / f"{name}_steps.png").write_bytes(png(captioned(sheet, result, look, float(heat.max()), shown)))
    if len(maps) > 1:
        title = METHODS[result.request.method].title
        rows = step_rows(video.frames, video.times, result.steps, maps, title, **vars(look))
        (folder / "all_layers_steps.png").write_bytes(png(captioned(rows, result, look)))
    if film != "none":
        (folder / f"overlay.{film}").write_bytes(_film(result, video, film, look))
    (folder / "result.npz").write_bytes(to_npz(result))
    (folder / "result.json").write_text(to_json(result), "utf-8")
    (folder / "steps.csv").write_text(steps_csv(result), "utf-8")
    (folder / "video.zip").write_bytes(to_clip(video))


def _name(result: ExplainResult, layer: int | None) -> str:
    return result.request.method if layer is None else f"{PARTS[result.request.part].one}_{layer}"


def _film(result: ExplainResult, video: Video, kind: str, look: Look) -> bytes:
    """The asked map over the frame with which each step begins, each as long as it lasts, captioned as sheets are."""
    from core.rendering.encoded_films import animated_webp, encode_film
    from core.rendering.overlay import fit, overlay
    from core.rendering.result_captions import captioned
    from core.rendering.step_sheet import frame_numbers

    heat, asked = result.headline, result.of(result.asked[0])
    top, numbers = float(heat.max()), frame_numbers(video.times, result.steps)

    def drawn() -> Iterator[np.ndarray]:
        for number, step, cells in zip(numbers, result.steps, heat, strict=True):
            frame = overlay(fit(video.frames[number], LONGEST), cells, maximum=top, **vars(look))
            yield captioned(frame, asked, look, top, f"{step.start:.2f} to {step.end:.2f} s")

    seconds = [step.end - step.start for step in result.steps]
    return animated_webp(drawn(), seconds) if kind == "webp" else encode_film(drawn(), seconds, kind)


def steps_table(result: ExplainResult) -> str:
    """Time steps down, with the share of the asked map's heat that lies in each, and its standard error, as text."""
    method, layer = result.asked
    one = result.of(method)
    heat, stderr = one.at(layer), one.stderr_at(layer)
    lines = ["step     seconds          share of the heat"]
    for number, (step, share, error) in enumerate(
        zip(result.steps, time_shares(heat), share_errors(heat, stderr), strict=True)
    ):
        known = f" +- {error:.1%}" if error > 0 else ""  # nothing is known of it with one sample, or without noise
        lines.append(f"{number:>4d}  {step.start:7.2f} to {step.end:7.2f}  {share:6.1%}{known}")
    where = METHODS[method].title if layer is None else f"{METHODS[method].title}, layer {layer}"
    when, error = mean_time(heat, stderr, result.steps)
    lines.append(f"{where}: its heat lies around {when:.2f} s{f' +- {error:.2f} s' if error > 0 else ''}.")
    return "\n".join(lines)
