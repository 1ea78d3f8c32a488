"""Asking for oneself alone, and changing later who sees a run."""

import pytest

from tests.dashboard.people import ADA, BEN

pytestmark = pytest.mark.usefixtures("administrators")


def test_the_switch_asks_privately_and_stays_on(visit_as, stored_by, storage):
    run = stored_by(BEN, prompt="Where is the red half?")
    app = visit_as(ADA, "compute", run=run)
    assert app.toggle(key="form-private").value is False
    app.toggle(key="form-private").set_value(True).run()
    app.switch_page("app_pages/history.py").run()
    app.switch_page("app_pages/compute.py").run()
    assert app.toggle(key="form-private").value is True


def test_the_button_on_a_run_hides_and_shows_it(visit_as, stored_by, storage):
    run = stored_by(ADA)
    app = visit_as(ADA, "compute", run=run)
    app.button(key="privacy-button").click().run()
    assert storage.runs.get(run) is None and storage.runs.get(run, ADA).private_to == ADA
    assert not app.exception
    app.button(key="privacy-button").click().run()
    assert storage.runs.get(run).private_to == ""
    assert "privacy-button" not in {button.key for button in visit_as(BEN, "compute", run=run).button}
