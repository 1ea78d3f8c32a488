"""Figures that others have published: data, to be printed beside one's own, which are of other pictures.

Read in autumn 2026 where their `source` says. No figure here was measured by this program.
"""

from dataclasses import dataclass

BENCHMARK = "github.com/arshiaizd/sectet-project, benchmark/results.json of August 2026"
TAM = "TAM, Li et al. 2025, arXiv:2506.23270, as compared later on Qwen2.5-VL; second hand"
EAGLE = "EAGLE, Chen et al. 2025, arXiv:2509.22496"

LABEL = "published, other pictures"
"""What is said of them wherever they are shown."""


@dataclass(frozen=True)
class Published:
    """One method's published figures.

    Attributes:
        method: as its authors call it.
        setting: model and pictures.
        figures: name of a measure of `core.evaluation.protocol.measures`, or "insertion", "deletion", "func_iou",
            "f1_iou", "func_iou_half", "f1_iou_half" -> value.
        source: where it was read.
        note: how its protocol differs from this one's.
    """

    method: str
    setting: str
    figures: dict[str, float]
    source: str
    note: str = ""


_COCO = "Qwen2.5-VL-7B, 250 pictures of COCO val2017"
_NOTE = (
    "pointing by the centre of the hottest region; insertion and deletion of pixels in 64 steps of equal area, or 8 "
    "cells a step"
)

PUBLISHED = (
    Published(
        "TAM",
        _COCO,
        {"pointing_box": 0.404, "pointing_mask": 0.332, "insertion": 0.511, "deletion": 0.380},
        BENCHMARK,
        _NOTE,
    ),
    Published(
        "LLaVA-CAM",
        _COCO,
        {"pointing_box": 0.236, "pointing_mask": 0.144, "insertion": 0.457, "deletion": 0.452},
        BENCHMARK,
        _NOTE,
    ),
    Published(
        "EAGLE",
        _COCO,
        {"pointing_box": 0.632, "pointing_mask": 0.514, "insertion": 0.779, "deletion": 0.174},
        BENCHMARK,
        f"{_NOTE}; pointing on 247 of them; the method is {EAGLE}",
    ),
    Published(
        "input-level deletion",
        _COCO,
        {"pointing_box": 0.780, "pointing_mask": 0.640, "insertion": 0.944, "deletion": 0.214},
        BENCHMARK,
        f"{_NOTE}; it ranks cells by insertion and deletion themselves",
    ),
    Published(
        "TAM",
        "Qwen2.5-VL, COCO captions",
        {
            "obj_iou": 0.278,
            "func_iou": 0.778,
            "f1_iou": 0.409,
            "obj_iou_half": 0.255,
            "func_iou_half": 0.869,
            "f1_iou_half": 0.395,
        },
        TAM,
    ),
)
