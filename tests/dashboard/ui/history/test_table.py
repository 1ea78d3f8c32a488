"""A page of the history as a table, and what is selected in it."""

from tests.dashboard.pages import prompts, select


def test_a_row_shows_what_is_known_of_a_run(visit, five_runs):
    table = visit("history", tag="paper").dataframe[0].value
    row = table.iloc[0]
    assert (row["picture"], row["title"], row["rating"], row["model"]) == (
        "two-halves.png",
        "Figure 3",
        "★★★★",
        "embedded",
    )
    assert list(row["tags"]) == ["paper", "odd"] and row["note"] == "边缘很奇怪" and row["size"].endswith("KB")


def test_the_selection_follows_a_run_that_an_edit_moves(visit, five_runs):
    app = select(visit("history"), 4)  # a, the last one
    app.button(key="pin-runs").click().run()
    assert prompts(app)[:2] == ["d?", "a?"] and app.session_state["session"].selected == (five_runs["a"],)
    assert app.button(key="pin-runs").label == "Unpin"
