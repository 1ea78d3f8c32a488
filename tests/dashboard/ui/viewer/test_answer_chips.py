"""The answer as chips: what they say, and what a click on them asks. The chips themselves: tests/browser."""

import json
from dataclasses import replace

import pytest

from core import Answer, Token
from core.schema.target import Target
from dashboard import resources
from dashboard.services.ask import ask_about
from dashboard.services.open import open_run
from dashboard.ui.viewer.answer_chips import pieces_of, target_of
from tests.dashboard.pages import open_recent

PLANTED = "<script>alert(1)</script> **bold** :material/x: $x$ [a](javascript:alert(1))"


@pytest.fixture
def said(ask, explain):
    """Makes a result that explains a target of "It is red-hot.", of six tokens."""

    def make(target=None):
        pieces = [("It", "He"), (" is", "is"), (" red", " blue"), ("-hot", "\ufffd"), (".", "\n"), ("\n", " ")]
        tokens, text = [], ""
        for number, (piece, rival) in enumerate(pieces):
            tokens.append(Token(number, piece, 0.5, ((rival, 0.25),), len(text), len(text) + len(piece)))
            text += piece
        request = ask(target=target or Target.answer()).request
        return replace(explain(request), answer=Answer(text, tuple(tokens)))

    return make


def test_every_token_is_a_chip_with_its_probability_and_rivals(said):
    pieces = pieces_of(said(), "tokens")
    assert [piece.text for piece in pieces] == ["It", "is", "red", "-hot", ".", "\u23ce"]
    assert {piece.probability for piece in pieces} == {0.5}
    assert [rival.text for rival in pieces[2].rivals] == ["blue"]


def test_a_word_is_as_probable_as_its_tokens_together(said):
    pieces = pieces_of(said(), "words")
    assert [(piece.text, piece.start, piece.stop, piece.probability) for piece in pieces] == [
        ("It", 0, 1, 0.5),
        ("is", 1, 2, 0.5),
        ("red-hot", 2, 4, 0.25),
        (".", 4, 5, 0.5),
    ]


def test_what_the_run_explains_is_marked(said):
    marked = [piece.text for piece in pieces_of(said(Target.words("red-hot")), "tokens") if piece.explained]
    assert marked == ["red", "-hot"]
    assert all(piece.explained for piece in pieces_of(said(), "words"))


def test_an_answer_stored_without_positions_marks_nothing(said):
    result = said(Target.words("red"))
    bare = Answer(result.answer.text, tuple(replace(token, start=0, stop=0) for token in result.tokens))
    assert not any(piece.explained for piece in pieces_of(replace(result, answer=bare), "tokens"))


def test_a_rival_that_reads_the_same_or_not_at_all_cannot_be_asked_about(said):
    can = [piece.rivals[0].can_be_asked for piece in pieces_of(said(), "tokens")]
    assert can == [True, False, True, False, False, False]


def test_a_click_names_a_target(said):
    result = said(Target.text("It is red-hot.", score="margin"))
    whole = {"score": "margin", "sentence": "It is red-hot."}
    assert target_of(result, {"span": [2, 4]}) == Target.tokens(2, 4, **whole)
    assert target_of(result, {"whole": True}) == Target.answer(**whole)
    assert target_of(result, {"token": 2, "rival": 0}) == Target.contrast(2, "blue", sentence="It is red-hot.")


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "span",
        {},
        {"whole": 1},
        {"span": [0, 99]},
        {"span": [3, 3]},
        {"span": [-1, 2]},
        {"span": [True, 2]},
        {"span": ["0", "1"]},
        {"span": 7},
        {"token": 99, "rival": 0},
        {"token": 2, "rival": 5},
        {"token": 1, "rival": 0},
        {"token": 2},
        {"token": None, "rival": {}},
    ],
)
def test_what_no_chip_sends_asks_nothing(said, asked):
    assert target_of(said(), asked) is None


def test_peoples_text_goes_to_the_browser_as_data_and_nowhere_else(visit, stored):
    app = visit("compute", run=stored(text=PLANTED))
    chips = json.loads(
        next(each.proto for each in app.get("bidi_component") if "chips" in each.proto.component_name).json
    )
    assert "".join(piece["text"] for piece in chips["pieces"]["tokens"]).replace(" ", "") == PLANTED.replace(" ", "")
    for kind in (app.markdown, app.caption, app.get("html")):
        assert not any("alert(1)" in element.value or "**bold**" in element.value for element in kind)


def test_a_click_asks_the_runs_question_again_whatever_the_form_says(visit, stored, monkeypatch):
    run = stored(prompt="Where?", num_samples=7)
    part = stored(prompt="Where?", num_samples=7, target=Target.tokens(0, 1))
    app = visit("compute", run=run)
    app.text_area(key="form-prompt").set_value("something else").run()
    # A press that nothing else does stands in for the click, which only a browser can make.
    monkeypatch.setattr("dashboard.ui.form.recent._take_prompt", lambda text: click(run, {"span": [0, 1]}))
    open_recent(app)  # where it stands
    app.button(key="example-0").click().run()
    assert not app.exception
    assert app.query_params["run"] == part
    assert app.text_area(key="form-prompt").value == "Where?"
    assert app.selectbox(key="form-target").value == "tokens"


def click(run, asked):
    shown = open_run(run)
    ask_about(shown, target_of(shown.result, asked))


def test_a_run_whose_model_is_gone_says_so_beside_its_chips(visit, stored, monkeypatch):
    run = stored()
    app = visit("compute", run=run)
    monkeypatch.setattr(type(resources.catalogue()), "card_of", lambda catalogue, fingerprint: None)
    monkeypatch.setattr("dashboard.ui.form.recent._take_prompt", lambda text: click(run, {"span": [0, 1]}))
    open_recent(app)  # where it stands
    app.button(key="example-0").click().run()
    assert ["model of this run is not offered" in error.value for error in app.error] == [True]
    assert app.query_params["run"] == run
    assert not app.run().error


def test_chips_of_a_thought_are_told(said):
    result = said()
    thinking = replace(result, answer=replace(result.answer, thought=2))
    pieces = pieces_of(thinking, "tokens")
    assert [piece.thought for piece in pieces] == [True, True, False, False, False, False]
    assert [piece.explained for piece in pieces] == [False, False, True, True, True, True]
    assert [piece.thought for piece in pieces_of(thinking, "words")] == [True, True, False, False]
