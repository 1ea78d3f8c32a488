"""What only a run's owner and administrators may do: delete, empty from the trash, hide and show.

Notes, titles, tags, ratings, pins and regions are the team's, and so is taking a run out of the trash.
"""

from collections.abc import Callable, Sequence

from cache import Change, RunRecord
from core import InputError
from dashboard import resources
from dashboard.auth import identity
from dashboard.language import _, counted


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
    _check(runs, _not_deleted)
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
        raise InputError(_("Runs can be private only where people sign in."))
    _check(runs, _not_shown)
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


def acknowledge_damage() -> None:
    """Notes that an administrator has seen what of the data folder is lost or cannot be read.

    Raises:
        InputError: whoever is at the page is no administrator.
        StoreError: the data folder cannot be written.
    """
    person = identity.person()
    if not person.is_admin:
        raise InputError(_("Only an administrator can acknowledge that data were damaged."))
    names = resources.storage().acknowledge_damage()
    if names:
        resources.audit().write("acknowledge-damage", person.name, damage=names)


def _check(runs: Sequence[RunRecord], refusal: Callable[[int, int], str]) -> None:
    others = [run for run in runs if not identity.person().may_change(run.who)]
    if others:
        raise InputError(refusal(len(others), len(runs)))


def _not_deleted(others: int, runs: int) -> str:
    if runs == 1:
        return _("This run is somebody else's. Only they or an administrator can delete it.")
    return counted(
        "{count} of these {runs} runs is somebody else's. Only they or an administrator can delete it.",
        "{count} of these {runs} runs are somebody else's. Only they or an administrator can delete them.",
        others,
        runs=runs,
    )


def _not_shown(others: int, runs: int) -> str:
    if runs == 1:
        return _("This run is somebody else's. Only they or an administrator can make it private or public.")
    return counted(
        "{count} of these {runs} runs is somebody else's. Only they or an administrator can make it private or public.",
        "{count} of these {runs} runs are somebody else's. Only they or an administrator can make them private or "
        "public.",
        others,
        runs=runs,
    )


def _note(action: str, runs: Sequence[RunRecord]) -> None:
    owners = sorted({run.who for run in runs})
    resources.audit().write(action, identity.person().name, runs=[run.run_id for run in runs], owners=owners)
