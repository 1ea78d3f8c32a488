"""What was on display stays while something else about the same picture is computed."""

from dashboard import resources
from dashboard.session.keys import FormKey
from tests.dashboard.pages import fill_in, shows_result, texts, viewer_head


def grows(app) -> bool:
    """Whether the picture stands alone where the map will be."""
    head = viewer_head(app)
    return head["grows"] and set(head["sentences"]) == {"The map will grow here."}


def ask_again(app):
    """Changes the form of a run on display, and presses Run."""
    app.text_area(key=FormKey.PROMPT).set_value("And now?").run()
    return app.button(key="run-button").click().run()


def test_the_run_before_stays_while_its_picture_is_asked_about_again(visit, stored, held, wait_until):
    before = stored()
    app = ask_again(visit("compute", run=before))
    name = app.query_params["run"]
    assert name != before and app.button(key=f"cancel-{name}")
    assert shows_result(app) and "Where is the red half?" in texts(app)
    assert viewer_head(app)["run"] == before and not grows(app)
    held.go.set()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert shows_result(app) and "And now?" in texts(app) and "Where is the red half?" not in texts(app)


def test_another_picture_is_shown_in_place_of_the_run_before(visit, stored, held):
    app = visit("compute", run=stored())
    fill_in(app, 1)
    app.button(key="run-button").click().run()
    assert grows(app) and viewer_head(app)["run"] == app.query_params["run"]


def test_the_first_run_shows_its_picture_at_once(visit, held):
    app = visit("compute")
    app.button(key="start-use-3").click().run()
    assert grows(app)


def test_a_run_that_was_given_up_leaves_the_one_before(visit, stored, held, wait_until):
    app = ask_again(visit("compute", run=stored()))
    app.button(key=f"cancel-{app.query_params['run']}").click().run()
    held.go.set()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert shows_result(app) and "The run was stopped" in " ".join(each.value for each in app.info)
