"""The choice of method and layers."""

from core import METHODS
from dashboard.session.keys import FormKey
from tests.dashboard.pages import fill_in


def test_bad_layers_are_one_sentence(visit):
    app = visit("compute")
    fill_in(app)
    app.selectbox(key=FormKey.LAYERS).set_value("custom").run()
    app.text_input(key=FormKey.CUSTOM_LAYERS).set_value("99")
    app.button(key="run-button").click().run()
    assert ["There is no layer 99" in error.value for error in app.error] == [True]


def test_methods_that_read_the_decoder_alone_leave_no_choice(visit):
    app = visit("compute")
    app.segmented_control(key=FormKey.WHERE).set_value("tower").run()
    app.selectbox(key=FormKey.METHOD).set_value("attention").run()
    assert FormKey.WHERE not in [control.key for control in app.segmented_control]
    assert app.selectbox(key=FormKey.LAYERS).label == "Layers" and not app.exception


def test_a_method_of_many_passes_says_how_to_begin(visit):
    app = visit("compute")
    assert not any("many passes of its own" in caption.value for caption in app.caption)
    slow = next(name for name, method in METHODS.items() if method.own_passes)
    app.selectbox(key=FormKey.METHOD).set_value(slow).run()
    assert any("begin with Quick 4" in caption.value for caption in app.caption)


def test_a_method_with_one_map_asks_for_no_layers(visit):
    app = visit("compute")
    app.selectbox(key=FormKey.METHOD).set_value("combined").run()
    assert FormKey.LAYERS not in [field.key for field in app.selectbox] and not app.exception
