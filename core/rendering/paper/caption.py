"""What stands below a figure in a paper: plain text, or LaTeX with citations, with all that decides the numbers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import InputError, shown
from core.rendering.paper import citations
from core.rendering.paper.chosen import Chosen, chosen_map
from core.rendering.paper.look import USUAL, FigureLook
from core.rendering.paper.sizes import KINDS, WIDTHS, Kind, Width, width_mm
from core.rendering.paper.tex import escaped, needs_unicode
from core.schema import ExplainResult
from core.schema.checks import check_choice, check_instance
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS
from core.schema.request import IMPORTED
from core.schema.target import Target

LONGEST = 300
"""Characters of a prompt or an answer in a caption."""
HIDDEN = "The heat of attention sinks is drawn as that of the cells around them."
FADED = "Colour fades where the standard error is large."
OUTLINED = "Outlined: {what}."
TRUE_PLACE, SINKS = "the true place, in white", "attention sinks, in cyan"
"""Remarks on what is drawn besides heat."""
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]*\.(?:pdf|svg|png)")
_SCORES = {
    "logit": "the sum of the explained tokens' logits",
    "logprob": "the sum of the explained tokens' log-probabilities",
    "margin": "the explained tokens' logits less those of the best other token",
    "rivals": "the explained tokens' logits less the mean of their strongest rivals'",
}


@dataclass(frozen=True)
class _Style:
    """How a caption is written.

    Attributes:
        say: text -> as it is written.
        quote: likewise, between quotation marks.
        cite: keys of `citations.REFERENCES` -> what follows a name; "" for none.
    """

    say: Callable[[str], str]
    quote: Callable[[str], str]
    cite: Callable[[tuple[str, ...]], str]


def _in_brackets(keys: tuple[str, ...]) -> str:
    return f" ({'; '.join(citations.REFERENCES[key].short for key in keys)})" if keys else ""


_PLAIN = _Style(str, lambda text: f"\u201c{text}\u201d", _in_brackets)
_TEX = _Style(escaped, lambda text: f"``{escaped(text)}''", lambda keys: f"~\\cite{{{','.join(keys)}}}" if keys else "")


def caption(
    result: ExplainResult,
    kind: Kind = "overlay",
    *,
    layer: int | None = None,
    step: int | None = None,
    model: str = "",
    look: FigureLook = USUAL,
    remarks: Sequence[str] = (),
) -> str:
    """The caption as plain text, sources in brackets.

    Args:
        kind: which figure it is for.
        layer, step: the map of an overlay, as of `core.rendering.paper.figures.overlay_figure`.
        model: its name; "" leaves it out.
        look: how heat is coloured.
        remarks: further sentences, at the end.

    Raises:
        InputError: there is no such figure or map.
    """
    chosen = chosen_map(result, layer, step)
    return " ".join([*_sentences(result, kind, chosen, model, look, _PLAIN), *remarks])


def latex(
    result: ExplainResult,
    kind: Kind = "overlay",
    *,
    file: str = "figure.pdf",
    width: Width = "column",
    layer: int | None = None,
    step: int | None = None,
    model: str = "",
    look: FigureLook = USUAL,
    remarks: Sequence[str] = (),
) -> str:
    """The lines of LaTeX that show a figure with its caption; people's text prints as it is, and commands nothing.

    Args:
        file: of the figure, as the document names it: letters, digits, and _ . / - of ASCII.
        width: as of the figure; "page" spans both columns.
        The rest: as of `caption`.

    Raises: as `caption`; also of a file name that LaTeX would not take as it is.
    """
    if not isinstance(file, str) or not _FILE.fullmatch(file):
        raise InputError(
            f"The file of a figure is named by letters, digits and _ . / - and ends in .pdf, .svg or .png, not "
            f"{shown(file)}."
        )
    millimetres = width_mm(width)
    chosen = chosen_map(result, layer, step)
    text = " ".join([*_sentences(result, kind, chosen, model, look, _TEX), *map(escaped, remarks)])
    wide = f"{millimetres:g}mm" if width not in WIDTHS else r"\columnwidth" if width == "column" else r"\textwidth"
    environment = "figure*" if width == "page" else "figure"
    is_drawn, stem = file.endswith(".svg"), file.rsplit(".", 1)[0]
    notes = ["% \\usepackage{svg}, which calls Inkscape; or take the PDF."] if is_drawn else []
    if needs_unicode(text):
        notes.append("% The caption has characters that XeLaTeX and LuaLaTeX print; pdfLaTeX needs CJKutf8 or others.")
    return "\n".join(
        [
            *notes,
            f"\\begin{{{environment}}}[t]",
            "  \\centering",
            f"  \\{'includesvg' if is_drawn else 'includegraphics'}[width={wide}]{{{stem if is_drawn else file}}}",
            f"  \\caption{{{text}}}",
            f"  \\label{{fig:{re.sub(r'[^A-Za-z0-9]+', '-', stem)}}}",
            f"\\end{{{environment}}}",
            "",
        ]
    )


def bibtex(result: ExplainResult, layer: int | None = None) -> str:
    """The BibTeX entries of what the captions of a result cite; "" where that is nothing."""
    chosen = chosen_map(result, layer)
    return citations.bibtex([*citations.of_result(chosen.result), *citations.of_result(result)])


def _sentences(
    result: ExplainResult, kind: Kind, chosen: Chosen, model: str, look: FigureLook, style: _Style
) -> list[str]:
    check_choice("figure for a paper", kind, KINDS)
    check_instance("The model's name", model, str, "text")
    check_instance("How heat is coloured", look, FigureLook, "a FigureLook")
    # A grid and the depth are of the result's own layers; an overlay and words may be of the combined map.
    is_whole = kind in ("grid", "depth") and not (kind == "grid" and result.request.is_video)
    drawn = result if is_whole else chosen.result
    request, answer = drawn.request, result.answer
    said = answer.said_text if answer.thought else answer.text
    pieces = [_first(drawn, kind, chosen, style)]
    if model:
        pieces.append(f"Model: {style.say(model)}.")
    pieces.append(f"Prompt: {style.quote(_cut(request.prompt))}.")
    if kind != "words":
        pieces.append(f"Answer: {style.quote(_cut(said))}." if said.strip() else "The answer has no text.")
    if request.images:
        pieces.append(f"Picture {request.picture + 1} of the {len(request.images)} in the prompt.")
    if kind != "words" and request.target != Target.answer():
        pieces.append(f"Explained: {style.say(request.target.describe(answer))}.")
    pieces.append(_method(drawn, style))
    if kind != "depth":
        pieces += _colours(drawn, kind, chosen, look, style)
    if request.origin:
        pieces.append(style.say(IMPORTED))
    return pieces


def _first(drawn: ExplainResult, kind: Kind, chosen: Chosen, style: _Style) -> str:
    request = drawn.request
    many = PARTS[request.part].many
    if kind == "words":
        return f"Where each word of the answer comes from: {style.say(chosen.name)}, a map a word."
    if kind == "depth":
        return (
            f"How concentrated the heat is over the {drawn.total_layers} {many}: normalised entropy, Gini coefficient "
            f"and the share of the hottest tenth of the cells; bands are one standard error, the dotted line marks "
            f"{PARTS[request.part].one} {drawn.recommended_layer}."
        )
    if kind == "overlay":
        time = f", from {chosen.step_title} of the video" if chosen.step is not None else ""
        return f"Where the answer comes from: {style.say(chosen.name)}{time}."
    if request.is_video:
        return f"Where and when the answer comes from: {style.say(chosen.name)} at {len(drawn.steps)} time steps."
    if not request.layers:
        return f"Where the answer comes from: {style.say(chosen.name)}."
    layers = ", ".join(map(str, request.layers))
    return f"Where the answer comes from, layer by layer: {many} {layers} of {drawn.total_layers}."


def _method(drawn: ExplainResult, style: _Style) -> str:
    request, method = drawn.request, METHODS[drawn.request.method]
    title = f"{style.say(method.title)}{style.cite(citations.of_method(method.name))}"
    where = ""
    if method.has_tap:
        where = f", read at the {request.tap} of {PARTS[request.part].title.lower()} {PARTS[request.part].many}"
    noise = "without noise"
    if citations.has_noise(drawn):
        count = f"{drawn.num_samples} noise sample{'' if drawn.num_samples == 1 else 's'}"
        about = f"standard deviation {request.noise_std:g}, seed {request.seed}"
        noise = f"mean over {count} ({about}), SmoothGrad{style.cite((citations.SMOOTHGRAD,))}"
    return f"Method: {title}{where}; {noise}; score: {_score(request.target)}."


def _score(target: Target) -> str:
    return "the difference of the two tokens' logits" if target.kind == "contrast" else _SCORES[target.score]


def _colours(drawn: ExplainResult, kind: Kind, chosen: Chosen, look: FigureLook, style: _Style) -> list[str]:
    shared = kind == "overlay" or drawn.request.is_video
    if shared:
        heat = chosen.all_steps if kind == "grid" else chosen.heat
        top = f"{look.top(heat):.3g} {drawn.request.heat_unit}"
    else:
        top = "the hottest cell of each map"
    opaque = "over all of the picture alike" if look.even else "the more opaque the hotter a place is"
    below = f"; heat below {look.threshold:.0%} of that is not coloured" if look.threshold > 0 else ""
    return [style.say(f"Colours ({look.colormap}) run from no heat to {top}, {opaque}{below}.")]


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[:LONGEST].rstrip() + "…"
