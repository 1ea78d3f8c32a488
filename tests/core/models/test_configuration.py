"""Settings that are written otherwise than usual."""

import json

import pytest

from core.models.configuration import mended, read_config


def test_numbers_and_truth_values_written_as_text_are_read():
    said = {
        "num_hidden_layers": "28",
        "rms_norm_eps": "1e-06",
        "use_sliding_window": "False",
        "sliding_window": "null",
        "vision_config": {"depth": "4", "fullatt_block_indexes": ["7", "15"]},
    }
    assert mended(said) == {
        "num_hidden_layers": 28,
        "rms_norm_eps": 1e-06,
        "use_sliding_window": False,
        "sliding_window": None,
        "vision_config": {"depth": 4, "fullatt_block_indexes": [7, 15]},
    }


def test_text_stays_text():
    said = {
        "transformers_version": "4.41",
        "_name_or_path": "7",
        "model_type": "3",
        "hidden_act": "silu",
        "_commit_hash": "1234567",
        "id2label": {"0": "LABEL_0"},
        "vision_aspect_ratio": "anyres_max_9",
        "layers": True,
    }
    assert mended(said) == said


@pytest.mark.parametrize(("content", "error"), [("[1]", ValueError), ("no json", ValueError), (None, OSError)])
def test_what_is_no_configuration(tmp_path, content, error):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(error):
        read_config(tmp_path)


def test_a_file(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"depth": "4"}))
    assert read_config(tmp_path) == {"depth": 4}
