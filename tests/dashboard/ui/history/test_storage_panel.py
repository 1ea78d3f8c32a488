"""What is stored, and tidying up."""

from dashboard.session.keys import HistoryKey
from tests.dashboard.pages import sentences, table_with


def test_the_storage_panel_counts_previews_and_cleans(visit, five_runs, storage):
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


def test_the_storage_panel_of_an_empty_server(visit):
    app = visit("history", storage="true")
    assert not app.exception and {metric.label: metric.value for metric in app.metric}["Hit rate"] == "–"
