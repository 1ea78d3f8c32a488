"""Tags, ratings, notes, titles and pins, written on the page."""

from tests.dashboard.pages import select, sentences


def test_selected_runs_are_tagged_rated_noted_renamed_and_pinned(visit, five_runs, storage):
    app = select(visit("history", sort="When"), 0)
    (tags,) = [box for box in app.multiselect if box.key.startswith("tags-")]
    app.session_state[tags.key] = ["paper", "new one"]
    app.button(key="save-tags").click().run()
    (note,) = [box for box in app.text_area if box.key.startswith("note-")]
    note.set_value("# not a heading")
    app.button(key="save-note").click().run()
    (title,) = [box for box in app.text_input if box.key.startswith("title-")]
    title.set_value("The last")
    app.button(key="save-title").click().run()
    app.button(key="pin-runs").click().run()
    assert not app.exception
    run = storage.runs.get(five_runs["e"])
    assert (run.tags, run.note, run.title, run.pinned) == (("paper", "new one"), "# not a heading", "The last", True)


def test_several_runs_are_tagged_at_once_and_keep_their_own(visit, five_runs, storage):
    app = select(visit("history", sort="When"), 2, 3)
    assert "In what the selected runs differ" in sentences(app)
    differing = app.dataframe[0].value  # in a popover above the runs
    assert list(differing["parameter"]) == ["Prompt", "Samples"]
    (tags,) = [box for box in app.multiselect if box.key.startswith("tags-")]
    assert tags.value == []
    app.session_state[tags.key] = ["both"]
    app.button(key="save-tags").click().run()
    assert storage.runs.get(five_runs["b"]).tags == ("paper", "odd", "both")
    assert storage.runs.get(five_runs["c"]).tags == ("both",)


def test_too_long_a_title_is_one_sentence_and_changes_nothing(visit, five_runs, storage, monkeypatch):
    monkeypatch.setattr("cache.runs.annotations.LONGEST_TITLE", 3)
    app = select(visit("history", sort="When"), 0)
    (title,) = [box for box in app.text_input if box.key.startswith("title-")]
    title.set_value("The last")
    app.button(key="save-title").click().run()
    assert [error.value for error in app.error] == ["A title has at most 3 characters, not 8. Shorten it."]
    assert storage.runs.get(five_runs["e"]).title == "" and not app.run().error
