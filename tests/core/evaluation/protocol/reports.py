"""A report as a run writes it, with figures made up."""

from typing import Any

from core.evaluation.protocol.figures import MEASURES, REMOVAL, WORD_MEASURES

FINGERPRINT = "ab" * 32


def ends(mean: float, maps: int = 1) -> dict[str, list[float]]:
    """A mean with its interval for each of so many maps."""
    return {"mean": [mean] * maps, "low": [mean - 0.1] * maps, "high": [mean + 0.1] * maps}


def make_report(fingerprint: str = FINGERPRINT) -> dict[str, Any]:
    """One method with two layers, one with one map in all, and the uniform map."""
    rows = {
        "combined": {"layers": [None], "cases": 30, **{name: ends(0.8) for name in MEASURES}},
        "gradcam": {"layers": [2, 4], "cases": 30, **{name: ends(0.3, 2) for name in MEASURES}},
    }
    words = {"layers": [None], "cases": 30, "words": 60, **{name: ends(0.4) for name in WORD_MEASURES}}
    areas = {name: {"mean": 0.5, "low": 0.4, "high": 0.6} for name in REMOVAL}
    return {
        "version": 1,
        "key": "cd" * 16,
        "data": {"name": "instances.json", "kind": "coco", "digest": "ef" * 32},
        "model": {"name": "model", "fingerprint": fingerprint},
        "plan": {"methods": ["combined", "gradcam"]},
        "counts": {"rows": 50, "measured": 30, "pictures": 9, "skipped": 8, "unnamed": 12, "named_share": 0.7143},
        "skipped": [["line 3", "Its mask is empty."]],
        "methods": rows,
        "blind": {"uniform": {"layers": [None], "cases": 30, **{name: ends(0.2) for name in MEASURES}}},
        "words": {"combined": words},
        "removal": {name: {"cases": 5} | areas for name in ("combined", "gradcam", "the true mask")},
    }
