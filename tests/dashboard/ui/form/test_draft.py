"""The form as filled in -> a question that can be asked."""

import json
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core import InputError, PromptError
from dashboard.layer_ranges import layer_words, parse_layers
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import CUSTOM, WAYS, Draft, to_question, to_questions, to_request, what_lacks
from dashboard.ui.form.resolution import LIMIT, USUAL
from dashboard.ui.form.target_fields import TargetDraft

DRAFT = Draft(
    target=TargetDraft(),
    prompt="Where?",
    layers="all",
    custom_layers="",
    num_samples=4,
    noise_std=0.15,
    seed=0,
    method="hirescam",
    tap="input",
    max_new_tokens=16,
    visual_tokens=None,
)


def test_the_form_becomes_a_request(chosen, card):
    request = to_question(DRAFT, chosen, card).request
    assert (request.image, request.model) == (chosen.picture.digest, card.fingerprint)
    assert request.layers == tuple(range(card.total_layers))
    assert (request.method, request.num_samples, request.max_new_tokens) == ("hirescam", 4, 16)


def test_layers_are_written_as_numbers_and_ranges(chosen, card):
    assert parse_layers("0, 3, 5-7, -1") == [0, 3, 5, 6, 7, -1]
    draft = replace(DRAFT, layers=CUSTOM, custom_layers="6-7; -8 2")
    assert to_question(draft, chosen, card).request.layers == (0, 2, 6, 7)


@pytest.mark.parametrize(
    ("layers", "words"), [((3,), "3"), ((0, 1, 2), "0-2"), ((0, 3, 5, 6, 9), "0, 3, 5-6, 9"), ((), "")]
)
def test_runs_of_layers_are_written_as_ranges(layers, words):
    assert layer_words(layers) == words
    assert not layers or tuple(parse_layers(words)) == layers


@pytest.mark.parametrize("text", ["", "first", "1,,x", "2.5", "0-", "1e3", "٣x"])
def test_other_words_for_layers_are_refused_with_an_example(text):
    with pytest.raises(InputError, match="5-8"):
        parse_layers(text)


@pytest.mark.parametrize("text", ["8", "0-99", "7-3", "-9"])
def test_layers_that_the_model_does_not_have_are_refused(text, chosen, card):
    with pytest.raises(InputError, match="layer"):
        to_question(replace(DRAFT, layers=CUSTOM, custom_layers=text), chosen, card)


def test_at_the_output_a_word_for_layers_leaves_out_the_last_one(chosen, card):
    draft = replace(DRAFT, tap="output")
    assert to_question(draft, chosen, card).request.layers == tuple(range(card.total_layers - 1))


def test_visual_tokens_become_pixels_of_the_models_own_tokens(chosen, card, tmp_path):
    assert to_question(DRAFT, chosen, card).request.max_pixels is None
    draft = replace(DRAFT, visual_tokens=100)
    assert to_question(draft, chosen, card).request.max_pixels == 100 * 28**2
    config = json.loads((card.folder / "config.json").read_text("utf-8"))
    config["vision_config"]["patch_size"] = 16  # Qwen3-VL's
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    assert to_question(draft, chosen, replace(card, folder=tmp_path)).request.max_pixels == 100 * 32**2


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ""),
        ({"layers": CUSTOM, "custom_layers": " "}, "which layers"),
        ({"layers": CUSTOM, "custom_layers": "99"}, ""),  # wrong, and not missing
        ({"layers": CUSTOM, "method": "combined"}, ""),  # it has no layers
        ({"target": TargetDraft(kind="words", phrase=" ")}, "the phrase"),
        ({"target": TargetDraft(kind="contrast")}, "the word that might have been said"),
        ({"target": TargetDraft(sentence="")}, "the sentence"),
        ({"target": TargetDraft(kind="words", phrase="red", sentence="It is red.")}, ""),
    ],
)
def test_what_has_yet_to_be_typed_is_told_from_what_is_wrong(changes, missing):
    said = what_lacks(replace(DRAFT, **changes))
    assert missing in said and bool(said) == bool(missing)


def test_without_a_picture_the_form_says_what_to_do(card):
    with pytest.raises(InputError, match="Upload one, or pick a sample scene"):
        to_question(DRAFT, None, card)


@pytest.mark.parametrize("prompt", ["", "  \n ", "x" * 100_000])
def test_unusable_prompts_are_refused(prompt, chosen, card):
    with pytest.raises(PromptError):
        to_question(replace(DRAFT, prompt=prompt), chosen, card)


def test_noise_that_is_no_number_is_refused(chosen, card):
    with pytest.raises(InputError, match="noise"):
        to_question(replace(DRAFT, noise_std=float("nan")), chosen, card)


def test_the_form_becomes_a_request_about_blocks(card):
    draft = replace(DRAFT, where="tower")
    assert (card.depth("tower"), card.depth("decoder")) == (4, 8)
    request = to_request(draft, "i", card)
    assert (request.part, request.layers) == ("tower", (0, 1, 2, 3))
    # Its last block's output has a map.
    assert to_request(replace(draft, tap="output"), "i", card).layers == (0, 1, 2, 3)
    typed = replace(draft, layers=CUSTOM, custom_layers="-1, 0")
    assert to_request(typed, "i", card).layers == (0, 3)
    with pytest.raises(InputError, match="There is no block 4: this model has 4 vision tower blocks"):
        to_request(replace(typed, custom_layers="4"), "i", card)
    # What the form was set to before does not count for a method that reads the decoder alone.
    assert to_request(replace(draft, method="attention"), "i", card).part == "decoder"


def test_several_answers_are_several_questions(chosen, card):
    drawn = replace(DRAFT, temperature=0.7, top_p=0.9, answer_seed=5, answers=3)
    questions = to_questions(drawn, [chosen], card)
    assert [question.request.answer_seed for question in questions] == [5, 6, 7]
    assert {question.request.temperature for question in questions} == {0.7}
    assert len({question.id for question in questions}) == 3
    of_both = to_questions(replace(drawn, answers=2), [chosen, chosen], card)
    assert [question.request.answer_seed for question in of_both] == [5, 6, 5, 6]
    with pytest.raises(InputError, match=r"That is 14 runs, and 12 can be asked at once\. Take pictures away, or ask"):
        to_questions(replace(drawn, answers=7), [chosen, chosen], card)


@pytest.mark.parametrize("changes", [{"temperature": 0.0}, {"target": TargetDraft(sentence="It is red.")}])
def test_where_nothing_is_drawn_there_is_one_answer(changes, chosen, card):
    drawn = replace(DRAFT, temperature=0.7, answer_seed=5, answers=3)
    (question,) = to_questions(replace(drawn, **changes), [chosen], card)
    assert question.request.sampling is None
    assert question.request == to_question(replace(DRAFT, **changes), chosen, card).request


def test_a_top_p_of_nothing_is_refused(chosen, card):
    with pytest.raises(InputError, match="top-p must be a number above 0"):
        to_questions(replace(DRAFT, temperature=1.0, top_p=0.0), [chosen], card)


def _fill(request):
    from dashboard.ui.form.draft import fill_form

    fill_form(request)


def test_a_past_run_fills_the_form_in_its_words(ask, card):
    request = ask(layers=tuple(range(card.total_layers)), num_samples=30, max_pixels=100 * 28**2).request
    form = AppTest.from_function(_fill, args=(request,)).run().session_state
    assert form[FormKey.MODEL] == "embedded" and form[FormKey.LAYERS] == "all" and form[FormKey.SAMPLES] == "High 30"
    assert form[FormKey.RESOLUTION] == LIMIT and form[FormKey.VISUAL_TOKENS] == 100
    assert form[FormKey.TOGETHER] == WAYS[False] and form[FormKey.TEMPERATURE] == 0


def test_a_run_whose_answer_was_drawn_fills_in_how(ask):
    request = ask(temperature=0.7, top_p=0.9, answer_seed=5).request
    form = AppTest.from_function(_fill, args=(request,)).run().session_state
    assert (form[FormKey.TEMPERATURE], form[FormKey.TOP_P], form[FormKey.ANSWER_SEED]) == (0.7, 0.9, 5)
    assert form[FormKey.ANSWERS] == 1


def test_a_run_of_a_model_that_is_not_offered_fills_in_numbers(ask):
    request = replace(ask(layers=(0, 1, 2, 5), num_samples=7).request, model="0" * 64)
    form = AppTest.from_function(_fill, args=(request,)).run().session_state
    assert FormKey.MODEL not in form and form[FormKey.LAYERS] == CUSTOM and form[FormKey.CUSTOM_LAYERS] == "0-2, 5"
    assert form[FormKey.SAMPLES] == CUSTOM and form[FormKey.CUSTOM_SAMPLES] == 7
    assert form[FormKey.RESOLUTION] == USUAL and FormKey.VISUAL_TOKENS not in form
