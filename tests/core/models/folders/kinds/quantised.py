"""Weights that are stored in fewer bits."""

from pathlib import Path

import numpy as np

from core import Explainer
from core.embedded import CHECKPOINT
from core.models.loading import LoadedModel
from tests.core.models.folders.making import change, explained
from tests.core.models.folders.table import Kind
from tests.core.models.quantisation.writers import FORMS, store

TITLE = "Quantised weights"


def _loads(form: str) -> Kind:
    plain: list[Path] = []

    def make(folder: Path, patch) -> Path:
        plain[:] = [folder / "my-model-plain"]
        return store(CHECKPOINT, folder / "my-model", FORMS[form])

    def check(loaded: LoadedModel) -> str:
        wanted = explained(Explainer.from_pretrained(plain[0], "cpu")).heat
        np.testing.assert_allclose(
            explained(Explainer(loaded)).heat, wanted, rtol=1e-3, atol=1e-4 * np.abs(wanted).max()
        )
        return "maps are those of the weights that they stand for, within 0.1 %"

    return Kind(f"weights quantised as {form}", make, shown_as="my-model", check=check)


def _refused(settings: dict | None):
    def make(folder: Path, patch) -> Path:
        model = store(CHECKPOINT, folder / "my-model", FORMS["gptq"])
        change(model / "config.json", quantization_config=settings)
        return model

    return make


KINDS = [
    *(_loads(form) for form in FORMS),
    Kind("weights quantised in another way", _refused({"quant_method": "hqq"}), "are quantised (hqq)"),
    Kind("quantised weights without quantization_config", _refused(None), "quantization_config is missing"),
]
