"""How a result is looked at: the view, and pictures drawn for a page. The view's widgets are in `controls`."""

from dataclasses import dataclass, replace

import numpy as np

from core import METHODS, ExplainResult
from core.analysis.artefacts import without
from core.rendering.overlay import DEFAULT_COLORMAP, OPACITY, outline, overlay, sureness
from core.schema.methods import COMBINED
from core.schema.model_parts import Part
from dashboard.language import N_, _

_WHITE, _CYAN = (255, 255, 255), (80, 220, 255)
_LAYER: dict[Part, str] = {"decoder": N_("layer {layer}"), "tower": N_("block {layer}")}
_LAYER_FIRST: dict[Part, str] = {"decoder": N_("Layer {layer}"), "tower": N_("Block {layer}")}


def layer_name(layer: int, part: Part) -> str:
    """A layer of a part of the model, in a sentence."""
    return _(_LAYER[part], layer=layer)


@dataclass(frozen=True, eq=False)
class Marks:
    """What is drawn besides the heat.

    Attributes:
        fade: whether colour fades where the standard error is large.
        true_mask: bool [height, width], pixels that the explained words mean, outlined in white; None for none.
        sinks: bool [grid_h, grid_w], cells that are outlined in cyan; None for none.
        masked: likewise, cells that are drawn as their neighbours are.

    Cells are those of the map on display. Maps of other cells, as the vision tower's blocks have, are drawn without
    these marks.
    """

    fade: bool = False
    true_mask: np.ndarray | None = None
    sinks: np.ndarray | None = None
    masked: np.ndarray | None = None

    def of_cells(self, grid: tuple[int, ...]) -> "Marks":
        """Those that a map of so many cells can have."""
        same = {name: cells for name in ("sinks", "masked") if (cells := getattr(self, name)) is not None}
        return replace(self, **{name: None for name, cells in same.items() if cells.shape != grid})


@dataclass(frozen=True, eq=False)
class View:
    """Everything that changes how stored heat is drawn, and no number in it.

    Attributes:
        layer: the layer on display; None for the combined map, or the one map that a run has.
        opacity: of the hottest place over the picture; 0 is the picture alone.
        colormap: a name of `core.rendering.overlay.COLORMAPS`.
        smooth: whether colours run smoothly between the centres of cells.
        maximum: heat at the top of the colour scale of layers' maps; None for each map's own maximum.
        threshold: heat below this share of the top of the colour scale is not coloured.
        marks: what is drawn besides the heat.
        part: of the model, what the layer is of.
        method: whose map is on display; "" for the run's own of a layer, else for the combined map where there is one.
        even: whether all of the picture has the opacity of the hottest place.
        step: of a video, the time step on display, from 0; None of a picture.
        alike: whether all steps of a video share the top of the colour scale.
    """

    layer: int | None
    opacity: float = OPACITY
    colormap: str = DEFAULT_COLORMAP
    smooth: bool = True
    maximum: float | None = None
    threshold: float = 0.0
    marks: Marks = Marks()
    part: Part = "decoder"
    method: str = ""
    even: bool = False
    step: int | None = None
    alike: bool = True

    def shown(self, result: ExplainResult) -> ExplainResult:
        """The result that holds the map on display: the run's own, or a companion."""
        if self.method:
            return result.of(self.method)
        return result.of(COMBINED) if self.layer is None and result.layers else result

    def heat(self, result: ExplainResult) -> np.ndarray:
        """The map on display, [grid_h, grid_w]; of a video at the step on display."""
        return self._of_step(self.shown(result).at(self.layer))

    def _of_step(self, values: np.ndarray) -> np.ndarray:
        return values if self.step is None else values[self.step]

    def top(self, layer: int | None) -> float | None:
        """Heat at the top of the colour scale of a layer's map; a map of all layers has a scale of its own."""
        return None if layer is None else self.maximum

    def top_of(self, result: ExplainResult, layer: int | None) -> float | None:
        """The same as far as it does not follow from the drawn cells alone: all steps of a video may share it."""
        if self.step is None:
            return self.top(layer)
        if not self.alike:
            return None
        top = self.top(layer)
        return float(result.at(layer).max()) if top is None else top

    def name(self, result: ExplainResult) -> str:
        """The map on display in a sentence."""
        if self.layer is not None:
            return layer_name(self.layer, self.part)
        # A method that gives one map from all layers is named: its map is not the combined one.
        method = self.shown(result).request.method
        if method == COMBINED:
            return _("the combined map")
        return _("the map by {method}", method=_(METHODS[method].title))

    def title(self, result: ExplainResult) -> str:
        """The map on display at the beginning of a sentence."""
        if self.layer is not None:
            return _(_LAYER_FIRST[self.part], layer=self.layer)
        method = self.shown(result).request.method
        if method == COMBINED:
            return _("The combined map")
        return _("The map by {method}", method=_(METHODS[method].title))

    def coloured(self, heat: np.ndarray) -> np.ndarray:
        """Heat as it is drawn: without that of hidden sinks."""
        masked = self.marks.of_cells(heat.shape).masked
        return heat if masked is None else without(heat, masked)

    def draw(self, pixels: np.ndarray, result: ExplainResult, layer: int | None = None) -> np.ndarray:
        """A layer's map, or with None the one map that a result holds, over a picture, uint8 RGB.

        Of a video that is the map of the step on display, over a frame of it.
        """
        heat = self.coloured(self._of_step(result.at(layer)))
        marks = self.marks.of_cells(heat.shape)
        sure = sureness(heat, self._of_step(result.stderr_at(layer))) if marks.fade else None
        top = self.top_of(result, layer)
        drawn = overlay(pixels, heat, self.opacity, self.colormap, self.smooth, top, sure, self.threshold, self.even)
        for mask, colour in ((marks.true_mask, _WHITE), (marks.sinks, _CYAN)):
            drawn = drawn if mask is None else outline(drawn, mask, colour)
        return drawn
