"""A against B: which two, and what the page says and shows of them."""

from types import SimpleNamespace

from dashboard.ui.compare import pair
from tests.dashboard.pages import sentences
from tests.dashboard.ui.drawing.test_panes import unreel


def test_raw_heat_is_subtracted_only_where_the_unit_is_one(visit, stored):
    names = [stored(), stored(method="attention"), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="A against B", at="4")
    assert app.segmented_control(key="difference").options == ["share of the heat"]
    app.selectbox(key="second").set_value("C").run()
    assert app.segmented_control(key="difference").options == ["share of the heat", "raw heat"]


def test_one_run_has_nothing_to_be_set_against(visit, stored):
    assert "Choose a second run" in sentences(visit("compare", runs=stored(), show="A against B"))


def test_a_run_is_not_set_against_itself(visit, stored):
    names = [stored(), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="A against B", second="A")
    assert "one run twice" in sentences(app)


def sent(app) -> bytes:
    """What the browser is sent of the panes."""
    (panes,) = [each for each in app.get("bidi_component") if "panes" in each.proto.component_name]
    return panes.proto.bytes


def test_all_maps_of_both_runs_are_sent_once_whichever_is_on_display(visit, stored):
    names = [stored(), stored(prompt="<b>again?</b>", layers=(2, 4))]
    app = visit("compare", runs=",".join(names), show="A against B", first="B", second="A", at="4")
    data = sent(app)
    head, packets = unreel(data)
    assert [each["value"] for each in head["choices"]] == ["combined", 2, 4]  # which both hold
    assert head["letters"] == ["B", "A"] and head["shared"] and head["swipes"]
    assert head["choices"][2]["titles"] == ["B, layer 4", "A, layer 4", "B less A"]
    assert [len(told["maps"]) for told, _, _ in packets] == [3, 3, 3]
    assert "again" not in str(head) and not any("again" in str(told) for told, _, _ in packets)
    app.select_slider(key="at").set_value(2).run()
    assert sent(app) == data


def test_the_page_shows_the_map_that_the_panes_ask_for_and_no_other(monkeypatch):
    page = SimpleNamespace(session_state={"pair-panes": {"map": 4}})
    monkeypatch.setattr(pair, "st", page)
    pair._look_at(("asked", 2, 4))
    assert page.session_state["at"] == 4
    for nonsense in (3, True, None, 4.0, [4], "own"):
        page.session_state = {"pair-panes": {"map": nonsense}}
        pair._look_at(("asked", 1, 2, 4))
        assert "at" not in page.session_state
