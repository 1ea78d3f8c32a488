"""Why an upload was refused, on every page that takes files."""

import pytest

from dashboard.session.refusals import VISITOR_HAS_ENOUGH, Refusal
from tests.dashboard.pages import sentences


@pytest.mark.parametrize("page", ["compute", "batch", "history"])
def test_a_refusal_is_said_once(visit, page):
    app = visit(page)
    app.session_state["session"].upload_refusal = "There is no room."
    app.run()
    assert not app.exception and "There is no room." in sentences(app)
    app.run()
    assert "There is no room." not in sentences(app)


def test_a_refusal_is_said_in_the_language_of_the_page(visit):
    app = visit("compute")
    app.session_state["language"] = "zh_Hans"
    app.session_state["session"].upload_refusal = Refusal(VISITOR_HAS_ENOUGH, count=2000)
    app.run()
    assert ["2,000 MB" in error.value and "上传" in error.value for error in app.error] == [True]
