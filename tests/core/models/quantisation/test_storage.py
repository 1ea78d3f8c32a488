import subprocess
import sys

import pytest

from core.models.quantisation.storage import Storage, loadable, read_storage, stored_parts
from tests.core.models.quantisation.writers import FORMS

CODES = ["BF16", "I8"]


def test_a_plain_model_has_none():
    assert read_storage({}, ["U8"]) is None and read_storage({"quantization_config": None}, ["U8"]) is None
    assert loadable({}, ["BF16"]) is None


def test_settings_that_were_left_behind_count_for_nothing():
    for settings in (FORMS["awq"].settings, {"quant_method": "hqq"}):
        assert read_storage({"quantization_config": settings}, ["BF16", "F32", "I64"]) is None


@pytest.mark.parametrize("form", FORMS)
def test_forms_that_are_read(form):
    settings = FORMS[form].settings
    storage = read_storage({"quantization_config": settings}, CODES)
    assert loadable({"text_config": {"quantization_config": settings}}, CODES) is None
    assert (
        storage.bits == (4 if any(word in form for word in ("4", "awq")) or form.startswith("gptq") else 8)
        or "of 8" in form
    )


def test_details():
    assert read_storage({"quantization_config": FORMS["fp8 in blocks"].settings}, CODES) == Storage(
        "scaled", 8, (32, 32)
    )
    assert read_storage({"quantization_config": FORMS["gptq"].settings}, CODES).zero_offset == 1
    assert read_storage({"quantization_config": FORMS["gptq, second format"].settings}, CODES).zero_offset == 0


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"quant_method": "hqq"}, "hqq"),
        ({"quant_method": "gptq", "bits": 3}, "GPTQ with 3 bits"),
        ({"quant_method": "gptq"}, "gptq"),
        ({"quant_method": "awq", "version": "gemv"}, "version gemv"),
        ({"quant_method": "compressed-tensors"}, "compressed-tensors"),
        ({"quant_method": "compressed-tensors", "config_groups": {}}, "several forms"),
        (
            {
                "quant_method": "compressed-tensors",
                "format": "nvfp4-pack-quantized",
                "config_groups": {"a": {"weights": {"num_bits": 4}}},
            },
            "in the form nvfp4-pack-quantized with 4 bits",
        ),
        ("yes", "yes"),
        ({"bits": 4}, "None"),
    ],
)
def test_others_are_refused_in_one_sentence(settings, named):
    sentence = loadable({"quantization_config": settings}, CODES)
    assert named in sentence and "Take its plain weights" in sentence and "\n" not in sentence


def test_only_what_has_scales_is_stored():
    names = ["a.weight", "a.bias", "b.weight", "b.weight_scale", "b.input_scale", "c.qweight", "c.qzeros", "c.scales"]
    assert stored_parts(names) == {
        "b": {"weight": "b.weight", "weight_scale": "b.weight_scale"},
        "c": {"qweight": "c.qweight", "qzeros": "c.qzeros", "scales": "c.scales"},
    }
    assert stored_parts(["a.weight"]) == {}


def test_it_is_known_without_torch():
    code = "import sys; from core.models.quantisation.storage import loadable; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
