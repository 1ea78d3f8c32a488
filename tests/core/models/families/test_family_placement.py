"""For every family: maps are the same where the decoder layers wait on disk until they run."""

import importlib.util

import numpy as np
import pytest

from core import Explainer
from core.models.placement import is_offloaded
from tests.core.models.families.test_family_quantised import maps
from tests.some import some

pytestmark = pytest.mark.skipif(importlib.util.find_spec("accelerate") is None, reason="needs accelerate")


def test_layers_on_disk(name, family, folder_of, picture):
    spread = Explainer.from_pretrained(folder_of(name), "cpu", device_map="disk")
    assert is_offloaded(spread.loaded.model)
    found, wanted = maps(spread, picture), maps(family, picture)
    for method, heat in some(found.items()):
        assert heat.max() > 0
        np.testing.assert_allclose(heat, wanted[method], rtol=1e-3, atol=1e-3 * np.abs(wanted[method]).max())
