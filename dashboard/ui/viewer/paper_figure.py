"""A run and a view -> a figure for a paper, as the page shows the map, with its caption for LaTeX."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core import ExplainResult
from core.rendering.overlay import fit
from core.rendering.paper import caption
from core.rendering.paper.chosen import chosen_map
from core.rendering.paper.depth import depth_figure
from core.rendering.paper.figures import MOST_TILES, lines_of
from core.rendering.paper.look import FigureLook
from core.rendering.paper.sizes import FigureFormat, Kind, Width
from core.rendering.paper.tiles import Tile, tiles_figure
from core.rendering.step_sheet import evenly, frame_numbers
from core.schema.model_parts import PARTS
from core.schema.words import Word
from dashboard.loaded_run import LoadedRun
from dashboard.ui.viewer.address_view import view_of_words
from dashboard.ui.viewer.view import Marks, View


@dataclass(frozen=True, eq=False)
class PaperFigure:
    """What is drawn: a kind of figure of a run, in a view.

    Attributes:
        words: the maps of the answer's words, of the run's picture; empty where nobody has asked for them.
        with_text: whether prompt and answer stand below.
        longest: pixels of the longer side of a picture, at most; None for all that it has.
    """

    run: LoadedRun
    view: View
    kind: Kind
    format: FigureFormat
    width: Width
    words: Mapping[Word, ExplainResult]
    with_text: bool = True
    longest: int | None = None

    def file(self, dpi: int = 300) -> bytes:
        """The bytes of the figure.

        Raises:
            InputError: no font here has a character of its text, or the kind is not to be had of this run.
        """
        if self.kind == "depth":
            return depth_figure(self._layers(), self.format, self.width, dpi=dpi)
        bar = self._look().bar(self._top(), self.view.shown(self.run.result).request.heat_unit)
        if not self._has_one_scale():
            bar = replace(self._look(), maximum=None).own_bar()
        lines = lines_of(self.run.result)[: 1 if self.kind == "words" else 2] if self.with_text else ()
        return tiles_figure(self._tiles(), self.format, self.width, bar=bar, lines=lines, dpi=dpi)

    def latex(self, file: str) -> str:
        """LaTeX that shows the figure, under this name, with its caption."""
        view = self.view
        model = "" if self.run.record is None else self.run.record.model_name
        return caption.latex(
            self._told(),
            self.kind,
            file=file,
            width=self.width,
            layer=view.layer if self.kind == "overlay" or view.step is not None else None,
            step=view.step if self.kind == "overlay" else None,
            model=model,
            look=self._look() if self._has_one_scale() else replace(self._look(), maximum=None),
            remarks=self._remarks(),
        )

    def bibtex(self) -> str:
        """The entries of what it cites."""
        return caption.bibtex(self._told())

    def _told(self) -> ExplainResult:
        """The result that the caption is about."""
        if self.kind == "words":
            return next(iter(self.words.values()))
        is_of_layers = self.kind == "depth" or (self.kind == "grid" and self.view.step is None)
        return self._layers() if is_of_layers else self.view.shown(self.run.result)

    def _layers(self) -> ExplainResult:
        """The result whose layers a grid and the depth show: the one on display, or the run's own."""
        shown = self.view.shown(self.run.result)
        return shown if shown.layers else self.run.result

    def _has_one_scale(self) -> bool:
        return self.kind == "overlay" or (self.kind == "grid" and self.view.step is not None and self.view.alike)

    def _top(self) -> float:
        shown = self.view.shown(self.run.result)
        top = self.view.top_of(shown, self.view.layer)
        return float(self.view.coloured(self.view.heat(self.run.result)).max()) if top is None else top

    def _look(self) -> FigureLook:
        view, top = self.view, self._top()
        return FigureLook(
            colormap=view.colormap,
            opacity=view.opacity,
            smooth=view.smooth,
            maximum=top if top > 0 else None,
            threshold=view.threshold,
            even=view.even,
        )

    def _tiles(self) -> list[Tile]:
        run, view, result = self.run, self.view, self.view.shown(self.run.result)
        if self.kind == "words":
            picture = self._picture()
            drawn = {word: view_of_words(view, found).draw(picture, found) for word, found in self.words.items()}
            return [Tile(word.text, pixels) for word, pixels in drawn.items()][:MOST_TILES]
        if view.step is not None:
            steps = [view.step] if self.kind == "overlay" else evenly(len(run.result.steps), MOST_TILES)
            frames = run.chosen.video.frames
            numbers = frame_numbers(run.chosen.video.times, run.result.steps)
            title = chosen_map(result, view.layer, view.step).step_title
            titles = {step: title if self.kind == "overlay" else f"{result.steps[step].start:.2f} s" for step in steps}
            return [
                Tile(
                    titles[step],
                    replace(view, step=step).draw(self._fitted(frames[numbers[step]]), result, view.layer),
                )
                for step in steps
            ]
        picture = self._picture()
        if self.kind == "overlay":
            return [Tile("", view.draw(picture, result, view.layer))]
        held = self._layers()
        own = replace(view, maximum=None, marks=Marks(fade=view.marks.fade, masked=view.marks.masked))
        name = PARTS[held.request.part].one.capitalize()
        chosen = [held.request.maps[number] for number in evenly(len(held.request.maps), MOST_TILES)]
        tiles = [Tile("Map" if each is None else f"{name} {each}", own.draw(picture, held, each)) for each in chosen]
        return [Tile("Picture", picture), *tiles]

    def _picture(self) -> np.ndarray:
        return self._fitted(self.run.chosen.picture.pixels if self.longest is None else self.run.chosen.preview)

    def _fitted(self, pixels: np.ndarray) -> np.ndarray:
        return pixels if self.longest is None else fit(pixels, self.longest)

    def _remarks(self) -> list[str]:
        marks, found = self.view.marks, []
        if self.kind == "depth":
            return []
        if marks.masked is not None:
            found.append(caption.HIDDEN)
        if marks.fade:
            found.append(caption.FADED)
        outlined = {caption.TRUE_PLACE: marks.true_mask, caption.SINKS: marks.sinks}
        named = [what for what, mask in outlined.items() if mask is not None]
        return [*found, *([caption.OUTLINED.format(what="; ".join(named))] if named and self.kind == "overlay" else [])]


def kinds_of(run: LoadedRun, words: Mapping[Word, Any]) -> list[Kind]:
    """The kinds of figures that there are of a run."""
    has_depth = len(run.result.layers) > 1
    kinds: dict[Kind, bool] = {
        "overlay": True,
        "grid": has_depth or run.request.is_video,
        "depth": has_depth,
        "words": bool(words) and not run.request.is_video,
    }
    return [kind for kind, is_there in kinds.items() if is_there]
