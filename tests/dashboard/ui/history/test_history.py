"""History: every filter in the address, what people write, the trash, and runs whose heat is gone."""

import io
from dataclasses import replace

import pytest

from cache import Change, map_key
from cache.results.change_log import Drop
from core import METHODS, ExplainRequest
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.services import submit as services
from dashboard.session import keys
from dashboard.session.keys import FormKey, HistoryKey
from dashboard.storage.data_folder import count_stored
from dashboard.ui.history.differences import differences
from dashboard.ui.history.evictions import REASONS, EvictionRow, lines_of


def prompts(app):
    return [prompt for table in app.dataframe if "prompt" in table.value for prompt in table.value["prompt"]]


def sentences(app):
    boxes = (app.error, app.warning, app.info, app.caption)
    return "\n".join(element.value for kind in boxes for element in kind)


def table_with(app, column):
    return next((table.value for table in app.dataframe if column in table.value), None)


def select(app, *rows):
    """Selects rows as a click on their boxes does."""
    table = next(table for table in app.dataframe if (table.key or "").startswith(HistoryKey.TABLE))
    app.session_state[table.key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


@pytest.fixture
def several(stored, storage):
    """Five runs, the latest first: e, d, c, b, a."""
    names = {name: stored(prompt=f"{name}?", num_samples=2 + place) for place, name in enumerate("abcde")}
    storage.runs.write([names["b"]], Change(rating=4, add_tags=("paper", "odd"), note="边缘很奇怪", title="Figure 3"))
    storage.runs.write([names["d"]], Change(rating=2, pinned=True))
    return names


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ({}, "decba"),
        ({"sort": "When"}, "edcba"),
        ({"sort": "When", "upward": "true"}, "abcde"),
        ({"sort": "Samples"}, "edcba"),
        ({"sort": "Rating"}, "bdeca"),
        ({"rating": "★★★ or more"}, "b"),
        ({"tag": "paper"}, "b"),
        ({"tag": "nonsense"}, "decba"),
        ({"pinned": "true"}, "d"),
        ({"trash": "true"}, ""),
        ({"samples-from": "4", "samples-to": "5"}, "dc"),
        ({"picture": "two-"}, "decba"),
        ({"picture": "zebra"}, ""),
        ({"search": "奇怪"}, "b"),
        ({"search": "figure"}, "b"),
        ({"search": "b?"}, "b"),
        ({"since": "2020-01-01", "until": "2021-01-01"}, ""),
        ({"since": "2020-01-01", "until": "2030-01-01"}, "decba"),
        ({"seconds-to": "1"}, ""),
        ({"model": "embedded", "search": "e?"}, "e"),
        ({"rating": "x", "sort": "y", "samples-from": "z", "since": "<b>", "tag": "' OR 1=1"}, "decba"),
    ],
)
def test_the_address_says_what_is_listed(visit, several, address, found):
    assert [prompt[0] for prompt in prompts(visit("history", **address))] == list(found)


@pytest.mark.parametrize(("asked", "first"), [("2", "a?"), ("77", "d?"), ("-1", "d?"), ("<b>", "d?"), ("", "d?")])
def test_the_address_names_the_page(visit, several, monkeypatch, asked, first):
    monkeypatch.setattr("dashboard.ui.history.table.PAGE_SIZE", 4)
    app = visit("home").switch_page("app_pages/history.py")
    app.query_params["page"] = asked
    assert not app.run().exception
    assert prompts(app)[0] == first


def test_filters_are_cleared(visit, several):
    app = visit("history")
    app.selectbox(key=HistoryKey.TAG).set_value("odd").run()
    app.selectbox(key=HistoryKey.SORT).set_value("rating").run()
    app.text_input(key=HistoryKey.SEARCH).set_value("zebra").run()
    assert "No run fulfils all of these filters" in sentences(app)
    app.button(key="show-all").click().run()
    assert len(prompts(app)) == 5 and app.selectbox(key=HistoryKey.TAG).value == ""


def test_a_row_shows_what_is_known_of_a_run(visit, several):
    table = visit("history", tag="paper").dataframe[0].value
    row = table.iloc[0]
    assert (row["picture"], row["title"], row["rating"], row["model"]) == (
        "two-halves.png",
        "Figure 3",
        "★★★★",
        "embedded",
    )
    assert list(row["tags"]) == ["paper", "odd"] and row["note"] == "边缘很奇怪" and row["size"].endswith("KB")


def test_selected_runs_are_tagged_rated_noted_renamed_and_pinned(visit, several, storage):
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
    run = storage.runs.get(several["e"])
    assert (run.tags, run.note, run.title, run.pinned) == (("paper", "new one"), "# not a heading", "The last", True)


def test_several_runs_are_tagged_at_once_and_keep_their_own(visit, several, storage):
    app = select(visit("history", sort="When"), 2, 3)
    assert "In what the selected runs differ" in sentences(app)
    differing = app.dataframe[0].value  # in a popover above the runs
    assert list(differing["parameter"]) == ["Prompt", "Samples"]
    (tags,) = [box for box in app.multiselect if box.key.startswith("tags-")]
    assert tags.value == []
    app.session_state[tags.key] = ["both"]
    app.button(key="save-tags").click().run()
    assert storage.runs.get(several["b"]).tags == ("paper", "odd", "both")
    assert storage.runs.get(several["c"]).tags == ("both",)


def test_too_long_a_title_is_one_sentence_and_changes_nothing(visit, several, storage, monkeypatch):
    monkeypatch.setattr("cache.runs.annotations.LONGEST_TITLE", 3)
    app = select(visit("history", sort="When"), 0)
    (title,) = [box for box in app.text_input if box.key.startswith("title-")]
    title.set_value("The last")
    app.button(key="save-title").click().run()
    assert [error.value for error in app.error] == ["A title has at most 3 characters, not 8. Shorten it."]
    assert storage.runs.get(several["e"]).title == "" and not app.run().error


def test_the_selection_follows_a_run_that_an_edit_moves(visit, several):
    app = select(visit("history"), 4)  # a, the last one
    app.button(key="pin-runs").click().run()
    assert prompts(app)[:2] == ["d?", "a?"] and app.session_state["session"].selected == (several["a"],)
    assert app.button(key="pin-runs").label == "Unpin"


def test_delete_goes_to_the_trash_and_back_and_is_emptied_after_asking(visit, several, storage):
    app = select(visit("history", sort="When"), 0, 1)
    app.button(key="delete-runs").click().run()
    assert prompts(app) == ["c?", "b?", "a?"] and "2 runs are in the trash." in sentences(app)
    app.button(key="undo-button").click().run()
    assert len(prompts(app)) == 5 and "in the trash" not in sentences(app)
    select(app, 0).button(key="delete-runs").click().run()
    app = visit("history", trash="true")
    assert prompts(app) == ["e?"]
    select(app, 0).button(key="restore-runs").click().run()
    assert "The trash is empty." in sentences(app)
    storage.runs.write([several["a"]], Change(trash=True))
    app = visit("history", trash="true")
    app.button(key="empty-trash").click().run()
    assert "cannot be taken back" in "\n".join(text.value for text in app.markdown)
    assert storage.runs.trashed() == 1
    app.button(key="confirm-empty").click().run()
    assert storage.runs.get(several["a"]) is None and storage.runs.count() == 4


def test_taking_back_what_somebody_has_removed_is_one_sentence(visit, several, storage):
    app = select(visit("history"), 0)
    app.button(key="delete-runs").click().run()
    storage.runs.empty_trash()
    app.button(key="undo-button").click().run()
    assert ["Somebody has emptied the trash since; these runs are gone."] == [error.value for error in app.error]
    assert "in the trash" not in sentences(app.run())


def test_asking_again_takes_a_run_out_of_the_trash(visit, several, storage, ask):
    storage.runs.write([several["e"]], Change(trash=True, note="kept"))
    services.explain(ask(prompt="e?", num_samples=6))
    assert storage.runs.get(several["e"]).deleted is None and storage.runs.get(several["e"]).note == "kept"


def test_a_run_in_the_trash_still_opens_from_its_address(visit, several, storage):
    storage.runs.write([several["e"]], Change(trash=True))
    assert any("Raw heat" in element.value for element in visit("compute", run=several["e"]).markdown)


def test_changing_a_run_fills_the_form_and_starts_nothing(visit, stored, monkeypatch):
    stored(prompt="left or right?", num_samples=7, noise_std=0.4)
    app = select(visit("history", search="left"), 0)
    monkeypatch.setattr(resources.jobs(), "submit", lambda *asked: pytest.fail("something was queued"))
    app.button(key="change-run").click().run()
    assert not app.exception
    assert app.text_area(key=FormKey.PROMPT).value == "left or right?"
    assert app.number_input(key=FormKey.CUSTOM_SAMPLES).value == 7 and app.number_input(key=FormKey.NOISE).value == 0.4
    assert "two-halves.png" in [text.value for text in app.text]
    assert "Everything of that run is filled in" in sentences(app)


def test_only_what_differs_is_listed(stored, storage):
    runs = [
        storage.runs.get(stored(prompt="a?", seed=1)),
        storage.runs.get(stored(prompt="a?", seed=2, method="gradcam")),
    ]
    assert differences(runs) == {
        "Method": [METHODS["gradient_deviation"].title, METHODS["gradcam"].title],
        "Seed": ["1", "2"],
    }
    assert differences(runs[:1] * 2) == {}


def evict(storage):
    for key in list(storage.results._cache):
        storage.results._cache.delete(key)


def test_an_evicted_run_stays_says_so_and_is_computed_again(visit, stored, storage, monkeypatch, explainer, wait_until):
    from core.engine.model_pool import ModelPool

    name = stored(prompt="left or right?", num_samples=7)
    evict(storage)
    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    app = visit("history")
    assert list(app.dataframe[0].value["size"]) == ["evicted"]
    select(app, 0)
    assert "no longer stored (evicted)" in sentences(app)
    app.button(key="again-runs").click().run()
    assert not app.exception and app.query_params[keys.RUN] == name
    wait_until(lambda: not resources.jobs().active())
    assert any("Raw heat" in element.value for element in visit("compute", run=name).markdown)
    assert list(visit("history").dataframe[0].value["size"]) != ["evicted"]
    assert len(explainer.asked) == 1 and explainer.asked[0][0][0].num_samples == 7


@pytest.mark.parametrize("noise", [0.15, 0.0])
def test_computed_again_the_values_are_the_same(ask, storage, explainer, noise):
    """With the embedded model itself: only a real one could fail to repeat its numbers."""
    from core import load_picture
    from core.engine.model_pool import ModelPool
    from core.scenes.scene import sample
    from dashboard.jobs.pictures import ChosenPicture
    from dashboard.jobs.runner import compute

    data = io.BytesIO()
    sample(1_700_005).image.resize((112, 112)).save(data, "PNG")
    chosen = ChosenPicture("scene.png", data.getvalue(), load_picture(data.getvalue()))
    question = ask(num_samples=3, noise_std=noise, max_new_tokens=3, seed=5)
    question = replace(question, request=replace(question.request, image=chosen.picture.digest), chosen=chosen)
    models = ModelPool(1)
    results = []
    for _ in range(2):
        compute(question, lambda progress: None, storage=storage, backend=models)
        results.append(storage.results.get_all(whole_run(question.request)))
        evict(storage)
        count_stored(storage)
        assert storage.runs.get(question.id).stored is None
    first, second = results
    assert first is not second and first.answer == second.answer
    for one, other in ((first, second), (first.of("combined"), second.of("combined"))):
        assert one.num_samples == other.num_samples and one.heat.max() > 0
        assert one.heat.tobytes() == other.heat.tobytes()
        assert one.squared_deviation.tobytes() == other.squared_deviation.tobytes()


def test_an_evicted_run_without_its_picture_is_one_sentence(visit, stored, storage):
    stored()
    evict(storage)
    next(storage.pictures.folder.glob("*.picture")).unlink()
    app = select(visit("history"), 0)
    app.button(key="again-runs").click().run()
    assert ["no longer stored. Upload it again" in error.value for error in app.error] == [True]


def test_a_store_that_cannot_be_read_is_one_sentence(visit, stored, monkeypatch):
    stored()
    (resources.storage().results.folder / "cache.db").rename(resources.storage().results.folder / "gone")
    app = visit("history")
    assert not app.exception and len(app.error) == 1


# Storage


def test_the_storage_panel_counts_previews_and_cleans(visit, several, storage):
    import sqlite3
    from contextlib import closing

    app = visit("history", storage="true")
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Runs"] == "5" and figures["Stored"].endswith("KB") and figures["Pictures"] == "1"
    kinds = table_with(app, "kind")
    assert dict(zip(kinds["kind"], kinds["entries"], strict=True))["Maps"] == 45
    app.button(key="storage-models").click().run()
    shares = table_with(app, "maps")
    assert (shares["model"][0], shares["passes"][0], shares["maps"][0]) == ("embedded", 10, 45)
    assert "Of 5 runs, 0 are no longer stored" in sentences(app) and "Nothing so far" in sentences(app)
    with closing(sqlite3.connect(storage.results.folder / "cache.db")) as connection, connection:
        connection.execute("UPDATE Cache SET store_time = store_time - 864000 WHERE tag = 'layer'")
    app.number_input(key=HistoryKey.DAYS).set_value(9).run()
    app.button(key="preview-cleaning").click().run()
    plan = table_with(app, "what")
    assert (plan["what"][0], plan["entries"][0]) == ("Results older than 9 days", 45)
    assert storage.results.counts()["layer"] == 45  # nothing is dropped before somebody says so
    app.button(key="leave-cleaning").click().run()
    assert table_with(app, "what") is None
    app.button(key="preview-cleaning").click().run()
    app.button(key="do-cleaning").click().run()
    assert not app.exception and storage.results.counts()["layer"] == 0 and storage.runs.count() == 5
    assert ["45 entries dropped. The history stays."] == [line.value for line in app.success]
    assert set(table_with(app, "prompt")["size"]) == {"evicted"}
    assert "Of 5 runs, 5 are no longer stored" in sentences(app)
    log = table_with(app, "dropped maps")
    assert list(zip(log["reason"], log["dropped maps"], log["others"], strict=True)) == [("Cleaned up", 45, 0)]


def test_what_was_dropped_is_put_together_by_hour_and_reason():
    hour = 3600 * 500_000
    drops = [
        Drop(hour + 50, "evicted", "layer", 36, 1000),
        Drop(hour + 60, "evicted", "pass", 1, 10),
        Drop(hour + 20, "cleaned", "picture", 2, 500),
        Drop(hour - 10, "evicted", "layer", 5, 7),
        Drop(hour - 20, "of the future", "layer", 1, 1),
    ]
    assert lines_of(drops) == [
        EvictionRow(hour + 60, REASONS["evicted"], 36, 1, 1010),
        EvictionRow(hour + 20, REASONS["cleaned"], 0, 2, 500),
        EvictionRow(hour - 10, REASONS["evicted"], 5, 0, 7),
        EvictionRow(hour - 20, "of the future", 1, 0, 1),
    ]


def test_runs_are_sorted_and_filtered_by_what_is_stored(visit, stored, storage):
    small, large, gone = (
        stored(prompt=f"{name}?", layers=layers) for name, layers in zip("slg", ((0,), (0, 1, 2), (0, 1)), strict=True)
    )
    storage.results._cache.delete(map_key(ExplainRequest.from_dict(storage.runs.get(gone).request), 1))
    app = visit("history", sort="Stored size")
    assert prompts(app) == ["l?", "s?", "g?"]
    assert list(table_with(app, "prompt")["size"])[2] == "evicted"
    assert prompts(visit("history", heat="Evicted")) == ["g?"]
    assert prompts(visit("history", heat="Stored", sort="Stored size", upward="true")) == ["s?", "l?"]
    assert prompts(visit("history", **{"size-from": "1000"})) == []
    between = (storage.runs.get(small).stored + storage.runs.get(large).stored) / 2 / 2**20
    assert prompts(visit("history", **{"size-to": f"{between:.6f}"})) == ["s?"]
    assert prompts(visit("history", **{"size-from": f"{between:.6f}"})) == ["l?"]


def test_the_storage_panel_of_an_empty_server(visit):
    app = visit("history", storage="true")
    assert not app.exception and {metric.label: metric.value for metric in app.metric}["Hit rate"] == "–"
