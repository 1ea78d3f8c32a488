"""Reports of one map, made by hand."""

from dataclasses import replace

from core.analysis.artefacts import Artefacts
from core.evaluation.trust.report import Curves, Report, Sanity, Steadiness

CURVES = Curves(
    surface="tokens",
    fill="mean",
    fractions=(0.0, 0.5, 1.0),
    deletion=(0.9, 0.1, 0.1),
    insertion=(0.9, 0.9, 0.1),
    random=(0.9, 0.5, 0.1),
    centre=(0.9, 0.5, 0.1),
    deletion_area=0.3,
    insertion_area=0.7,
    random_areas=(0.4, 0.6),
    centre_areas=(0.45, 0.55),
)

GOOD = Report(
    answer="left",
    tokens=CURVES,
    pixels=replace(CURVES, surface="pixels", fill="blur"),
    sanity=Sanity((1, 2, 4, 8), (0.9, 0.7, 0.2, -0.1), 0.4, 0.1),
    steadiness=Steadiness(10, 0.15, 0.9, 0.947, 11, 0.02),
    artefacts=Artefacts(),
)
