"""Advanced: closed at first, read all the same, and its title says what of it is not as recommended."""

import pytest

from core.schema.target import Target
from dashboard.session.keys import RUN_BUTTON, FormKey
from dashboard.ui.form.draft import SAMPLE_PRESETS
from dashboard.ui.form.recommended import BLANK, RECOMMENDED
from tests.dashboard.pages import fill_in


def title(app):
    (label,) = [box.label for box in app.expander if box.label.startswith("Advanced")]
    return label


def close(app):
    app.session_state[FormKey.ADVANCED] = False
    return app.run()


def drawn(app):
    """The fields of the sidebar, by their keys."""
    kinds = (app.sidebar.selectbox, app.sidebar.number_input, app.sidebar.toggle, app.sidebar.segmented_control)
    return {field.key for fields in kinds for field in fields}


@pytest.mark.parametrize("page", ["compute", "batch"])
def test_closed_it_draws_no_field(visit, page):
    app = visit(page)
    assert {FormKey.METHOD, FormKey.SEED, FormKey.RESOLUTION, FormKey.TAP} <= drawn(app)
    assert not drawn(close(app)) & set(RECOMMENDED | BLANK)


def test_closed_it_asks_what_was_filled_in(visit, without_model, wait_until):
    app = fill_in(visit("compute"))
    app.selectbox(key=FormKey.TARGET).set_value("words").run()
    app.text_input(key=FormKey.PHRASE).set_value("circle")
    app.segmented_control(key=FormKey.WHERE).set_value("tower")
    app.selectbox(key=FormKey.LAYERS).set_value("custom").run()
    app.text_input(key=FormKey.CUSTOM_LAYERS).set_value("1, 3")
    app.number_input(key=FormKey.SEED).set_value(5).run()
    for _ in range(2):  # what is not drawn is not forgotten with the next run of the page either
        close(app)
    assert "layers 1, 3" in title(app) and "seed 5" in title(app)
    app.button(key=RUN_BUTTON).click().run()
    wait_until(lambda: without_model.asked)
    asked = without_model.asked[0][0][0]
    assert (asked.seed, asked.part, asked.layers) == (5, "tower", (1, 3))
    assert asked.target.phrase == "circle"
    app.session_state[FormKey.ADVANCED] = True
    app.run()
    assert app.number_input(key=FormKey.SEED).value == 5 and app.text_input(key=FormKey.PHRASE).value == "circle"


def test_closed_from_the_first_it_asks_as_is_recommended(visit, without_model, wait_until):
    app = fill_in(close(visit("compute")))
    app.button(key=RUN_BUTTON).click().run()
    wait_until(lambda: without_model.asked)
    asked = without_model.asked[0][0][0]
    assert asked.num_samples == SAMPLE_PRESETS[RECOMMENDED[FormKey.SAMPLES]] and asked.target == Target.answer()


def test_a_new_form_is_as_recommended(visit):
    app = visit("compute")
    assert title(app).startswith("Advanced: all as recommended")
    assert {key: app.session_state[key] for key in RECOMMENDED} == RECOMMENDED


def test_the_title_follows_what_is_chosen(visit):
    app = visit("compute")
    app.selectbox(key=FormKey.METHOD).set_value("gradcam")
    app.selectbox(key=FormKey.SAMPLES).set_value("High 30").run()
    assert title(app).startswith("Advanced: Grad-CAM (as in the original), 30 samples ")
    app.selectbox(key=FormKey.METHOD).set_value("gradient_deviation")
    app.selectbox(key=FormKey.SAMPLES).set_value("Standard 10").run()
    assert title(app).startswith("Advanced: all as recommended")


def test_the_title_tells_what_a_stored_run_was_asked_with(visit, stored):
    name = stored(num_samples=7, layers=(0, 2), seed=3)
    assert title(visit("compute", run=name)).startswith("Advanced: layers 0, 2, 7 samples, seed 3 ")


def test_it_stays_open_when_its_title_changes(visit):
    app = visit("compute")
    app.session_state[FormKey.ADVANCED] = True
    app.number_input(key=FormKey.SEED).set_value(5).run()
    assert "seed 5" in title(app) and app.session_state[FormKey.ADVANCED] is True


def test_nothing_in_the_form_is_starred_or_called_recommended_by_itself(visit):
    """Its title says what is recommended; the one map that is has its word in the viewer."""
    app = visit("compute")
    offered = [(box.label, *box.options) for box in app.sidebar.selectbox]
    assert len(offered) >= 5
    assert not any("★" in text or "recommended" in text for texts in offered for text in texts)


def test_batch_has_the_same_fields_less_stopping_early(visit):
    app = visit("batch")
    assert title(app).startswith("Advanced: all as recommended") and app.selectbox(key=FormKey.METHOD)
    assert FormKey.SETTLE not in [toggle.key for toggle in app.toggle]


def test_in_another_language_it_holds_the_same(visit):
    app = visit("compute")
    app.selectbox(key=FormKey.METHOD).set_value("gradcam")
    app.selectbox(key=FormKey.SAMPLES).set_value("High 30").run()
    before = {key: app.session_state[key] for key in RECOMMENDED}
    app.session_state["language"] = "zh_Hans"
    app.run()
    (label,) = [box.label for box in app.expander if box.label.startswith("高级：")]
    assert "30 个样本" in label and "其余均为推荐设置" in label
    assert (
        app.selectbox(key=FormKey.SAMPLES).label == "噪声样本"
        and "精细 30" in app.selectbox(key=FormKey.SAMPLES).options
    )
    assert app.segmented_control(key=FormKey.TAP).label == "读取点"
    assert {key: app.session_state[key] for key in RECOMMENDED} == before
