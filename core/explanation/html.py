"""A result as HTML for notebooks: its overlay, the answer's words, and the depth in small maps.

One piece that needs nothing else: pictures lie in it as data, there is no script, and texts of people and models are
escaped. It takes its colours from whatever is around it, light or dark; what it adds is translucent, in one accent that
follows the reader's preference.
"""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from core.explanation.drawing import Source, draw_map, map_of, name_of, step_of
from core.rendering.encoding import data_uri
from core.rendering.look import MapLook
from core.rendering.overlay import colorize, enlarge, normalise
from core.rendering.step_sheet import evenly
from core.schema import Answer, ExplainResult
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS
from core.schema.one_line import LONGEST_TEXT, quoted
from core.schema.visible_text import visible
from core.schema.words import words_of

LONGEST = 480
"""Longer side of the overlay in pixels."""
MOST_SMALL = 36
"""Small maps side by side; of a deeper model, as many evenly spaced layers."""
MOST_CHARACTERS = 2_000
"""Of an answer; more is cut."""
_SMALL, _GAP = 40, 3

STYLE = """<style>
.smoothcam { color: inherit; font: 14px/1.5 sans-serif; --sure: 224, 138, 30; }
.smoothcam img { display: block; max-width: 100%; height: auto; }
.smoothcam .maps { display: flex; flex-wrap: wrap; gap: 12px; }
.smoothcam .map { margin: 0; }
.smoothcam .small { font-size: 12px; opacity: .75; }
.smoothcam .answer { max-width: 60em; white-space: pre-wrap; margin: 8px 0; }
.smoothcam .answer span { border-radius: 3px; }
.smoothcam .thought { opacity: .6; }
@media (prefers-color-scheme: dark) { .smoothcam { --sure: 245, 178, 66; } }
</style>"""


def result_html(
    results: Sequence[tuple[ExplainResult, Source]],
    facts: str,
    layer: int | None = None,
    step: int | None = None,
    style: MapLook | None = None,
) -> str:
    """One result, of each picture of its prompt.

    Args:
        results: what there is of each picture, with that picture.
        facts: a line about the whole.
        layer, step: see `core.explanation.drawing.draw_map`.

    Raises:
        InputError: there is no such layer or step.
    """
    style, (first, _) = style or MapLook(), results[0]
    maps = "".join(
        figure(draw_map(*each, layer, step, style, LONGEST), _title(each[0], layer, step)) for each in results
    )
    return piece(
        f'<div class="small">{escaped(first.request.prompt, MOST_CHARACTERS)}</div>',
        f'<div class="answer">{answer_html(first.answer)}</div>',
        f'<div class="maps">{maps}</div>',
        _strip_html(first, layer, step, style),
        f'<div class="small">{escape(facts)}</div>',
    )


def piece(*parts: str) -> str:
    """Parts as one piece of HTML, with the style that they need."""
    return f'<div class="smoothcam">{STYLE}{"".join(parts)}</div>'


def figure(pixels: np.ndarray, caption: str) -> str:
    """A picture above its caption, which is escaped here."""
    said = escape(caption, quote=True)
    height, width = pixels.shape[:2]
    image = f'<img src="{data_uri(pixels)}" width="{width}" height="{height}" alt="{said}">'
    return f'<figure class="map">{image}<figcaption class="small">{said}</figcaption></figure>'


def answer_html(answer: Answer) -> str:
    """The answer's text, each word shaded the more, the less sure the model was of it; a thought is fainter."""
    shown = "".join(_segments(answer))
    if len(answer.text) > MOST_CHARACTERS:
        shown += "…"
    return shown or '<span class="small">nothing</span>'


def escaped(text: str, limit: int = LONGEST_TEXT) -> str:
    """Text of people or models as HTML: cut, with what is invisible in it named."""
    return escape(visible(text[:limit]), quote=True) + ("…" if len(text) > limit else "")


def _segments(answer: Answer) -> Iterator[str]:
    text, at = answer.text[:MOST_CHARACTERS], 0
    for word in words_of(answer):
        tokens = answer.tokens[word.start : word.stop]
        begin, end = tokens[0].start, tokens[-1].stop
        if begin < at or end > len(text):  # beyond what is shown, or a fragment of the word before
            continue
        chance = float(np.clip(np.prod([token.probability for token in tokens]), 0, 1))
        kind = ' class="thought"' if word.start < answer.said.start else ""
        shade = f"background: rgba(var(--sure), {0.75 * (1 - chance):.2f})"
        yield escape(visible(text[at:begin]))
        yield f'<span{kind} style="{shade}" title="probability {chance:.3g}">{escape(visible(text[begin:end]))}</span>'
        at = end
    yield escape(visible(text[at:]))


def _title(result: ExplainResult, layer: int | None, step: int | None) -> str:
    name = name_of(result, layer)
    method = METHODS[result.asked[0] if layer is None else result.request.method].title
    words = [method] if name == method else [method, name]
    if (number := step_of(result, map_of(result, layer), step)) is not None:
        words.append(f"{result.steps[number].start:.4g} to {result.steps[number].end:.4g} s")
    return ", ".join(words)


def _strip_html(result: ExplainResult, layer: int | None, step: int | None, style: MapLook) -> str:
    """Small maps side by side: the layers', each on a scale of its own, or a video's steps, all on one."""
    heat = map_of(result, layer)
    if result.steps:
        shown = evenly(len(result.steps), MOST_SMALL)
        small = [normalise(heat[number], float(heat.max())) for number in shown]
        words = f"time steps from {result.steps[0].start:.4g} to {result.steps[-1].end:.4g} s"
    elif len(result.layers) > 1:
        shown = [result.layers[number] for number in evenly(len(result.layers), MOST_SMALL)]
        small = [normalise(result.at(number)) for number in shown]
        words = f"{PARTS[result.request.part].many} {shown[0]} to {shown[-1]}, {METHODS[result.request.method].title}"
    else:
        return ""
    height = max(1, round(_SMALL * result.grid[0] / result.grid[1]))
    gap = np.full((height, _GAP, 3), 128, np.uint8)
    tiles = [colorize(enlarge(each, (_SMALL, height), style.smooth), style.colormap) for each in small]
    strip = np.concatenate([part for tile in tiles for part in (tile, gap)][:-1], axis=1)
    return f'<div class="maps" style="margin-top: 12px">{figure(strip, words)}</div>'


def words_html(results: Sequence[tuple[str, ExplainResult, Source]], answer: Answer | None, style: MapLook) -> str:
    """The maps of several words, each below its picture.

    Args:
        results: of each word its text, its result and what that is of.
    """
    side = LONGEST // 2
    maps = "".join(
        figure(draw_map(result, picture, None, None, style, side), quoted(text, 40))
        for text, result, picture in results
    )
    said = f'<div class="answer">{answer_html(answer)}</div>' if answer is not None else ""
    return piece(said, f'<div class="maps">{maps}</div>')
