"""Questions that follow others, from the form to History: asked, kept, found, opened and followed up."""

import json
from dataclasses import replace

from cache.runs.filters import Filter, Order
from core.schema.conversation import Turn
from dashboard.export.parameters import parameter_rows
from dashboard.jobs.question import question_to_dict, request_from_dict
from dashboard.services.open import open_run
from dashboard.session.keys import FormKey, HistoryKey
from dashboard.ui.form.advanced import _draft
from dashboard.ui.form.conversation_fields import conversation_values
from dashboard.ui.form.recommended import BLANK, RECOMMENDED, advanced_title
from dashboard.ui.history.differences import differences
from tests.dashboard.pages import prompts, texts

SYSTEM = "You name <b>colours</b>."
EARLIER = (Turn("user", (0, "What is left?")), Turn("assistant", ("right",)))
TURNS = (Turn("system", (SYSTEM,)), *EARLIER)


def _captions(app):
    return [caption.value for caption in app.caption]


def stored_already(app):
    return "Stored already: opens at once" in "\n".join(mark.value for mark in app.markdown)


def test_a_run_shows_what_was_said_before_and_fills_the_form(visit, stored):
    app = visit("compute", run=stored(prompt="And right?", conversation=TURNS))
    assert {SYSTEM, "What is left?"} <= set(texts(app))
    assert {"System", "User, with picture 1", "Model"} <= set(_captions(app))
    assert app.text_area(key=FormKey.SYSTEM).value == SYSTEM
    assert app.text_area(key=f"{FormKey.TURNS}-0").value == "What is left?"
    assert "Follows 2 earlier turns." in _captions(app)
    assert stored_already(app)


def test_a_follow_up_asks_after_what_was_asked_and_answered(visit, stored):
    first = stored(prompt="What is left?", picture_first=False, conversation=TURNS[:1])
    behind = (TURNS[0], Turn("user", ("What is left?", 0)), EARLIER[1])
    stored(prompt="And right?", conversation=behind)
    app = visit("compute", run=first)
    app.button(key="follow-up").click().run()
    assert app.text_area(key=FormKey.PROMPT).value == "" and app.text_area(key=FormKey.SYSTEM).value == SYSTEM
    assert app.session_state[FormKey.TURNS] == tuple(turn.to_dict() for turn in behind[1:])
    app.text_area(key=FormKey.PROMPT).set_value("And right?").run()
    assert not app.exception and stored_already(app)


def test_turns_are_changed_and_taken_away(visit, stored):
    app = visit("compute", run=stored(prompt="And right?", conversation=TURNS))
    app.text_area(key=f"{FormKey.TURNS}-1").set_value("A square.").run()
    assert [turn["content"] for turn in app.session_state[FormKey.TURNS]] == [[0, "What is left?"], ["A square."]]
    assert not stored_already(app)
    app.button(key="start-anew").click().run()
    assert app.session_state[FormKey.TURNS] == () and not app.exception
    assert not [caption for caption in _captions(app) if caption.startswith("Follows")]


def test_the_last_turn_goes_with_its_question(visit, stored):
    longer = (*EARLIER, Turn("user", ("And above?",)), Turn("assistant", ("Nothing.",)))
    app = visit("compute", run=stored(prompt="Why?", conversation=longer))
    app.button(key="drop-turn").click().run()
    assert app.session_state[FormKey.TURNS] == tuple(turn.to_dict() for turn in EARLIER)


def test_history_finds_and_lists_what_was_said_before(visit, stored, storage):
    stored(prompt="And right?", conversation=TURNS)
    stored(prompt="alone")
    app = visit("history", **{HistoryKey.SEARCH: "left"})
    assert prompts(app) == ["What is left? › And right?"]
    found = storage.runs.find(Filter(search="colours right"), Order(), 10)
    assert [record.prompt for record in found.runs] == ["And right?"]


def test_parameters_and_differences_name_the_turns(stored, storage):
    names = [stored(prompt="And right?", conversation=TURNS), stored(prompt="And right?")]
    rows, plain = (parameter_rows(open_run(name)) for name in names)
    assert rows["System prompt"] == SYSTEM and rows["Earlier turns"] == "What is left? › right"
    assert not {"System prompt", "Earlier turns"} & plain.keys()
    told = differences([storage.runs.get(name) for name in names])
    assert told["Earlier turns"] == [f"{SYSTEM} What is left? right", ""]


def test_each_picture_says_in_which_question_it_stands(visit, stored_all):
    app = visit("compute", run=stored_all(prompt="And now?", conversation=EARLIER))
    assert [caption for caption in _captions(app) if caption.startswith("question ")] == [
        "question 1",
        "question 2",
        "question 2",
    ]


def test_a_job_is_read_back_with_its_turns(ask):
    question = ask(prompt="And right?", conversation=TURNS)
    written = json.loads(json.dumps(question_to_dict(question)))
    assert request_from_dict(written) == question.request


def test_advanced_says_what_is_told_before():
    turns = tuple(turn.to_dict() for turn in EARLIER)
    form = {FormKey.SYSTEM: "Be brief.", FormKey.TURNS: turns}
    assert "a system prompt, 2 earlier turns" in advanced_title(form)
    assert "earlier" not in advanced_title(form, may_settle=False)
    held = RECOMMENDED | BLANK | form
    assert _draft("What?", held, True).turns == turns and _draft("What?", held, False).turns == ()


def test_a_system_turn_that_is_more_than_text_stays_among_the_turns():
    shown = (Turn("system", ("Look at", 0)), *[replace(EARLIER[0], content=("What is it?",)), EARLIER[1]])
    values = conversation_values(shown)
    assert values[FormKey.SYSTEM] == "" and len(values[FormKey.TURNS]) == 3
    assert conversation_values(TURNS)[FormKey.SYSTEM] == SYSTEM and len(conversation_values(TURNS)[FormKey.TURNS]) == 2
    assert conversation_values(()) == {FormKey.SYSTEM: "", FormKey.TURNS: ()}
