"""A laid out figure -> the bytes of a PDF, SVG or PNG, always the same ones for the same figure.

Drawn by matplotlib's objects; nothing here touches pyplot, whose figures are the whole process's.
"""

import io

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from core.rendering.paper.sheet import SIZE, Chart, Outline, Raster, Sheet, Text
from core.rendering.paper.sizes import DPI, FigureFormat
from core.rendering.paper.svg import finished

_INCH = 25.4
_CANVASES = {"pdf": FigureCanvasPdf, "svg": FigureCanvasSVG, "png": FigureCanvasAgg}
# Dates and names of programs would make two files of one figure differ.
_UNDATED = {
    "pdf": dict.fromkeys(("Creator", "Producer", "CreationDate")),
    "svg": dict.fromkeys(("Creator", "Date", "Format", "Type")),
    "png": {"Software": None},
}
_GREY = "#808080"


def draw(sheet: Sheet, format: FigureFormat, dpi: int = DPI) -> bytes:
    """The file; within `core.rendering.paper.fonts.writing`, whose font the sheet has.

    In PDF and SVG pictures keep their pixels, whatever `dpi` says.
    """
    size = sheet.width / _INCH, sheet.height / _INCH
    figure = Figure(figsize=size, dpi=dpi)
    axes = figure.add_axes((0, 0, 1, 1))
    for item in sheet.items:
        match item:
            case Raster():
                # A PDF would hold it upside down, and turn it: whoever takes it out again should find it upright.
                is_turned = format == "pdf"
                # A PNG brings it to its own pixels; elsewhere whoever shows it does so.
                axes.imshow(
                    item.pixels[::-1] if is_turned else item.pixels,
                    origin="lower" if is_turned else "upper",
                    extent=(item.left, item.left + item.width, item.top + item.height, item.top),
                    interpolation="auto" if format == "png" else "none",
                    aspect="auto",
                )
            case Text():
                axes.text(
                    item.at,
                    item.baseline,
                    item.text,
                    fontproperties=sheet.font.of_size(SIZE),
                    ha=item.align,
                    va="baseline",
                    parse_math=False,
                )
            case Outline():
                corner = item.left, item.top
                axes.add_patch(Rectangle(corner, item.width, item.height, fill=False, edgecolor=_GREY, linewidth=0.4))
            case Chart():
                item.draw(_chart_axes(figure, sheet, item))
    axes.set(xlim=(0, sheet.width), ylim=(sheet.height, 0))
    axes.set_axis_off()
    data = io.BytesIO()
    canvas = _CANVASES[format](figure)
    canvas.print_figure(data, format=format, dpi=dpi, facecolor="white", metadata=_UNDATED[format])
    return finished(data.getvalue(), sheet) if format == "svg" else data.getvalue()


def _chart_axes(figure: Figure, sheet: Sheet, chart: Chart) -> Axes:
    bottom = 1 - (chart.top + chart.height) / sheet.height
    place = chart.left / sheet.width, bottom, chart.width / sheet.width, chart.height / sheet.height
    axes = figure.add_axes(place)
    axes.tick_params(labelsize=SIZE - 1, width=0.5, length=2)
    for spine in axes.spines.values():
        spine.set_linewidth(0.5)
    return axes
