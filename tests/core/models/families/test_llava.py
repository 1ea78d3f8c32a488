"""LLaVA-1.5: which part of a picture it sees, by hand and by painting."""

import json
import shutil

import pytest
from transformers import AutoConfig

from core import Explainer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.families.llava import LLAVA, padded_to_square
from core.models.folders.configuration import read_configuration
from core.models.token_layout import Rect, Tile
from tests.conftest import gradient_picture
from tests.core.models.families.painting import paint_cells, paint_tokens


@pytest.fixture(scope="module")
def loaded(explainer_of):
    return explainer_of("llava").loaded


@pytest.mark.parametrize(
    ("size", "rect", "grid"),
    [
        ((70, 140), Rect(0, 0.25, 1, 0.75), (5, 10)),
        ((280, 70), Rect(0.375, 0, 0.625, 1), (20, 5)),
        ((90, 90), Rect(0, 0, 1, 1), (5, 5)),
        # Smaller than the square: enlarged to 70 x 99, from which columns 14 to 84 are cut.
        ((33, 47), Rect(0, 14 / 99, 1, 84 / 99), (5, 7)),
    ],
)
def test_the_square_in_the_middle(loaded, size, rect, grid):
    (layout,) = prepare(loaded, load_picture(gradient_picture(*size)), "x").layouts
    (tile,) = layout.tiles
    assert (tile.rows, tile.columns) == (5, 5) and layout.grid == grid and layout.length == 25
    assert [tile.rect.top, tile.rect.left, tile.rect.bottom, tile.rect.right] == pytest.approx(
        [rect.top, rect.left, rect.bottom, rect.right]
    )
    assert layout.crops == (tile.rect,) and layout.unplaced == ()


def test_cells_beside_the_square_are_cold(loaded, explainer_of):
    found = explainer_of("llava").explain(gradient_picture(70, 210), "Where?", num_samples=1, max_new_tokens=3)
    assert found.heat.shape[1:] == (5, 15)
    assert not found.heat[:, :, :5].any() and not found.heat[:, :, 10:].any() and (found.heat[:, :, 5:10] > 0).any()


def test_padded_to_square_by_hand():
    assert padded_to_square((40, 40)) == Rect(0, 0, 1, 1)
    assert padded_to_square((50, 100)) == Rect(-0.5, 0, 1.5, 1)
    # An odd margin: 3 pixels above, 4 below.
    assert padded_to_square((3, 10)) == Rect(-3 / 3, 0, 7 / 3, 1)
    assert padded_to_square((10, 4)) == Rect(0, -3 / 4, 1, 7 / 4)


@pytest.mark.parametrize("size", [(130, 203), (300, 90), (70, 260), (33, 47)])
def test_a_processor_that_pads_shows_all_of_it(altered, size):
    """As the authors' own code does, and transformers' LlavaImageProcessor with `do_pad`."""
    settings = {"image_processor_type": "LlavaImageProcessor", "do_pad": True}
    loaded = altered("llava", preprocessor_config=settings).loaded
    found, seen = paint_cells(loaded, size)
    assert found >= 3 and seen.all() and paint_tokens(loaded, size) >= 1


@pytest.mark.parametrize(
    "settings",
    [
        {"do_center_crop": False, "size": {"height": 70, "width": 70}},  # stretched
        {"size": {"height": 70, "width": 70}},
        {"size": {"shortest_edge": 56}},  # a margin around what is smaller than the square
        {"size": {"shortest_edge": 90}},  # cut on all sides
    ],
)
@pytest.mark.parametrize("size", [(130, 203), (300, 90)])
def test_other_sizes_and_crops(altered, settings, size):
    loaded = altered("llava", preprocessor_config=settings).loaded
    found, _ = paint_cells(loaded, size)
    assert found >= 1 and paint_tokens(loaded, size) >= 2


def test_a_tower_whose_patches_do_not_divide_the_image(altered):
    """As LLaVA-Interleave's, of SigLIP's kind: every token is a patch, and some pixels are in none."""
    tower = {"model_type": "siglip_vision_model", "image_size": 60, "patch_size": 14, "vision_use_head": False}
    tower |= {"hidden_size": 48, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 3}
    processor = {"vision_feature_select_strategy": "full", "num_additional_image_tokens": 0}
    pixels = {"size": {"height": 60, "width": 60}, "do_center_crop": False}
    config = {"vision_config": tower, "vision_feature_select_strategy": "full", "vision_feature_layer": -1}
    loaded = altered(
        "llava", weights=True, config=config, processor_config=processor, preprocessor_config=pixels
    ).loaded
    (layout,) = prepare(loaded, load_picture(gradient_picture(100, 150)), "x").layouts
    assert layout.tiles == (Tile(4, 4, Rect(0, 0, 56 / 60, 56 / 60)),) and layout.crops == (Rect(),)
    found, _ = paint_cells(loaded, (130, 203))
    assert found >= 4 and paint_tokens(loaded, (130, 203)) >= 3


def test_other_towers_are_refused(folder_of, tmp_path):
    folder = shutil.copytree(folder_of("llava"), tmp_path / "pixtral")
    config = json.loads((folder / "config.json").read_text())
    with pytest.raises(ValueError, match="tower is of type 'pixtral', not one of clip_vision_model, siglip"):
        (folder / "config.json").write_text(json.dumps({**config, "vision_config": {"model_type": "pixtral"}}))
        LLAVA.load_processor(str(folder))


def test_the_published_configuration_leaves_its_layers_to_llama(tmp_path):
    config = {
        "architectures": ["LlavaForConditionalGeneration"],
        "image_token_index": 32000,
        "model_type": "llava",
        "text_config": {"model_type": "llama", "vocab_size": 32064, "max_position_embeddings": 4096},
        "vision_config": {"model_type": "clip_vision_model", "num_hidden_layers": 24},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert read_configuration(tmp_path).decoder.layers == 32
    assert AutoConfig.from_pretrained(tmp_path).text_config.num_hidden_layers == 32


def test_a_folder_that_leaves_the_count_to_the_model(folder_of, tmp_path):
    folder = shutil.copytree(folder_of("llava"), tmp_path / "old")
    settings = json.loads((folder / "processor_config.json").read_text())
    for name in ("patch_size", "num_additional_image_tokens", "vision_feature_select_strategy"):
        settings.pop(name)
        (folder / "processor_config.json").write_text(json.dumps(settings))
        loaded = Explainer.from_pretrained(folder, device="cpu").loaded
        assert len(prepare(loaded, load_picture(gradient_picture(70, 140)), "x").visual) == 25
    (folder / "processor_config.json").unlink()
    loaded = Explainer.from_pretrained(folder, device="cpu").loaded
    assert len(prepare(loaded, load_picture(gradient_picture(70, 140)), "x").visual) == 25
