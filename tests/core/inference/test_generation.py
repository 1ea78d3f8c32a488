import pytest
import torch

from core.errors import InputError
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.schema import MAX_NEW_TOKENS
from tests.conftest import gradient_picture
from tests.some import some


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture
def tokenizer(explainer):
    return explainer.loaded.processor.tokenizer


def force(explainer, picture, text, prompt="Where is the red square?"):
    """The text as the answer to the prompt."""
    return force_answer(explainer.loaded, prepare(explainer.loaded, picture, prompt), text)


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
            image_grid_thw=prepared.vision["image_grid_thw"],
        ).logits[0]
    loaded.model.model.rope_deltas = None
    probabilities = logits[prepared.prompt_length - 1 : -1].softmax(-1)
    for token, row in some(zip(answer.tokens, probabilities, strict=True)):
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


def test_forcing_the_models_own_answer_changes_nothing(explainer, picture):
    said = explainer.answer(picture, "Where is the red square?", max_new_tokens=12)
    forced = force(explainer, picture, said.text)
    assert forced.text == said.text
    for one, other in zip(said.tokens[:-1], forced.tokens[:-1], strict=True):
        assert (one.id, one.text, one.start, one.stop) == (other.id, other.text, other.start, other.stop)
        assert one.probability == pytest.approx(other.probability, rel=1e-3, abs=1e-6)
        assert [p for _, p in one.alternatives] == pytest.approx([p for _, p in other.alternatives], rel=1e-3, abs=1e-6)


def test_another_sentence_has_its_own_probabilities(explainer, picture, tokenizer):
    """They are those of a pass over the sentence alone, and asking leaves no trace on the model."""
    sentence = "A blue <|image_pad|>, so."
    explainer.loaded.model.model.rope_deltas = "as before"
    try:
        forced = force(explainer, picture, sentence)
        assert explainer.loaded.model.model.rope_deltas == "as before"
    finally:
        explainer.loaded.model.model.rope_deltas = None
    assert forced.text == sentence
    assert "".join(token.text for token in forced.tokens) == sentence
    assert not {token.id for token in forced.tokens} & set(tokenizer.all_special_ids)
    prepared = prepare(explainer.loaded, picture, "Where is the red square?")
    ids, types = prepared.with_answer(torch.tensor([token.id for token in forced.tokens]))
    with torch.no_grad():
        logits = explainer.loaded.model(
            input_ids=ids,
            mm_token_type_ids=types,
            pixel_values=prepared.pixel_values,
            image_grid_thw=prepared.vision["image_grid_thw"],
        ).logits[0]
    explainer.loaded.model.model.rope_deltas = None
    for token, row in zip(forced.tokens, logits[prepared.prompt_length - 1 : -1].softmax(-1), strict=True):
        assert token.probability == pytest.approx(float(row[token.id]), rel=1e-3, abs=1e-9)
        assert len(token.alternatives) == 5 and tokenizer.decode([int(row.argmax())]) in (
            token.text,
            token.alternatives[0][0],
        )


def test_sentences_that_cannot_be_forced(explainer, picture):
    with pytest.raises(InputError, match="sentence to explain is empty for the model. Type"):
        force(explainer, picture, "")
    with pytest.raises(InputError, match="has 1,025 tokens; at most 1,024 can be explained. Shorten it"):
        force(explainer, picture, "." * (MAX_NEW_TOKENS + 1))
