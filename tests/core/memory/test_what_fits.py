import pytest
import torch
from torch import nn
from transformers import Qwen2_5_VLForConditionalGeneration

from core.memory.what_fits import MODELS, linear_shapes, samples_that_fit, table, weight_bytes
from core.models.dimensions import Dimensions
from tests.benchmarks.sizes import configure
from tests.some import some


@pytest.mark.parametrize(("number", "name"), [(0, "3b"), (1, "7b")])
def test_weights_are_those_of_the_real_class(number, name):
    config = configure(name)
    with torch.device("meta"):
        model = Qwen2_5_VLForConditionalGeneration(config)
    model.tie_weights()
    published = MODELS[number]
    assert weight_bytes(published, None) == 2 * sum(each.numel() for each in model.parameters())
    linear = [each for each in model.model.language_model.layers[0].modules() if isinstance(each, nn.Linear)]
    assert sorted(linear_shapes(published.dimensions)) == sorted(tuple(each.weight.shape) for each in linear)
    assert published.dimensions == Dimensions.of(config.to_dict())


def test_sizes_are_the_published_ones():
    # 3.75, 8.29, 33.5 and 73.4 billion parameters, as their pages say.
    assert [round(weight_bytes(model, None) / 2e9, 1) for model in MODELS] == [3.8, 8.3, 33.5, 73.4]


def test_fewer_bits_and_larger_cards_hold_more():
    def value(*of):
        count, again = samples_that_fit(*of, visual=1230, answer=64, most=10)
        return count - 100 * again

    for model in some(MODELS):
        for card in (16 << 30, 48 << 30, 80 << 30):
            plain, eight, four = (value(model, bits, card) for bits in (None, "8bit", "4bit"))
            assert plain <= eight <= four
            assert four <= value(model, "4bit", 2 * card)


def test_seven_billion_in_four_bits_fit_twenty_gigabytes():
    assert samples_that_fit(MODELS[1], "4bit", 20 << 30, 1296, 64, 10)[0] >= 1
    assert samples_that_fit(MODELS[1], None, 16 << 30, 1296, 64, 10) == (0, True)


def test_the_table_has_a_row_for_each_size_and_number_of_bits():
    lines = table(cards=[24]).splitlines()
    assert len(lines) == 2 + 3 * len(MODELS) and all(line.count("|") == 5 for line in lines)
