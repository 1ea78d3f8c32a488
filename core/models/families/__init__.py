"""Model families: the only package that names what lies inside a model.

A family says how to load a checkpoint, how the model sees a picture, and how to reach the parts that the
engine needs. Adding one means adding an entry to `FAMILIES` and its type to
`core.models.folders.configuration.SUPPORTED`; docs/families.md shows how.
"""

from torch import nn

from core.models.families.base import Family
from core.models.families.gemma3 import GEMMA3
from core.models.families.gemma4 import GEMMA4
from core.models.families.glm_v import GLM4V, GLM4V_MOE, GLM46V
from core.models.families.internvl import INTERNVL
from core.models.families.llava import LLAVA
from core.models.families.llava_onevision import LLAVA_ONEVISION
from core.models.families.qwen_vl import QWEN2_5_VL, QWEN2_VL, QWEN3_5, QWEN3_5_MOE, QWEN3_VL, QWEN3_VL_MOE
from core.models.families.smolvlm import SMOLVLM

FAMILIES: dict[str, Family] = {
    "qwen2_5_vl": QWEN2_5_VL,
    "qwen2_vl": QWEN2_VL,
    "qwen3_vl": QWEN3_VL,
    "llava": LLAVA,
    "llava_onevision": LLAVA_ONEVISION,
    "internvl": INTERNVL,
    "gemma3": GEMMA3,
    "smolvlm": SMOLVLM,
    "qwen3_vl_moe": QWEN3_VL_MOE,
    "qwen3_5": QWEN3_5,
    "qwen3_5_moe": QWEN3_5_MOE,
    "glm46v": GLM46V,
    "glm4v": GLM4V,
    "glm4v_moe": GLM4V_MOE,
    "gemma4": GEMMA4,
}
"""By `model_type`, as in config.json."""


def family_of(model: nn.Module) -> Family | None:
    """The family of a model that is loaded: by its class, or, where that is no family's, by its type; or None."""
    by_class = {family.model_class: family for family in FAMILIES.values()}
    own = next((by_class[kind] for kind in type(model).__mro__ if kind in by_class), None)
    return own or FAMILIES.get(getattr(getattr(model, "config", None), "model_type", ""))
