"""The boxes and points that a model writes into its answer: read, brought to the picture's pixels, and measured."""

from core.analysis.boxes.measures import BoxMeasures, measure
from core.analysis.boxes.placing import Box, Boxes, boxes_of, place
from core.analysis.boxes.reading import Reading, WrittenBox, find_boxes
from core.analysis.boxes.targets import target_of

__all__ = [
    "Box",
    "BoxMeasures",
    "Boxes",
    "Reading",
    "WrittenBox",
    "boxes_of",
    "find_boxes",
    "measure",
    "place",
    "target_of",
]
