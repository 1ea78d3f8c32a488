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
from dashboard.layer_ranges import span
from dashboard.ui import images
from dashboard.ui.compare import maps, measures
from dashboard.ui.compare.chart_files import chart_html
from dashboard.ui.compare.measures import Compared, with_layers
from dashboard.ui.compare.pair import pair_panes, why_no_difference
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


def report(runs: list[Compared], layer: int | None, region: Region | None, address: str) -> str:
    """The page.

    Args:
        layer: on display; None for the combined maps.
        address: of the view that it was made from.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    body = "\n".join(
        [
            f"<h1>Smooth Grad-CAM: {len(runs)} {'run' if len(runs) == 1 else 'runs'} compared</h1>",
            f'<p class="small">{now}, from {escape(address)}</p>',
            _runs(runs),
            f"<h2>Maps: {escape(maps.name_of(layer))}</h2>",
            _pictures(runs, layer, region),
            _stages(runs),
            *_charts(runs, layer, region),
            "<h2>How to compute it again</h2>",
            *(_parameters(each) for each in runs),
        ]
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Smooth Grad-CAM comparison</title><style>{_CSS}</style><script>{get_plotlyjs()}</script></head>"
        f"<body>\n{body}\n</body></html>\n"
    )


def _runs(runs: list[Compared]) -> str:
    head = ("", "prompt", "answer", "explained", "method", "samples", "model", "run")
    rows = []
    for each in runs:
        told = parameter_rows(each.run)
        cells = (
            each.run.request.prompt,
            each.run.result.answer.text or "(nothing)",
            told["Explained"],
            told["Method"],
            told["Samples"],
            told["Model"],
            each.run.key,
        )
        swatch = f'<td><span class="swatch" style="background:{each.colour}"></span>{each.letter}</td>'
        rows.append(f"<tr>{swatch}{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{''.join(rows)}</table>"


def _pictures(runs: list[Compared], layer: int | None, region: Region | None) -> str:
    tiles = []
    for each in runs:
        heat = maps.heat_at(each.run, layer)
        if heat is None:
            tiles.append(f"<figure><figcaption>{each.letter} holds no map of that layer.</figcaption></figure>")
            continue
        tiles.append(_tile(each, heat, f"{each.letter}, {maps.name_of(layer)}", 380, region))
    note = ""
    if region is not None:
        note = f'<p class="small">Outlined: the region {escape(region.to_text())} (x,y of corners).</p>'
    return f'<div class="pictures">{"".join(tiles)}</div>{note}'


def _tile(each: Compared, heat: np.ndarray, caption: str, highest: int, region: Region | None = None) -> str:
    drawn = maps.outlined_map(each.run, heat, _SIDE, region)
    width = images.picture_width(each.run.chosen.picture.size, highest, _SIDE)
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
            _tile(each, mean, f"{each.letter}, {stage}: {span(layers, each.run.request.part)}", 240)
            for stage, (layers, mean) in stage_means(each.run.result).items()
        )
        for each in with_depth
    ]
    return (
        '<h2>Early, middle, late</h2><p class="small">Mean maps; layers are brought to the same maximum first.</p>'
        + "".join(f'<div class="pictures">{row}</div>' for row in rows)
    )


def _charts(runs: list[Compared], layer: int | None, region: Region | None) -> list[str]:
    parts = []
    with_depth = with_layers(runs)
    if with_depth:
        statistics = [*measures.ALL.values(), *([measures.REGION] if region is not None else [])]
        lines = [measures.depth_line(each, region) for each in with_depth]
        parts += [
            "<h2>Over depth</h2>",
            chart_html(depth_figure(lines, layer, statistics, 3, with_errors=True)),
            '<p class="small">Bands: one standard error to either side. '
            + " ".join(f"<b>{escape(each.title)}</b>: {escape(each.sentence)}" for each in statistics)
            + "</p>",
        ]
    if len(runs) > 1:
        first, second = runs[:2]
        heats = [maps.heat_at(each.run, layer) for each in (first, second)]
        if why_no_difference(first, second) is None and all(heat is not None for heat in heats):
            panes, _ = pair_panes(first, second, layer, "share")
            parts += [f"<h2>{first.letter} against {second.letter}</h2>", chart_html(panes_figure(panes))]
    for each in with_depth[:1]:
        figure = matrix_figure(each, each, matrix_of(each, each, "rank"), "rank")
        parts += [f"<h2>Layer by layer, {each.letter}</h2>", chart_html(figure)]
    return parts


def _parameters(each: Compared) -> str:
    names = [f"{each.letter}_{name}" for name in picture_names(each.run)]
    rows = "".join(
        f"<tr><th>{escape(title)}</th><td>{escape(value)}</td></tr>"
        for title, value in parameter_rows(each.run).items()
    )
    pictures = zip(names, each.run.all_pictures, strict=True)
    files = "".join(_picture_file(name, chosen.data) for name, chosen in pictures)
    return (
        f"<h3>{each.letter}</h3><table>{rows}</table>{files}"
        f"<pre>{escape(command_of(each.run, names))}</pre><pre>{escape(python_of(each.run, names))}</pre>"
    )


def _picture_file(name: str, data: bytes) -> str:
    if len(data) > MOST_PICTURE_BYTES:
        said = f"The picture file ({len(data) / 1e6:.0f} MB) is not in this report; the lines below call it {name}."
        return f'<p class="small">{escape(said)}</p>'
    inside = base64.b64encode(data).decode()
    return (
        f'<p class="small">The picture file as it came: <a download="{escape(name)}" '
        f'href="data:application/octet-stream;base64,{inside}">{escape(name)}</a>. The lines below expect it beside '
        "them.</p>"
    )
