"""A result -> what stands below a picture that is made of it: prompt, answer, and which map it is."""

import numpy as np

from core.rendering.captions import ColourBar, with_caption
from core.rendering.look import Look
from core.schema import ExplainResult
from core.schema.methods import METHODS
from core.schema.target import Target

OWN_SCALES = "each on a colour scale of its own"


def caption_of(result: ExplainResult, shown: str = "") -> dict[str, str]:
    """Heading -> text, for `core.rendering.captions.with_caption`.

    Args:
        shown: which maps of the result are drawn, such as "layer 5 of 8".
    """
    request = result.request
    samples = f"{result.num_samples} noise sample{'' if result.num_samples == 1 else 's'}"
    made = (shown, METHODS[request.method].title, samples if request.noise_std else "no noise")
    lines = {"Prompt": request.prompt, "Answer": result.answer.text or "(nothing)"}
    if request.target != Target.answer():
        lines["Explained"] = request.target.describe(result.answer)
    if request.images:
        lines["Picture"] = f"{request.picture + 1} of the {len(request.images)} in the prompt"
    return lines | {"Map": ", ".join(filter(None, made))}


def captioned(
    pixels: np.ndarray, result: ExplainResult, look: Look, maximum: float | None = None, shown: str = ""
) -> np.ndarray:
    """A picture of a result's maps with prompt, answer and a colour bar below it, uint8 RGB.

    Args:
        maximum: heat at the right end of the bar; None where each map has a scale of its own.
        shown: as of `caption_of`.
    """
    bar = ColourBar(look.colormap, maximum, result.request.heat_unit)
    shown = ", ".join(filter(None, (shown, OWN_SCALES if maximum is None else "")))
    return with_caption(pixels, caption_of(result, shown), bar)
