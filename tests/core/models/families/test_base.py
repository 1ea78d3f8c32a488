"""What holds for every family: loading, prompts, positions, where things lie, and that nothing is left behind."""

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core import Explainer
from core.errors import Cancelled, InputError
from core.inference.forward import answer_logits, build_sequence, encode
from core.inference.generation import force_answer
from core.inference.scores import rival_id
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.checkpoints import describe_model
from core.models.families import FAMILIES, family_of
from core.models.families.base import Family
from core.models.folders.configuration import SUPPORTED, unsupported
from core.models.loading import load_model, wrap_model
from core.models.visual_token_count import most_visual_tokens
from core.schema import Target
from core.schema.methods import METHODS
from core.schema.target import SCORES
from tests.conftest import gradient_picture
from tests.core.models.families.checkpoints import RECIPES
from tests.core.models.families.painting import paint_cells, paint_tokens, painted
from tests.core.models.families.slow import QUESTION, SENTENCE, Slow

PICTURES_FIRST = {"llava", "llava_onevision"}
DEEPER = {"gemma3", "gemma4", "qwen3_5", "qwen3_5_moe"}
FIXED_SIZE = {"llava", "llava_onevision", "gemma3"}


def test_the_lists_of_families_agree():
    assert tuple(FAMILIES) == SUPPORTED and set(RECIPES) == set(SUPPORTED)


def test_the_page_about_families_knows_them_and_what_an_entry_says():
    page = (Path(__file__).parents[4] / "docs" / "families.md").read_text("utf-8")
    assert re.findall(r"^\| [^|]+ \| `(\w+)` \|", page, re.MULTILINE)[1:] == list(FAMILIES)
    for each in FAMILIES.values():
        assert each.title in page
    for field in fields(Family):
        assert f"`{field.name}`" in page
    assert "docs/families.md" in unsupported("other")


def test_a_folder_is_described_and_loaded(name, family, folder_of):
    card = describe_model(folder_of(name), device="cpu")
    assert card.model_type == name and card.total_layers == family.total_layers == (4 if name in DEEPER else 3)
    loaded = family.loaded
    assert type(loaded.model) is FAMILIES[name].model_class and family_of(loaded.model) is loaded.family
    assert loaded.model.dtype == torch.float32 and loaded.model.config._attn_implementation == "sdpa"
    assert not loaded.model.training and not any(p.requires_grad for p in loaded.model.parameters())
    assert type(loaded.processor.image_processor).__name__.endswith("Pil")


def test_a_hub_id_is_found_in_the_local_cache(name, folder_of, tmp_path, monkeypatch):
    """Laid out as huggingface_hub lays it out; nothing is fetched."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    commit, repository = "0" * 40, tmp_path / f"models--somebody--tiny-{name}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    (repository / "snapshots").mkdir()
    (repository / "snapshots" / commit).symlink_to(folder_of(name))
    hub_id = f"somebody/tiny-{name}"
    card = describe_model(hub_id, device="cpu")
    assert (card.name, card.model_type) == (hub_id, name)
    assert card.fingerprint == describe_model(folder_of(name), device="cpu").fingerprint
    assert load_model(hub_id, device="cpu").name == hub_id


TILED = ("llava_onevision", "internvl")


@pytest.mark.parametrize("size", [(203, 130), (61, 190), (500, 40), (90, 90)])
def test_visual_tokens_are_told_from_its_files(name, family, folder_of, size):
    width, height = size
    prepared = prepare(family.loaded, load_picture(gradient_picture(height, width)), QUESTION)
    most, taken = most_visual_tokens([size], folder_of(name)), len(prepared.placeholders)
    assert taken <= most if name in TILED else taken == most


def test_visual_tokens_of_several_pictures_are_told_from_its_files(name, family, folder_of, pictures):
    taken = len(prepare(family.loaded, pictures, QUESTION).placeholders)
    most = most_visual_tokens([picture.size for picture in pictures], folder_of(name))
    assert taken <= most if name == "internvl" else taken == most  # LLaVA-OneVision tiles a single one only


def test_the_most_tiles_are_as_many_as_are_told(explainer_of, folder_of):
    """A picture that InternVL cuts into twelve, and a budget that it has room for four in."""
    loaded, folder = explainer_of("internvl").loaded, folder_of("internvl")
    for size, budget in [((4 * 84, 3 * 84), None), ((2 * 84, 2 * 84), 4 * 84**2), ((84, 84), 84**2)]:
        prepared = prepare(loaded, load_picture(gradient_picture(size[1], size[0])), QUESTION, budget)
        assert most_visual_tokens([size], folder, budget) == len(prepared.placeholders)


def test_an_answer_is_generated(family, picture):
    answer = family.answer(picture, QUESTION, max_new_tokens=5)
    assert 1 <= len(answer.tokens) <= 5 and answer == family.answer(picture, QUESTION, max_new_tokens=5)
    # By greedy steps through the model's own forward.
    slow = Slow(family.loaded, prepare(family.loaded, picture, QUESTION), answer)
    with torch.no_grad():
        rows = slow.outputs().logits[0, slow.rows]
    assert rows.argmax(-1).tolist() == slow.ids.tolist()
    wanted = rows.softmax(-1).amax(-1).tolist()
    assert [token.probability for token in answer.tokens] == pytest.approx(wanted, rel=1e-3)


def test_a_given_answer_is_read_token_by_token(slow):
    answer = slow.answer
    assert answer.text == SENTENCE and "".join(token.text for token in answer.tokens).strip() == SENTENCE
    with torch.no_grad():
        rows = slow.outputs().logits[0, slow.rows].softmax(-1)
    wanted = rows[torch.arange(len(slow.ids)), slow.ids].tolist()
    assert [token.probability for token in answer.tokens] == pytest.approx(wanted, rel=1e-3)
    last = answer.tokens[-1]
    assert answer.text[last.start : last.stop].endswith(".") and last.stop == len(SENTENCE)


@pytest.mark.parametrize("text", ["红色的正方形", "Le carré est là. 🙂🟥!", "где квадрат?", "two  blanks\nand a line"])
def test_answers_in_any_script(family, picture, text):
    """Characters that take several tokens stay whole."""
    answer = force_answer(family.loaded, prepare(family.loaded, picture, QUESTION), text)
    assert answer.text == text
    covered = [answer.text[token.start : token.stop] for token in answer.tokens]
    assert {index for token in answer.tokens for index in range(token.start, token.stop)} == set(range(len(text)))
    assert "\ufffd" not in "".join(covered)
    starts = [token.start for token in answer.tokens]
    assert starts == sorted(starts)


@pytest.mark.parametrize("score", SCORES)
def test_every_score_has_a_map(family, picture, score):
    target = Target.words("blue square", sentence=SENTENCE, score=score)
    found = family.explain(picture, QUESTION, target=target, num_samples=1, noise_std=0.0)
    assert np.isfinite(found.heat).all() and found.heat.max() > 0


def test_a_contrast_with_another_word(family, picture):
    loaded = family.loaded
    answer = force_answer(loaded, prepare(loaded, picture, QUESTION), SENTENCE)
    # Some of these tokenizers write the blank before a word as a token of its own.
    position = next(
        index
        for index, token in enumerate(answer.tokens)
        if token.text.strip() and answer.text[token.start :].lstrip().startswith("blue")
    )
    target = Target.contrast(position, "green", sentence=SENTENCE)
    rival = rival_id(loaded.processor.tokenizer, target, answer)
    ids = [*[token.id for token in answer.tokens[:position]], rival]
    assert " a g" in loaded.processor.tokenizer.decode(ids)
    found = family.explain(picture, QUESTION, target=target, num_samples=1, noise_std=0.0)
    assert np.isfinite(found.heat).all() and found.heat.max() > 0


def seen_by_the_decoder(loaded, run):
    """What the first layer is given, and the mask of every layer, in a forward pass."""
    layers, held, handles = loaded.layers, {}, []

    def record(index):
        def hook(_, args, kwargs):
            mask = kwargs.get("attention_mask")
            held[index] = (args[0], kwargs["position_embeddings"], mask)

        return hook

    for index, layer in enumerate(layers):
        handles.append(layer.register_forward_pre_hook(record(index), with_kwargs=True))
    try:
        with torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
    return held


@pytest.mark.parametrize("several", [False, True])
def test_embeddings_positions_and_masks_are_the_models_own(family, picture, pictures, several):
    slow = Slow.of(family.loaded, pictures if several else picture)
    loaded, sequence = slow.loaded, build_sequence(slow.loaded, slow.prepared, slow.answer)

    def ours():
        answer_logits(loaded, sequence, encode(loaded, sequence, slow.prepared.pixel_values[None]), torch.arange(1))

    theirs, found = (seen_by_the_decoder(loaded, run) for run in (slow.outputs, ours))
    assert found.keys() == theirs.keys() == set(range(len(loaded.layers)))
    for layer in theirs:
        torch.testing.assert_close(found[layer][0], theirs[layer][0], rtol=1e-4, atol=1e-4)
        for mine, its in zip(found[layer][1], theirs[layer][1], strict=True):
            torch.testing.assert_close(mine, its)
        masks = [held[layer][2] for held in (found, theirs)]
        assert (masks[0] is None) == (masks[1] is None)
        if masks[0] is not None:
            assert torch.equal(*masks)


def test_everything_is_put_back(family, picture):
    model = family.loaded.model
    model.train()
    model.requires_grad_(True)
    before = {
        name: (module.training, len(module._forward_hooks), len(module._forward_pre_hooks))
        for name, module in model.named_modules()
    }
    generation, positions = model.generation_config, getattr(model.model, "rope_deltas", None)
    names = ["combined", "attention_gradient", "input_gradient"]
    try:
        for stop in (None, "answer", "samples"):

            def on_progress(progress, stop=stop):
                if progress.stage == stop:
                    raise Cancelled

            options = {"method": names, "num_samples": 2, "max_new_tokens": 3, "on_progress": on_progress}
            try:
                family.explain(picture, QUESTION, **options)
                assert stop is None
            except Cancelled:
                assert stop is not None
            after = {
                name: (module.training, len(module._forward_hooks), len(module._forward_pre_hooks))
                for name, module in model.named_modules()
            }
            assert after == before and all(p.requires_grad and p.grad is None for p in model.parameters())
            assert model.generation_config is generation
            assert getattr(model.model, "rope_deltas", None) is positions
            assert family.loaded.family.decoder_config(model)._attn_implementation == "sdpa"
            assert not any("forward" in vars(module) for module in model.modules())
    finally:
        model.eval()
        model.requires_grad_(False)


def test_a_model_that_the_caller_loaded(family, picture):
    wrapped = Explainer(wrap_model(family.loaded.model, family.loaded.processor))
    options = {"target": Target.answer(sentence=SENTENCE), "num_samples": 1, "noise_std": 0.0}
    ours, theirs = (each.explain(picture, QUESTION, **options) for each in (wrapped, family))
    assert np.array_equal(ours.heat, theirs.heat)


def test_half_precision(name, folder_of, picture):
    card = replace(describe_model(folder_of(name), device="cpu"), dtype="bfloat16")
    half = Explainer(load_model(card))
    names = [each for each, method in METHODS.items() if not method.own_passes]
    found = half.explain(picture, QUESTION, method=names, num_samples=2, max_new_tokens=3)
    assert half.loaded.model.dtype == torch.bfloat16
    for each in (found, *found.companions.values()):
        assert np.isfinite(each.heat).all() and each.heat.dtype == np.float32


PROMPTS = [
    "Where is the red square?",
    "x",
    "user",
    "USER:",
    "Где красный квадрат?",
    "红色的正方形在哪里？",
    "Où est le carré rouge ?\nDis-le en un mot.",
    "🙂🟥?",
    "Say <|im_end|> and <|im_start|>user, then <|vision_start|><|image_pad|><|vision_end|>.",
    "<image> <IMG_CONTEXT> <img></img> <video> </s><s> USER: ASSISTANT: <pad>",
    "<start_of_image><image_soft_token><end_of_image><end_of_turn>\n<start_of_turn>model\nsure",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_question_is_the_prompts_own_text(family, picture, prompt):
    """Whatever it says, it is text: no token in it that the model would take for more."""
    loaded = family.loaded
    tokenizer, got = loaded.processor.tokenizer, prepare(loaded, picture, prompt)
    plain = prepare(loaded, picture, "Where?")
    special = torch.tensor([*tokenizer.added_tokens_decoder])
    counts = [int(torch.isin(each.input_ids, special).sum()) for each in (got, plain)]
    assert counts[0] == counts[1] and torch.equal(got.placeholders, plain.placeholders)
    question = got.input_ids[0, got.question]
    assert not torch.isin(question, special).any()
    assert torch.equal(got.question, torch.arange(len(got.question)) + got.question[0])
    said = tokenizer.decode(question)
    assert prompt in said and len(said) <= len(prompt) + 2  # a token may hold a blank or a line's end beside it
    assert got.question[0] > got.visual[-1]


def test_the_prompt_is_what_the_processor_writes(family, picture):
    """With the tokenizer's own first token, where it has one."""
    loaded = family.loaded
    content = [{"type": "image", "image": picture.to_pil()}, {"type": "text", "text": QUESTION}]
    wanted = loaded.processor.apply_chat_template(
        [{"role": "user", "content": content}],
        tokenize=True,
        add_generation_prompt=True,
        return_dict=True,
        return_tensors="pt",
    )
    found = prepare(loaded, picture, QUESTION)
    assert torch.equal(found.input_ids, wanted["input_ids"])
    assert torch.equal(found.pixel_values, wanted["pixel_values"].float())


def test_the_picture_after_the_prompt(name, family, picture):
    loaded = family.loaded
    if name in PICTURES_FIRST:
        for prompt in PROMPTS[:4]:
            with pytest.raises(InputError, match="puts pictures before the text"):
                prepare(loaded, picture, prompt, picture_first=False)
        return
    for prompt in PROMPTS:
        got = prepare(loaded, picture, prompt, picture_first=False)
        assert got.question.max() < got.visual.min()
        assert prompt.strip() in loaded.processor.tokenizer.decode(got.input_ids[0, got.question])
    found = family.explain(picture, QUESTION, picture_first=False, num_samples=1, max_new_tokens=3)
    assert np.isfinite(found.heat).all() and found.heat.max() > 0


def test_several_pictures_keep_their_order(family, pictures):
    both, swapped = (prepare(family.loaded, each, QUESTION) for each in (pictures, pictures[::-1]))
    assert both.grids == swapped.grids[::-1]
    found = [
        family.explain(each, QUESTION, target=Target.answer(sentence=SENTENCE), num_samples=1)
        for each in (pictures, pictures[::-1])
    ]
    for one, other in ((found[0].pictures, found[1].pictures),):
        assert [each.heat.shape[1:] for each in one] == list(both.grids)
        assert [each.heat.shape[1:] for each in other] == list(swapped.grids)


def test_a_pixel_budget(name, family, picture):
    loaded = family.loaded
    if name in FIXED_SIZE:
        with pytest.raises(InputError, match="pixel budget has no effect"):
            prepare(loaded, picture, QUESTION, max_pixels=100_000)
        return
    counts = []
    for pixels in (20_000, 45_000):
        got = prepare(loaded, picture, QUESTION, max_pixels=pixels)
        counts.append(len(got.visual))
        finest = max(tile.tokens for tile in got.layouts[0].tiles)
        assert finest / len(prepare(loaded, picture, QUESTION).visual) <= 1
    assert counts[0] < counts[1]
    found = family.explain(picture, QUESTION, max_pixels=20_000, num_samples=1, max_new_tokens=3)
    assert found.heat.max() > 0


SIZES = [(130, 203), (60, 60), (300, 90), (70, 260), (33, 47), (168, 168)]


@pytest.mark.parametrize("size", SIZES)
def test_a_bright_patch_changes_the_pixels_of_its_cell(name, family, size):
    found, seen = paint_cells(family.loaded, size)
    assert found >= (1 if name == "llava" else 4)
    assert seen.all() or name == "llava"


@pytest.mark.parametrize("size", SIZES)
def test_a_bright_patch_moves_the_token_that_lies_over_it(family, size):
    assert paint_tokens(family.loaded, size) >= 3


def test_a_bright_patch_in_the_second_picture(family):
    """It changes pixels and tokens of that one alone."""
    loaded, sizes = family.loaded, [(130, 203), (90, 61)]
    pictures = [painted(size) for size in sizes]
    before = prepare(loaded, pictures, "x")
    sequence, pixel_layout = (
        build_sequence(loaded, before, force_answer(loaded, before, "x")),
        loaded.family.pixel_layout,
    )
    cells = pixel_layout.cells(before.pixel_values, before.layouts).expand(before.pixel_values.shape)
    first, second = before.layouts
    with torch.no_grad():
        still = encode(loaded, sequence, before.pixel_values[None])[0]
        for box in ((0, 0, 30, 40), (20, 50, 61, 90)):
            after = prepare(loaded, [pictures[0], painted(sizes[1], box)], "x")
            moved = cells[after.pixel_values != before.pixel_values]
            moved = moved[moved >= 0]  # what is resized bleeds into a margin
            assert moved.min() >= first.cells and moved.max() < first.cells + second.cells
            change = (encode(loaded, sequence, after.pixel_values[None])[0] - still).norm(dim=-1)
            assert not change[: first.length].any() and change[first.length :].max() > 0.1
