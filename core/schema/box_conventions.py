"""In which coordinates families of models write the boxes and points of their answers. No torch here.

What the shape of an answer says itself (`<loc0123>` is always of 1024, downwards first) is for
`core.analysis.boxes.reading`.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["seen pixels", "thousandths"]
Order = Literal["x first", "y first"]


@dataclass(frozen=True)
class SeenPicture:
    """A picture, and at which size a model took it in: what the numbers of its boxes stand for.

    Attributes:
        model_type: of the model, as in config.json.
        size: (width, height) of the picture itself, in pixels.
        seen: (width, height) in pixels of the picture that the model was given, where the model takes pictures in
            their own shape; None where it does not, or where that is not known.
    """

    model_type: str
    size: tuple[int, int]
    seen: tuple[int, int] | None = None


@dataclass(frozen=True)
class BoxConvention:
    """How a family writes coordinates.

    Attributes:
        unit: pixels of the picture as the model saw it, or thousandths of the picture's width and height.
        order: whether a box is x, y, x, y, or y, x, y, x; of points likewise.
        source: where that is said.
    """

    unit: Unit
    order: Order
    source: str


_QWEN2 = BoxConvention(
    "thousandths", "x first", "Wang et al. 2024, Qwen2-VL, arXiv:2409.12191, and github.com/QwenLM/Qwen3-VL/issues/866"
)
_QWEN2_5 = BoxConvention(
    "seen pixels",
    "x first",
    "Bai et al. 2025, Qwen2.5-VL, arXiv:2502.13923; its authors at github.com/QwenLM/Qwen3-VL/issues/676 and 866: "
    "pixels of the picture after the image processor has resized it",
)
_QWEN3 = BoxConvention(
    "thousandths",
    "x first",
    "Qwen3-VL's cookbooks and github.com/QwenLM/Qwen3-VL/issues/1486 and 1741: relative, 0 to 1000",
)
_INTERNVL = BoxConvention(
    "thousandths", "x first", "internvl.readthedocs.io, chat data format, grounding: normalised to 0 to 1000"
)
_GEMMA = BoxConvention(
    "thousandths",
    "y first",
    "as Gemini by Google Cloud's documentation of bounding boxes: y1, x1, y2, x2, 0 to 1000; of Gemma its makers say "
    "that it likely does the same (google/gemma-3-4b-it, discussion 38)",
)
_GLM = BoxConvention(
    "thousandths",
    "x first",
    "GLM-V Team 2025, arXiv:2507.01006, and its makers' grounding tool (zai-org/glm-skills): 0 to 1000",
)

CONVENTIONS: dict[str, BoxConvention] = {
    "qwen2_vl": _QWEN2,
    "qwen2_5_vl": _QWEN2_5,
    "qwen3_vl": _QWEN3,
    "qwen3_vl_moe": _QWEN3,
    "qwen3_5": _QWEN3,
    "qwen3_5_moe": _QWEN3,
    "internvl": _INTERNVL,
    "gemma3": _GEMMA,
    "gemma4": _GEMMA,
    "glm4v": _GLM,
    "glm4v_moe": _GLM,
    "glm46v": _GLM,
}
"""By `model_type`, as in config.json. Families that are not here say nothing about theirs, or contradict themselves
(LLaVA's training data is of padded pictures in part); for these nothing is guessed."""
