"""What stands before every page."""

import pytest

from tests.dashboard.people import ADA, actions, everything

pytestmark = pytest.mark.usefixtures("administrators")


@pytest.mark.parametrize("name", [None, "", "a\nb"])
@pytest.mark.parametrize("page", ["home", "compute", "history", "compare"])
def test_without_a_name_from_the_proxy_there_is_no_page(visit_as, stored_by, name, page):
    stored_by(ADA, prompt="A public prompt")
    app = visit_as(name, page)
    assert app.header[0].value == "Sign in" and len(app.error) == 1
    assert not app.button and not app.text_input and "public prompt" not in everything(app)


def test_a_wrong_setting_lets_nobody_in(visit_as, option):
    option("server.address", "0.0.0.0")
    app = visit_as(ADA)
    assert "believes every caller" in app.error[0].value.replace("\\", "") and not app.header


def test_coming_is_written_down_once_a_page(visit_as, storage):
    app = visit_as(ADA)
    app.run()
    assert actions(storage) == [("sign-in", ADA)]


def test_an_open_server_is_as_it_was_with_a_name_that_can_be_typed(visit, stored_by, storage):
    stored_by(ADA, private=True, prompt="mine alone")
    run = stored_by("", prompt="ours")
    app = visit("compute", run=run)
    keys = {element.key for element in [*app.toggle, *app.button]}
    assert not keys & {"form-private", "privacy-button", "sign-out"}
    app.text_input(key="typed-name-").set_value(f" {ADA}\n").run()
    assert app.text_input(key=f"typed-name-{ADA}").value == ADA
    app.switch_page("app_pages/history.py").run()
    assert list(app.dataframe[0].value["prompt"]) == ["ours"]  # a typed name is no proof
    assert actions(storage) == []
