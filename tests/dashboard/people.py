"""Three people who sign in, what they can read on a page, and what the audit log says of them."""

from streamlit.testing.v1 import AppTest

from cache.batches.batch import Batch
from dashboard import resources
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import Storage, audit_folder

ADA, BEN, ROOT = "ada@example.org", "ben@example.org", "root@example.org"
SECRET = "xylophone"
"""A word that stands in the private run alone."""


def everything(app: AppTest) -> str:
    """Every text, value and table that a page has sent."""
    return "\n".join(repr(element.proto) for element in app._tree if hasattr(element, "proto")) + repr(
        [frame.value.to_dict() for frame in app.dataframe]
    )


def actions(storage: Storage) -> list[tuple[str, str]]:
    """(action, who) of the lines of the audit log, the first one first."""
    return [(line["action"], line["who"]) for line in reversed(AuditLog(audit_folder(storage.folder)).latest(99))]


def fed(batch: Batch, person: str, wait_until) -> list[str]:
    """How far each row is once a batch that somebody began has gone through the queue."""
    feeder = resources.feeders().start(batch, person)
    wait_until(lambda: not feeder.active)
    assert not feeder.problem
    return [row.state for row in feeder.look()]
