"""For every family: maps of quantised weights equal those of the plain weights that they stand for."""

import numpy as np
import pytest
import torch

from core import Explainer, ModelError
from core.models.quantisation.linear import StoredLinear
from core.schema.methods import COMBINED
from tests.core.models.families.slow import QUESTION, SENTENCE
from tests.core.models.quantisation.writers import FORMS, fits, store
from tests.some import some

WITH_EXPERTS = ("qwen3_5_moe", "glm4v_moe")  # whose files hold them one by one
METHODS = [COMBINED, "hirescam", "attention_gradient", "logit_lens", "input_gradient"]


def maps(explainer, picture):
    from core import Target

    result = explainer.explain(
        picture, QUESTION, method=METHODS, num_samples=2, noise_std=0.2, target=Target.text(SENTENCE)
    )
    return {name: result.of(name).heat for name in METHODS}


def assert_alike(small, plain, picture):
    found, wanted = maps(small, picture), maps(plain, picture)
    for name, heat in some(found.items()):
        assert heat.max() > 0
        np.testing.assert_allclose(heat, wanted[name], rtol=2e-3, atol=1e-3 * np.abs(wanted[name]).max(), err_msg=name)


def test_weights_that_are_rounded_as_they_are_loaded(name, folder_of, picture):
    small, plain = (Explainer.from_pretrained(folder_of(name), "cpu", quantisation=each) for each in ("8bit", None))
    modules = dict(plain.loaded.model.named_modules())
    stored = {own: each for own, each in small.loaded.model.named_modules() if isinstance(each, StoredLinear)}
    for own, module in some(stored.items()):
        assert isinstance(modules[own], torch.nn.Linear)
        modules[own].weight.data = module.weight
    assert_alike(small, plain, picture)


@pytest.mark.parametrize("form", ["fp8 by rows", "gptq"])
def test_weights_that_are_stored_quantised(form, name, folder_of, picture, tmp_path):
    folder = store(folder_of(name), tmp_path / "small", FORMS[form])
    if name in WITH_EXPERTS:
        with pytest.raises(ModelError, match="experts"):
            Explainer.from_pretrained(folder, "cpu")
        return
    small, plain = (Explainer.from_pretrained(each, "cpu") for each in (folder, tmp_path / "small-plain"))
    stored = sum(isinstance(module, StoredLinear) for module in small.loaded.model.modules())
    linear = [each for each in plain.loaded.layers.modules() if isinstance(each, torch.nn.Linear)]
    assert stored == sum(fits(each.weight) for each in linear) >= 4 * len(linear) / 7
    assert_alike(small, plain, picture)
