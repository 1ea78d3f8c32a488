"""What does not belong together is found when a model is loaded."""

import pytest

from core.errors import ModelError
from core.models.loading import load_model


def test_an_image_processor_of_another_family(copied, edited):
    folder = copied()
    edited(folder, "preprocessor_config.json", lambda s: s.update(image_processor_type="CLIPImageProcessor"))
    with pytest.raises(ModelError, match=f"The processor of {folder.name} cannot prepare a picture.*does not belong"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize(
    ("kind", "file", "change"),
    [
        ("internvl", "processor_config.json", {"image_seq_length": 4}),
        ("gemma3", "processor_config.json", {"image_seq_length": 9}),
        ("llava", "processor_config.json", {"patch_size": 7}),
        ("qwen2_5_vl", "preprocessor_config.json", {"merge_size": 4}),
    ],
)
def test_another_number_of_places_than_the_model_takes(copied, edited, kind, file, change):
    folder = copied(kind)
    edited(folder, file, lambda settings: settings.update(change))
    with pytest.raises(ModelError, match=f"The processor of {folder.name} (writes|cannot)"):
        load_model(folder, device="cpu")


def test_sections_that_do_not_fill_a_head(copied, edited):
    folder = copied()
    edited(folder, "config.json", lambda config: config.update(rope_scaling={"type": "mrope"}))
    with pytest.raises(ModelError, match=r"mrope_section \[16, 24, 24\] makes 64 pairs, and a head has 8"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize(
    "rope",
    [
        {"type": "mrope", "mrope_section": [2, 3, 3]},
        {"type": "mrope", "rope_type": "mrope", "mrope_section": [2, 3, 3]},
        {"type": "default", "rope_type": "default", "mrope_section": [2, 3, 3]},
    ],
)
def test_every_way_to_name_positions_of_three_dimensions(copied, edited, rope):
    folder = copied()
    edited(folder, "config.json", lambda config: config.update(rope_scaling=rope))
    rotary = load_model(folder, device="cpu").model.model.language_model.rotary_emb
    assert (list(rotary.mrope_section), rotary.rope_type) == ([2, 3, 3], "default")
