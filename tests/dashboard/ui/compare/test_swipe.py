"""One map over the other: what the component is sent."""

import json


def test_both_maps_are_sent_with_their_letters_and_nothing_of_peoples_text(visit, stored):
    names = [stored(), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="A against B", first="B", second="A", at="4")
    (component,) = [each for each in app.get("bidi_component") if "swipe" in each.proto.component_name]
    told = json.loads(component.proto.json)
    assert told.keys() == {"first", "second", "width"}
    assert (told["first"]["name"], told["second"]["name"]) == ("B", "A")
    assert all(told[each]["picture"].startswith("data:image/") for each in ("first", "second"))
    assert told["width"] == 520  # 84 x 56 pixels at a height of 400 would be wider
