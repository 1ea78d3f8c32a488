"""A comparison as one HTML file that opens without network: pictures, charts, parameters, commands.

Every text is escaped where it is put in. The page forbids itself, by its content policy, to fetch or send anything.
"""

import base64
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import numpy as np
from plotly.offline import get_plotlyjs

from core.analysis.regions import Region
from core.analysis.stages import stage_means
from core.rendering.encoding import data_uri
from dashboard.charts.depth import depth_figure
from dashboard.charts.pair import panes_figure
from dashboard.export.parameters import parameter_rows
from dashboard.export.reproduce import command_of, picture_names, python_of
from dashboard.formatting import visible
from dashboard.language import _, counted, language
from dashboard.ui import images
from dashboard.ui.compare import maps, measures
from dashboard.ui.compare.chart_files import chart_html
from dashboard.ui.compare.legend import legend_rows
from dashboard.ui.compare.map_choice import MapChoice, heading, heat_at, layer_of, name_of, stage_title
from dashboard.ui.compare.measures import Compared, with_layers
from dashboard.ui.compare.pair_maps import pair_panes, why_no_difference
from dashboard.ui.compare.similarity_matrix import matrix_figure, matrix_of

MOST_PICTURE_BYTES = 8_000_000
"""A larger picture is not put into the report; its name and size are."""
_SIDE = 520
# plotly.js draws by styles and makes its PNG from a blob.
_POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "font-src data:"
)
_CSS = Path(__file__).with_suffix(".css").read_text("utf-8")


def report(runs: list[Compared], choice: MapChoice, region: Region | None, address: str) -> str:
    """The page.

    Args:
        choice: the maps on display.
        address: of the view that it was made from.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    body = "\n".join(
        [
            f"<h1>{escape(_compared(runs))}</h1>",
            _small(_("{time}, from {address}", time=now, address=address)),
            _runs(runs),
            _h2(_("Maps: {map}", map=heading(runs, choice))),
            _pictures(runs, choice, region),
            _stages(runs),
            *_charts(runs, choice, region),
            _h2(_("How to compute it again")),
            *(_parameters(each) for each in runs),
        ]
    )
    title = _("Smooth Grad-CAM comparison")
    return (
        f'<!doctype html>\n<html lang="{language().replace("_", "-")}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_CSS}</style><script>{get_plotlyjs()}</script></head>"
        f"<body>\n{body}\n</body></html>\n"
    )


def _h2(text: str) -> str:
    return f"<h2>{escape(text)}</h2>"


def _small(text: str) -> str:
    return f'<p class="small">{escape(text)}</p>'


def _compared(runs: list[Compared]) -> str:
    return counted("Smooth Grad-CAM: {count} run compared", "Smooth Grad-CAM: {count} runs compared", len(runs))


def _runs(runs: list[Compared]) -> str:
    table = legend_rows(runs)
    head = "".join(f"<th>{escape(name)}</th>" for name in ("", *map(_, table), _("Run")))
    rows = []
    for number, each in enumerate(runs):
        cells = [*(values[number] for values in table.values()), each.run.key]
        swatch = f'<td><span class="swatch" style="background:{each.colour}"></span>{each.mark}</td>'
        rows.append(f"<tr>{swatch}{''.join(f'<td>{escape(visible(cell))}</td>' for cell in cells)}</tr>")
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def _pictures(runs: list[Compared], choice: MapChoice, region: Region | None) -> str:
    tiles = []
    for each in runs:
        heat = heat_at(each.run, choice)
        if heat is None:
            said = _("{run} holds no such map.", run=each.mark)
            tiles.append(f"<figure><figcaption>{escape(said)}</figcaption></figure>")
            continue
        tiles.append(
            _tile(each, heat, _("{letter}, {map}", letter=each.mark, map=name_of(each.run, choice)), 380, region)
        )
    note = ""
    if region is not None:
        said = _("Outlined: the region {corners} (x,y of corners).", corners=region.to_text())
        note = _small(said)
    return f'<div class="pictures">{"".join(tiles)}</div>{note}'


def _tile(each: Compared, heat: np.ndarray, caption: str, highest: int, region: Region | None = None) -> str:
    drawn = maps.outlined_map(each.run, heat, _SIDE, region)
    width = images.picture_width(each.run.chosen.size, highest, _SIDE)
    return (
        f'<figure><img src="{data_uri(drawn)}" width="{width}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )


def _stages(runs: list[Compared]) -> str:
    with_depth = with_layers(runs)
    if not with_depth:
        return ""
    rows = [
        "".join(
            _tile(each, mean, _of_stage(each, stage, layers), 240)
            for stage, (layers, mean) in stage_means(each.run.result).items()
        )
        for each in with_depth
    ]
    return (
        _h2(_("Early, middle, late"))
        + _small(_("Mean maps; layers are brought to the same maximum first."))
        + "".join(f'<div class="pictures">{row}</div>' for row in rows)
    )


def _of_stage(each: Compared, stage: str, layers: tuple[int, ...]) -> str:
    words = stage_title(stage, layers, each.run.request.part)
    return _("{letter}, {map}", letter=each.mark, map=words)


def _charts(runs: list[Compared], choice: MapChoice, region: Region | None) -> list[str]:
    parts = []
    with_depth = with_layers(runs)
    if with_depth:
        statistics = [*measures.ALL.values(), *([measures.REGION] if region is not None else [])]
        lines = [measures.depth_line(each, region) for each in with_depth]
        bands = _("Bands: one standard error to either side.")
        parts += [
            _h2(_("Over depth")),
            chart_html(depth_figure(lines, layer_of(choice), statistics, 3, with_errors=True)),
            f'<p class="small">{escape(bands)} '
            + " ".join(f"<b>{escape(_(each.title))}</b>: {escape(_(each.sentence))}" for each in statistics)
            + "</p>",
        ]
    if len(runs) > 1:
        first, second = runs[:2]
        heats = [heat_at(each.run, choice) for each in (first, second)]
        if why_no_difference(first, second) is None and all(heat is not None for heat in heats):
            panes, _numbers = pair_panes(first, second, choice, "share")
            parts += [
                _h2(_("{first} against {second}", first=first.mark, second=second.mark)),
                chart_html(panes_figure(panes)),
            ]
    for each in with_depth[:1]:
        figure = matrix_figure(each, each, matrix_of(each, each, "rank"), "rank")
        parts += [_h2(_("Layer by layer, {run}", run=each.mark)), chart_html(figure)]
    return parts


def _parameters(each: Compared) -> str:
    names = [f"{each.letter}_{name}" for name in picture_names(each.run)]
    rows = "".join(
        f"<tr><th>{escape(_(title))}</th><td>{escape(value)}</td></tr>"
        for title, value in parameter_rows(each.run).items()
    )
    pictures = zip(names, each.run.all_pictures, strict=True)
    files = "".join(_picture_file(name, chosen.data) for name, chosen in pictures)
    return (
        f"<h3>{escape(each.mark)}</h3><table>{rows}</table>{files}"
        f"<pre>{escape(command_of(each.run, names))}</pre><pre>{escape(python_of(each.run, names))}</pre>"
    )


def _picture_file(name: str, data: bytes) -> str:
    if len(data) > MOST_PICTURE_BYTES:
        said = _(
            "The picture file ({size:.0f} MB) is not in this report; the lines below call it {name}.",
            size=len(data) / 1e6,
            name=name,
        )
        return _small(said)
    inside = base64.b64encode(data).decode()
    link = f'<a download="{escape(name)}" href="data:application/octet-stream;base64,{inside}">{escape(name)}</a>'
    said = escape(_("The picture file as it came: {file}. The lines below expect it beside them."))
    return f'<p class="small">{said.replace("{file}", link)}</p>'
