"""The latest lines of the audit log as a table, for administrators alone."""

from dashboard.ui.history.audit_panel import table
from tests.dashboard.pages import select, sentences, table_with


def test_what_is_not_usual_is_put_together_in_words():
    lines = [
        {"time": "2026-03-01T12:30:59.123+00:00", "who": "ada", "action": "delete", "runs": list("abcdefg")},
        {"time": "2026-03-01T12:31:00.000+00:00", "action": "sign-in", "admin": True, "owners": ["", "ben"]},
    ]
    assert table(lines) == {
        "time": ["2026-03-01 12:30:59", "2026-03-01 12:31:00"],
        "who": ["ada", ""],
        "action": ["delete", "sign-in"],
        "about": ["runs: a b c d e and 2 more", "admin: True, owners: nobody ben"],
    }


def test_an_open_server_where_nothing_happened_says_so(visit):
    app = visit("history", storage="true")
    assert "the latest 0 lines" in sentences(app) and "Nobody has signed in" in sentences(app)


def test_a_deletion_is_listed(visit, stored):
    name = stored()
    app = select(visit("history"), 0)
    app.button(key="delete-runs").click().run()
    found = table_with(visit("history", storage="true"), "action")
    assert list(found["action"]) == ["delete"] and name in found["about"][0]
