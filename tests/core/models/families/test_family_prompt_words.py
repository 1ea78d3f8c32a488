"""For every family, heat of every token against its model's own forward."""

import pytest
import torch

from core import ExplainRequest
from core.engine.prompt_words import prompt_words
from core.schema.readings.prompt_heat import prompt_request
from tests.core.models.families.slow import QUESTION
from tests.some import some


def test_shares_equal_the_models_own_forward(family, slow, picture):
    request = ExplainRequest(image=picture.digest, prompt=QUESTION, model="m", layers=(0,))
    found = prompt_words(family, picture, prompt_request(request), slow.answer)
    visual, question, end = slow.prepared.visual, slow.prepared.question, slow.prepared.prompt_length
    # Where a tokenizer writes "square?" as one piece, it is one word.
    assert " ".join(word.text for word in found.words).replace(" ?", "?") == QUESTION
    for layer in some({0, found.total_layers - 1}):
        activation, gradient = (each[0] for each in slow.everywhere(slow.loaded.layers[layer], "input"))
        written = torch.cat([activation[question], activation[end:]]).mean(0)
        deviation = activation - written
        deviation[visual] = activation[visual] - activation[visual].mean(0)
        heat = gradient.norm(dim=1) * deviation.norm(dim=1)
        shares = found.shares(layer)
        assert sum(shares.values()) == pytest.approx(1)
        for source, tokens in some({"picture": visual, "prompt": question, "answer": slice(end, None)}.items()):
            assert shares[source] == pytest.approx(float(heat[tokens].sum() / heat.sum()), rel=5e-3, abs=1e-5)
