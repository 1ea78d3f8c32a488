import pytest
import torch

from core.images import load_picture
from core.prompt import prepare
from tests.conftest import gradient_picture


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


def test_tokens_carry_the_models_probabilities(explainer, picture):
    """Each probability equals the one that a plain forward pass over the whole text gives."""
    answer = explainer.answer(picture, "Where is the red square?", max_new_tokens=6)
    loaded = explainer.loaded
    prepared = prepare(loaded, picture, "Where is the red square?")
    ids = torch.tensor([token.id for token in answer.tokens])
    full_ids, types = prepared.with_answer(ids)
    loaded.model.model.rope_deltas = None
    with torch.no_grad():
        logits = loaded.model(
            input_ids=full_ids,
            mm_token_type_ids=types,
            pixel_values=prepared.pixel_values,
            image_grid_thw=prepared.image_grid,
        ).logits[0]
    loaded.model.model.rope_deltas = None
    probabilities = logits[prepared.prompt_length - 1 : -1].softmax(-1)
    for token, row in zip(answer.tokens, probabilities, strict=True):
        assert token.probability == pytest.approx(float(row[token.id]), rel=1e-3)
        best = [p for _, p in token.alternatives]
        assert best == sorted(best, reverse=True) and len(best) == 5
        assert token.probability + sum(best) <= 1.0001
        assert row.argmax() == token.id  # greedy


def test_the_end_of_turn_is_not_part_of_the_answer(explainer, picture, monkeypatch):
    end = explainer.loaded.model.generation_config.eos_token_id
    ends = end if isinstance(end, list) else [end]
    answer = explainer.answer(picture, "Where is the red square?", max_new_tokens=64)
    assert not {token.id for token in answer.tokens[1:]} & set(ends)


def test_an_answer_of_nothing_but_its_end_is_kept_as_that(explainer, picture, monkeypatch):
    first = explainer.answer(picture, "Where is the red square?", max_new_tokens=1).tokens[0].id
    monkeypatch.setattr(explainer.loaded.model.generation_config, "eos_token_id", first)
    answer = explainer.answer(picture, "Where is the red square?", max_new_tokens=5)
    assert [token.id for token in answer.tokens] == [first]


def test_progress_counts_tokens(explainer, picture):
    steps = []
    answer = explainer.answer(picture, "Hm?", max_new_tokens=4, on_progress=steps.append)
    assert [step.done for step in steps][: len(answer.tokens)] == list(range(1, len(answer.tokens) + 1))
    assert all(step.stage == "answer" and step.total == 4 for step in steps)
