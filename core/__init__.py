"""Where a vision-language model looks: gradient maps of every decoder layer from one pass.

    from core import Explainer
    result = Explainer.from_pretrained().explain(image, "Where is the red circle?")
    result.overlay().save("overlay.png")

Names that need torch are imported on first use, so that stored results can be read without it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from core.errors import (
    Cancelled,
    ExplainError,
    ImageError,
    InputError,
    ModelError,
    OutOfMemoryError,
    PromptError,
    VideoError,
)
from core.inputs.brightness import Brightness
from core.inputs.pictures import Picture, load_picture
from core.schema import Answer, ExplainRequest, ExplainResult, Progress, Target, Token
from core.schema.conversation import Turn
from core.schema.drawn_answers import DrawnAnswer
from core.schema.methods import DEFAULT_METHOD, METHODS
from core.schema.readings.head_maps import HeadMaps
from core.schema.readings.logit_lens import LogitLens

if TYPE_CHECKING:
    from core.analysis.boxes import boxes_of, find_boxes
    from core.analysis.regions import Region
    from core.engine.comparison import compare_models
    from core.engine.explainer import Explainer
    from core.explanation.explanation import Explanation
    from core.explanation.loading import load_result
    from core.explanation.words import WordExplanations
    from core.gradcam import SmoothQwenGradCAM, get_model_layers
    from core.inputs.videos.loading import load_video
    from core.inputs.videos.plan import VideoPlan, plan_video
    from core.inputs.videos.video import Video
    from core.models.processor import load_processor

__all__ = [
    "DEFAULT_METHOD",
    "METHODS",
    "Answer",
    "Brightness",
    "Cancelled",
    "DrawnAnswer",
    "ExplainError",
    "ExplainRequest",
    "ExplainResult",
    "Explainer",
    "Explanation",
    "HeadMaps",
    "ImageError",
    "InputError",
    "LogitLens",
    "ModelError",
    "OutOfMemoryError",
    "Picture",
    "Progress",
    "PromptError",
    "Region",
    "SmoothQwenGradCAM",
    "Target",
    "Token",
    "Turn",
    "Video",
    "VideoError",
    "VideoPlan",
    "WordExplanations",
    "boxes_of",
    "compare_models",
    "find_boxes",
    "get_model_layers",
    "load_picture",
    "load_processor",
    "load_result",
    "load_video",
    "plan_video",
]

_HEAVY = {
    "Region": "core.analysis.regions",
    "boxes_of": "core.analysis.boxes",
    "find_boxes": "core.analysis.boxes",
    "compare_models": "core.engine.comparison",
    "Explainer": "core.engine.explainer",
    "Explanation": "core.explanation.explanation",
    "WordExplanations": "core.explanation.words",
    "load_result": "core.explanation.loading",
    "load_processor": "core.models.processor",
    "SmoothQwenGradCAM": "core.gradcam",
    "get_model_layers": "core.gradcam",
    "Video": "core.inputs.videos.video",
    "VideoPlan": "core.inputs.videos.plan",
    "load_video": "core.inputs.videos.loading",
    "plan_video": "core.inputs.videos.plan",
}


def __getattr__(name: str):
    if name in _HEAVY:
        return getattr(import_module(_HEAVY[name]), name)
    raise AttributeError(f"module 'core' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What is public, which is what tab completion offers; submodules can be imported all the same."""
    return sorted(__all__)
