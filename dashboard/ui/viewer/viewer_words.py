"""What the viewer says."""

from core.evaluation.trust.verdict import Level
from dashboard.language import N_, _

Words = str | dict[str, "Words"]
"""A text, or several by name."""

OF_TRUST: dict[Level | None, str] = {
    "strong": N_("Trust: strong"),
    "mixed": N_("Trust: mixed"),
    "weak": N_("Trust: weak"),
    None: N_("Trust not measured"),
}

WORDS = {
    "layer": N_("{part} {layer}"),
    "cell": N_("row {row}, column {column}: {value} {unit}, hotter than {rank} % of cells"),
    "cellWithError": N_("row {row}, column {column}: {value} ± {error} {unit}, hotter than {rank} % of cells"),
    "copied": N_("Copied"),
    "stage": N_(
        "The map over the picture. Left and right change the layer, plus and minus zoom, the arrow keys then move, 0 "
        "shows the whole picture, space the picture alone."
    ),
    "timeStage": N_(
        "The map over a frame of the video. Left and right change the layer, comma and full stop the time step, p "
        "plays the video, plus and minus zoom, the arrow keys then move, 0 shows the whole picture, space the frame "
        "alone."
    ),
    "time": {
        "step": N_("step {step} of {steps}, {span}"),
        "span": N_("{start} to {end} s"),
        "share": N_("{share} % of the heat"),
        "shareWithError": N_("{share} ± {error} % of the heat"),
        "most": N_("{share} %"),
    },
    "labels": {
        "opacity": N_("Opacity"),
        "blink": N_("Picture"),
        "more": N_("More"),
        "colormap": N_("Colours"),
        "threshold": N_("Hide heat below"),
        "cells": N_("Cells"),
        "scale": N_("Scale"),
        "alike": N_("One scale for all steps"),
        "even": N_("Even veil"),
        "fade": N_("Fade what is uncertain"),
        "truth": N_("Outline the true place"),
        "sinks": N_("Outline sinks"),
        "hide": N_("Hide the heat of sinks"),
        "boxes": N_("Boxes of the answer"),
        "tiles": N_("All layers"),
        "whole": N_("Whole picture"),
        "full": N_("Full screen"),
        "link": N_("Copy link"),
    },
    "titles": {
        "method": N_("Map"),
        "play": N_("Play through the layers"),
        "layer": N_("Layer"),
        "opacity": N_("Opacity of the hottest place"),
        "blink": N_("The picture alone, while this is held"),
        "more": N_("Colours, scale, marks, zoom, all layers, link"),
        "colormap": N_("Colours; perceptually even ones first"),
        "threshold": N_("Heat below this share of the top of the scale is not coloured"),
        "cells": N_("Between the centres of cells"),
        "scale": N_("What the brightest colour stands for"),
        "playTime": N_("Play through the video"),
        "step": N_("Time step"),
        "alike": N_("What the brightest colour stands for stays the same over time; else each step has its own"),
        "even": N_("One opacity everywhere, instead of one that follows the heat"),
        "fade": N_("Colour grows faint where the standard error over the noise samples is large"),
        "truth": N_("The pixels that the explained words mean"),
        "sinks": N_("Visual tokens with massive activations"),
        "hide": N_("Sinks are drawn as the cells around them; no number is changed"),
        "boxes": N_("Boxes and points that the answer names, where the model means them"),
        "larger": N_("Zoom in"),
        "smaller": N_("Zoom out"),
    },
    "options": {
        "cells": {"smooth": N_("smooth"), "blocky": N_("as they are"), "raw": N_("heat alone")},
        "scale": {"own": N_("each map its own"), "common": N_("one for all layers")},
    },
}


def said(words: Words) -> Words:
    """Those of above in the language that is spoken."""
    return _(words) if isinstance(words, str) else {name: said(each) for name, each in words.items()}
