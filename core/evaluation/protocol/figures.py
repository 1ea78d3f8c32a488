"""What the figures of a report are called and say, for tables, charts and files. No torch here."""

MEASURES: dict[str, str] = {
    "pointing": "How often the hottest cell lies on the object.",
    "pointing_mask": "How often the centre of the hottest cell is one of the object's pixels.",
    "pointing_box": "How often the centre of the hottest cell lies in the object's box.",
    "energy": "Share of the heat that lies on the object.",
    "soft_iou": "Overlap of the heat, with its hottest cell as 1, with the share of each cell that the object covers.",
    "auc": "Probability that a cell of the object is hotter than another one: 0.5 is blind.",
    "obj_iou": "Overlap (IoU) of the object with the hot pixels, at Otsu's threshold, as TAM is measured.",
    "obj_iou_half": "Overlap (IoU) of the object with the pixels hotter than half the hottest one.",
}
"""Measures of one map and one object: name -> what it says."""

WORD_MEASURES: dict[str, str] = {
    "func_iou": "Share of the picture left cool for words that mean no object, at Otsu's thresholds of the objects.",
    "f1_iou": "Harmonic mean of obj-IoU and func-IoU, as TAM is measured.",
    "func_iou_half": "As func-IoU, at half of the objects' hottest pixels.",
    "f1_iou_half": "As F1-IoU, at half of the objects' hottest pixels.",
}
"""Measures of the words of whole answers."""

REMOVAL: dict[str, str] = {
    "insertion": "Area under the answer's probability while the coolest cells go first: high is good.",
    "deletion": "Area under the answer's probability while the hottest cells go first: low is good.",
}
"""Areas when the picture is taken apart at the input."""

SHORT = {
    "pointing": "point",
    "pointing_mask": "in mask",
    "pointing_box": "in box",
    "energy": "energy",
    "soft_iou": "softIoU",
    "auc": "AUC",
    "obj_iou": "obj",
    "obj_iou_half": "obj.5",
    "func_iou": "func",
    "f1_iou": "F1",
    "func_iou_half": "func.5",
    "f1_iou_half": "F1.5",
    "insertion": "insert",
    "deletion": "delete",
}
"""Heads of columns in a narrow table."""
