"""`Explanation`: a result with the picture or the video that it was made of, so that it can be drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from core.analysis.concentration import HEADLINE
from core.analysis.summary import place_in_short
from core.errors import InputError
from core.explanation import depth_plot, drawing, html, notebook, paper, saving, tables
from core.explanation.grid import Grid
from core.inputs.pictures import Picture
from core.inputs.videos.video import Video
from core.rendering.look import MapLook
from core.rendering.overlay import DEFAULT_COLORMAP, OPACITY
from core.rendering.paper.sizes import DPI, FigureFormat, Kind, Width
from core.schema import ExplainResult
from core.schema.checks import check_instance

if TYPE_CHECKING:
    from pandas import DataFrame
    from plotly.graph_objects import Figure
    from xarray import Dataset


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(ExplainResult):
    """Where in a picture, or where and when in a video, an answer came from; what `Explainer.explain` gives.

    In a notebook it shows itself. `explanation["tam"]` is what another method of the same call found.

    Attributes:
        request: what was asked.
        answer: what the model said, with its tokens and their probabilities, 0 to 1.
        heat: float32 [maps, grid_h, grid_w], of a video [maps, time, grid_h, grid_w]: raw heat of each layer in
            `layers`, or the one map of a method without layers; its unit is `request.heat_unit`.
        squared_deviation: float32, same shape, in squares of that unit: summed over the noise samples.
        stderr: float32, same shape, in that unit: the standard error of `heat`.
        combined: float32 [grid_h, grid_w], of a video [time, grid_h, grid_w]: the recommended map, without unit.
        headline: shaped as `combined`: the map to show first.
        num_samples: noise samples in the mean.
        layers: of `heat`, in order, from 0; () for one map in all.
        total_layers: layers of that part of the model.
        grid: (rows, columns) of cells; `grid()` draws the maps side by side, as `sheet` does.
        timings: seconds by step, "answer" and "samples".
        companions: other methods' explanations, by method; the combined map's is always among them.
        pictures: of several pictures of one prompt the explanation of each, in order; else ().
        peak_bytes: most memory in use meanwhile, in bytes; 0 where not known.
        seen: sizes in pixels, (width, height), of the picture and of what the model was given; None where not known.
        steps: of a video, the seconds that each slice of the time axis covers; () for a picture.
        picture: what `heat` is of; None where it is not at hand, and then the heat is drawn alone.
    """

    picture: Picture | Video | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        kind, wanted = (Video, "a Video") if self.request.is_video else (Picture, "a Picture")
        check_instance("What an explanation is of", self.picture, kind | None, f"{wanted} or None")

    def __getitem__(self, method: str) -> "Explanation":
        """As `of`."""
        return self.of(method)

    def __contains__(self, method: object) -> bool:
        return method == self.request.method or method in self.companions

    __iter__ = None  # or Python would try methods called 0, 1, ...

    def _ipython_key_completions_(self) -> list[str]:
        return [self.request.method, *self.companions]

    def _facts(self) -> tuple[str, ...]:
        said, *facts = super()._facts()
        heat = self.headline
        return said, *facts, place_in_short(heat[drawing.step_of(self, heat, None)] if self.steps else heat)

    def _repr_html_(self) -> str:
        return self._html(None, None, MapLook())

    def overlay(
        self,
        layer: int | None = None,
        *,
        step: int | None = None,
        colormap: str = DEFAULT_COLORMAP,
        opacity: float = OPACITY,
        smooth: bool = True,
        threshold: float = 0.0,
        even: bool = False,
    ) -> Image.Image:
        """A map over its picture, in the picture's size; without a picture, the heat alone.

        Args:
            layer: one of `layers`; None for the map that was asked for, as a rule the combined one.
            step: of a video, the time step, from 0; None for the one with most heat. All steps share one scale.
            colormap, opacity, smooth, threshold, even: see `core.rendering.look.MapLook`.

        Raises:
            InputError: there is no such layer, step or colour map, or a number is out of its range.
        """
        style = MapLook(colormap=colormap, opacity=opacity, smooth=smooth, threshold=threshold, even=even)
        return Image.fromarray(drawing.draw_map(self, self.picture, layer, step, style))

    def sheet(
        self, layers: Iterable[int] | None = None, *, step: int | None = None, columns: int = 4, **style: Any
    ) -> Image.Image:
        """Several maps with captions: the asked one and all layers; of a video, time steps side by side.

        Args:
            layers: those that are drawn, a row each for a video.
            step: of a video, all maps at this time step instead.
            columns: maps in a row, of a picture or of one step.
            style: as the last arguments of `overlay`.

        Raises:
            InputError: as `overlay`, or the number of columns is none.
        """
        drawn = drawing.draw_sheet(self, self.picture, layers, step, columns, MapLook(**style))
        return Image.fromarray(drawn)

    @property
    def grid(self) -> Grid:
        """(rows, columns) of cells; called, as in `explanation.grid()`, the maps side by side, as of `sheet`."""
        return Grid(super().grid, self.sheet)

    def show(self, layer: int | None = None, *, step: int | None = None, **style: Any) -> None:
        """Shows it below a notebook's cell: overlay, answer, depth. Elsewhere prints one line, and opens nothing.

        Args:
            layer, step, style: as of `overlay`.

        Raises:
            InputError: as `overlay`.
        """
        notebook.show_html(self._html(layer, step, MapLook(**style)), repr(self))

    def plot_depth(self, statistics: str | Sequence[str] = HEADLINE) -> "Figure":
        """How concentrated the maps are over depth, and where they lie, as a plotly figure; bars are standard errors.

        Args:
            statistics: names of `core.analysis.concentration.STATISTICS`.

        Raises:
            InputError: there is no such statistic, or there is one map in all.
        """
        return depth_plot.depth_figure(self, statistics)

    def figure(
        self,
        kind: Kind = "overlay",
        format: FigureFormat = "pdf",
        width: Width = "column",
        *,
        layer: int | None = None,
        step: int | None = None,
        text: bool = True,
        dpi: int = DPI,
        **style: Any,
    ) -> bytes:
        """A figure for a paper, as the bytes of a file: text as text, the picture at its own resolution.

        Args:
            kind: "overlay", "grid" of all layers (of a video, of all time steps) or "depth".
            format: "pdf", "svg" or "png".
            width: "column" (85 mm), "page" (175 mm) or a number of millimetres.
            layer, step: as of `overlay`.
            text: whether prompt and answer stand below.
            dpi: dots per inch of a PNG.
            style: fields of `core.rendering.paper.look.FigureLook`, such as `colormap`.

        Raises:
            InputError: an argument is out of its range, the picture is not at hand, or no font here has a character of
                prompt or answer.
        """
        how = {"layer": layer, "step": step, "text": text, "dpi": dpi, "style": style}
        return paper.figure(self, self.picture, kind, format, width, **how)

    def latex(
        self,
        kind: Kind = "overlay",
        *,
        file: str = "figure.pdf",
        width: Width = "column",
        layer: int | None = None,
        step: int | None = None,
        model: str = "",
        **style: Any,
    ) -> str:
        """LaTeX that shows such a figure, with a caption that says all that decides the numbers.

        Args:
            kind: as of `figure`; "words" is for one of a word's explanations.
            file: under which it was saved: letters, digits and _ . / - of ASCII.
            width, layer, step, style: as of `figure`.
            model: its name in the caption; "" leaves it out.

        Raises:
            InputError: an argument is out of its range.
        """
        return paper.latex(self, kind, file, width, layer, step, model, style)

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Writes pictures of all maps, result.npz and result.json, as the command line does; files of those names go.

        `core.load_result(folder)` reads it back.

        Args:
            folder: where to; it is made where it is not there.

        Returns:
            The files that were written.

        Raises:
            InputError: the folder cannot be written.
        """
        return saving.save(self, self._each(), folder)

    def to_dataframe(self, rows: tables.Rows = "layers") -> "DataFrame":
        """A tidy pandas table of all methods, and of all pictures where there are several (column `picture`, from 0).

        Args:
            rows: "layers", one for each map: method, layer, and every statistic of
                `core.analysis.concentration.STATISTICS`; "cells", one for each cell of each map: method, layer,
                of a video step, start and end in seconds, row, column, heat and stderr; "tokens", one for each token of
                the answer: text, probability, start and stop in characters. The layer is missing for one map in all.

        Raises:
            InputError: there are no such rows.
        """
        return tables.data_frame(self, rows)

    def to_xarray(self) -> "Dataset":
        """heat and stderr over layer, time (of a video; the seconds at which steps begin), row and column.

        Of companions heat_NAME and stderr_NAME; they have axes of their own, row_NAME, ..., where their grid or their
        layers are others. `attrs` hold prompt, answer, method and model.

        Raises:
            InputError: xarray is not installed.
        """
        return tables.dataset(self)

    def _each(self) -> list[tuple[ExplainResult, Picture | Video | None]]:
        """What there is of each picture of the prompt, with that picture."""
        return [(one, one.picture) for one in self.pictures or (self,)]

    def _html(self, layer: int | None, step: int | None, style: MapLook) -> str:
        return html.result_html(self._each(), "; ".join(filter(None, self._facts()[1:])), layer, step, style)


def explained(result: ExplainResult, pictures: Sequence[Picture | None] | Video | None) -> Explanation:
    """A result, its companions and those of its pictures, each with the picture that it is of.

    Args:
        pictures: of the prompt, in order, or its video; None where they are not at hand.

    Raises:
        InputError: there are more or fewer pictures than in the prompt.
    """
    if isinstance(pictures, Video) or pictures is None:
        return _with_picture(result, pictures)
    if len(pictures) != len(result.request.all_images):
        held, given = len(result.request.all_images), len(pictures)
        raise InputError(
            f"Pictures in the result's prompt: {held}; pictures given: {given}. Give as many, in the prompt's order."
        )
    own = _with_picture(result, pictures[result.request.picture])
    each = tuple(_with_picture(one, pictures[one.request.picture]) for one in result.pictures)
    return replace(own, pictures=each)


def _with_picture(result: ExplainResult, picture: Picture | Video | None) -> Explanation:
    values = {each.name: getattr(result, each.name) for each in fields(ExplainResult)}
    values["companions"] = {name: _with_picture(one, picture) for name, one in result.companions.items()}
    values["pictures"] = tuple(_with_picture(one, None) for one in result.pictures)
    return Explanation(**values, picture=picture)
