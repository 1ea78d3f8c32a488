import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers.convert_slow_tokenizer import bytes_to_unicode

from core.errors import InputError
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.inputs.token_text import text_and_spans
from core.schema import MAX_NEW_TOKENS
from tests.conftest import gradient_picture

few_examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def picture():
    return load_picture(gradient_picture(168, 252))


@pytest.fixture
def tokenizer(explainer):
    return explainer.loaded.processor.tokenizer


def force(explainer, picture, text, prompt="Where is the red square?"):
    """The text as the answer to the prompt."""
    return force_answer(explainer.loaded, prepare(explainer.loaded, picture, prompt), text)


def byte_ids(tokenizer, data: bytes) -> list[int]:
    """One token for every byte."""
    letters = bytes_to_unicode()
    return tokenizer.convert_tokens_to_ids([letters[byte] for byte in data])


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


def test_places_by_hand(tokenizer):
    def places(ids):
        text, spans = text_and_spans(tokenizer, ids)
        return text, [text[start:stop] for start, stop in spans]

    end = tokenizer.eos_token_id
    assert places([]) == ("", [])
    assert places([end]) == ("", [""])
    ids = tokenizer("\n red circle ")["input_ids"]
    assert [tokenizer.decode([i]) for i in ids] == ["\n", " red", " circle", " "]
    assert places(ids) == ("red circle", ["", "red", " circle", ""])
    assert places([*byte_ids(tokenizer, "é".encode()), end, *tokenizer("red")["input_ids"]]) == (
        "éred",
        ["é", "é", "", "red"],
    )
    smile = byte_ids(tokenizer, "🙂".encode())
    assert places(smile + smile) == ("🙂🙂", ["🙂"] * 8)
    # An end within a character is not in the text, so it does not part the character.
    assert places([smile[0], end, *smile[1:]]) == ("🙂", ["🙂", "", "🙂", "🙂", "🙂"])
    # Bytes that make no character: a beginning without end, and an end without beginning.
    assert places([smile[0], *tokenizer("red")["input_ids"]]) == ("\ufffdred", ["\ufffd", "red"])
    assert places([smile[2], smile[2]]) == ("\ufffd\ufffd", ["\ufffd", "\ufffd"])
    assert places(smile[:3]) == ("\ufffd", ["\ufffd"] * 3)
    assert places([smile[0], *smile]) == ("\ufffd🙂", ["\ufffd"] + ["🙂"] * 4)


class Syllables:
    """Tokens that hold the end of one character and the beginning of the next, as large vocabularies have."""

    pieces = (b" \xe7", b"\x9a\x84", b"\x84\xe7", b"\x9a", b"ab", b"\x84c")

    def __call__(self, text, add_special_tokens):
        return {"input_ids": [4]}

    def decode(self, ids, skip_special_tokens):
        return b"".join(self.pieces[i] for i in ids).decode("utf-8", "replace")


def test_tokens_across_characters():
    text, places = text_and_spans(Syllables(), [4, 0, 1, 0, 3, 2, 3, 5])
    assert text == "ab 的 的的c"
    assert [text[start:stop] for start, stop in places] == ["ab", " 的", "的", " 的", "的", "的的", "的", "的c"]


@few_examples
@given(st.lists(st.binary(max_size=6) | st.text(max_size=4).map(str.encode), max_size=8))
def test_any_bytes_have_their_places(explainer, pieces):
    tokenizer = explainer.loaded.processor.tokenizer
    check_places(tokenizer, byte_ids(tokenizer, b"".join(pieces)))


@few_examples
@given(st.data())
def test_any_tokens_have_their_places(explainer, data):
    tokenizer = explainer.loaded.processor.tokenizer
    check_places(tokenizer, data.draw(st.lists(st.integers(0, len(tokenizer) - 1), max_size=20)))


def check_places(tokenizer, ids):
    """The text is the tokenizer's, ordinary tokens stand where they read so, and nothing is left out."""
    text, places = text_and_spans(tokenizer, ids)
    assert text == tokenizer.decode(ids, skip_special_tokens=True).strip()
    ordinary = [place for token, place in zip(ids, places, strict=True) if token not in tokenizer.all_special_ids]
    assert ordinary == sorted(ordinary)
    covered = set()
    for token, (start, stop) in zip(ids, places, strict=True):
        own, here = tokenizer.decode([token]), text[start:stop]
        assert 0 <= start <= stop <= len(text)
        covered |= set(range(start, stop))
        if token in tokenizer.all_special_ids:
            assert start == stop
        elif "\ufffd" in own:
            assert len(here) <= len(own)
        elif 0 < start and stop < len(text):
            assert here == own
        else:
            assert here.strip() == own.strip()  # blanks at the ends of the text are taken away
    assert covered == set(range(len(text)))


def test_places_take_time_linear_in_the_tokens():
    class Counting(Syllables):
        read = 0

        def decode(self, ids, skip_special_tokens):
            self.read += len(ids)
            return super().decode(ids, skip_special_tokens)

    for ids in ([4], [0, 1], [5], [0], [3]):
        tokenizer = Counting()
        text_and_spans(tokenizer, ids * 1000)
        assert tokenizer.read <= 4 * 1000 * len(ids)
