"""What only a run's owner and administrators may do: delete, empty from the trash, hide and show.

Notes, titles, tags, ratings, pins and regions are the team's, and so is taking a run out of the trash.
"""

from collections.abc import Sequence

from cache import Change, RunRecord
from core import InputError
from dashboard import resources
from dashboard.auth import identity


def may_change(runs: Sequence[RunRecord]) -> bool:
    """Whether whoever is at the page may delete, hide and show all of these."""
    person = identity.person()
    return all(person.may_change(run.who) for run in runs)


def write(runs: Sequence[RunRecord], change: Change) -> int:
    """Writes what anybody of the team may write; returns how many of the runs are still there."""
    return resources.storage().runs.write([run.record_id for run in runs], change)


def delete(runs: Sequence[RunRecord]) -> int:
    """Puts runs into the trash.

    Raises:
        InputError: one of them is somebody else's.
    """
    _check(runs, "delete")
    count = write(runs, Change(trash=True))
    _note("delete", runs)
    return count


def restore(runs: Sequence[RunRecord]) -> int:
    """Takes runs out of the trash; returns how many of them are still there."""
    count = write(runs, Change(trash=False))
    if count:
        _note("restore", runs)
    return count


def set_private(runs: Sequence[RunRecord], private: bool) -> None:
    """Makes runs private to whoever asked first, or public.

    Raises:
        InputError: one of them is somebody else's, nobody's, or there as well for others to see.
    """
    if not identity.person().signed_in:
        raise InputError("Runs can be private only where people sign in.")
    _check(runs, "make private or public")
    write(runs, Change(private=private))
    _note("make-private" if private else "make-public", runs)


def trash_of() -> str:
    """Whose runs in the trash may be removed for good: one's own; "" for everybody's."""
    person = identity.person()
    return "" if person.is_admin else person.name or "\0"  # in nobody's name


def empty_trash() -> list[RunRecord]:
    """Removes for good what is in the trash, of oneself or, as an administrator, of everybody."""
    gone = resources.storage().runs.empty_trash(identity.viewer(), trash_of())
    if gone:
        _note("empty-trash", gone)
    return gone


def _check(runs: Sequence[RunRecord], what: str) -> None:
    others = [run for run in runs if not identity.person().may_change(run.who)]
    if others:
        which = "This run" if len(runs) == 1 else f"{len(others)} of these {len(runs)} runs"
        whose, them = ("is", "it") if len(others) == 1 else ("are", "them")
        raise InputError(f"{which} {whose} somebody else's. Only they or an administrator can {what} {them}.")


def _note(action: str, runs: Sequence[RunRecord]) -> None:
    owners = sorted({run.who for run in runs})
    resources.audit().write(action, identity.person().name, runs=[run.run_id for run in runs], owners=owners)
