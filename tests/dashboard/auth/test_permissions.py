"""What only a run's owner and administrators may do."""

import json

import pytest

from core import InputError
from dashboard.auth.permissions import delete, empty_trash, may_change, restore, set_private
from dashboard.language import speaking
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import audit_folder
from tests.dashboard.people import ADA, BEN, ROOT, SECRET, actions

pytestmark = pytest.mark.usefixtures("administrators")


def test_only_owners_and_administrators_delete(stored_by, as_person, storage):
    mine, other = (storage.runs.get(stored_by(name, prompt=name)) for name in (ADA, BEN))
    as_person(ADA)
    assert may_change([mine]) and not may_change([mine, other])
    for runs in ([other], [mine, other]):
        with pytest.raises(Exception, match="somebody else's. Only they or an administrator can delete"):
            delete(runs)
    assert storage.runs.trashed() == 0
    assert delete([mine]) == 1
    as_person(BEN)
    assert empty_trash() == []
    assert restore([mine]) == 1  # taking back is everybody's
    as_person(ROOT, is_admin=True)
    delete([mine, other])
    assert len(empty_trash()) == 2
    assert actions(storage) == [
        ("delete", ADA),
        ("restore", BEN),
        ("delete", ROOT),
        ("empty-trash", ROOT),
    ]


def test_each_empties_the_trash_of_what_is_theirs(stored_by, as_person, storage):
    for name in (ADA, BEN):
        as_person(name)
        delete([storage.runs.get(stored_by(name, prompt=name))])
        delete([storage.runs.get(stored_by(name, private=True, prompt=f"{name} alone"), name)])
    assert [run.prompt for run in empty_trash()] == [BEN, f"{BEN} alone"]
    as_person(ROOT, is_admin=True)
    assert [run.prompt for run in empty_trash()] == [ADA]  # private ones are not hers to see, unless she asks
    assert storage.runs.trashed(ADA) == 1


def test_runs_of_nobody_are_the_administrators(stored_by, as_person, storage):
    run = storage.runs.get(stored_by(""))
    as_person(ADA)
    assert not may_change([run])
    as_person(ROOT, is_admin=True)
    assert may_change([run])


def test_the_audit_log_holds_no_text_of_peoples(visit_as, stored_by, storage, as_person):
    as_person(ADA)
    delete([storage.runs.get(stored_by(ADA, prompt=f"Where is the {SECRET}?"))])
    (line,) = AuditLog(audit_folder(storage.folder)).latest(9)
    assert SECRET not in json.dumps(line)
    assert set(line) == {"time", "action", "who", "runs", "owners"}


def test_what_is_not_allowed_is_said_in_the_language_that_is_spoken(stored_by, as_person, storage):
    mine, other = (storage.runs.get(stored_by(name, prompt=name)) for name in (ADA, BEN))
    as_person(ADA)
    with speaking("zh_Hans"):
        with pytest.raises(InputError, match="^这条运行记录属于他人。只有其本人或管理员可以删除。$"):
            delete([other])
        with pytest.raises(
            InputError, match="^这 2 条运行记录中有 1 条属于他人。只有其本人或管理员可以设为私有或公开。$"
        ):
            set_private([mine, other], True)
