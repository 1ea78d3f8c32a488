"""The Compare page: which runs are compared, chosen from the address and from the list."""

from tests.dashboard.pages import chart, sentences


def test_runs_come_from_the_address(visit, stored):
    names = [stored(), stored(method="gradcam")]
    app = visit("compare", runs=",".join(names), parameters="true")
    assert list(app.dataframe[0].value["Run"]) == names
    assert "**A**, combined map" in sentences(app)
    app.select_slider(key="at").set_value(4).run()
    assert not app.exception
    assert "**A**, layer 4" in sentences(app) and "**B**, layer 4" in sentences(app)


def test_the_search_offers_what_it_finds_and_keeps_what_was_picked(visit, stored):
    cat, dog = stored(prompt="a cat"), stored(prompt="a dog")
    app = visit("compare", runs=cat)
    app.text_input(key="compare-search").set_value("dog").run()
    app.multiselect(key="picked-runs").set_value([cat, dog]).run()
    assert list(app.dataframe[0].value["Prompt"]) == ["a cat", "a dog"]
    assert app.query_params["runs"] == f"{cat},{dog}"


def test_unknown_runs_are_said_in_one_sentence(visit, stored):
    app = visit("compare", runs=f"{stored()},nonsense,{'0' * 16}")
    assert "2 of the runs named in the address are not known" in sentences(app)
    assert len(app.dataframe[0].value) == 1


def test_more_than_eight_runs_are_eight_and_said(visit, stored):
    names = [stored(prompt=f"question {number}") for number in range(9)]
    app = visit("compare", runs=",".join(names))
    assert "names 9 runs; the first 8" in sentences(app) and len(app.dataframe[0].value) == 8


def test_peoples_text_is_no_markup_on_the_page(visit, stored):
    app = visit("compare", runs=stored(prompt="<b>bold</b> **x**", text="<img src=x onerror=alert(1)>"))
    assert "<b>" not in chart(app)["data"][-1]["name"] and "onerror" not in sentences(app)
