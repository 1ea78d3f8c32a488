"""`python -m dashboard store`: what is remembered on this server, whether it is sound, and tidying up.

Reads the server's settings. Exit code 1 if `verify` leaves damage or `recover` has runs that are lost, 2 and one
sentence on standard error for anything that cannot be done. Neither torch nor Streamlit is imported.
"""

import argparse
import os
import sys
from pathlib import Path

from cache import PictureFolder
from cache.files.folders import refuse_other
from cache.files.sqlite import structure_problem
from cache.results.cleanup import drop_rows
from cache.results.disk import results_database
from cache.results.inspection import damaged, kinds
from cache.results.lookups import read_lookups
from cache.runs.inspection import count_runs
from cache.runs.unlisted import TITLE
from core.errors import ExplainError
from dashboard.formatting import size, when
from dashboard.settings import Settings, read_settings
from dashboard.storage import maintenance
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.damage import acknowledge, sentences
from dashboard.storage.damage import found as found_damage
from dashboard.storage.data_folder import audit_folder, history_file, jobs_file, pictures_folder, results_folder
from dashboard.storage.maintenance import size_on_disk, stored_results
from dashboard.storage.recovery import list_stored_runs, recover_all
from dashboard.storage.relocation import move
from dashboard.storage.unreadable import scan

_MOST_DAYS = 36_500


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m dashboard store", description="What is remembered here.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    parser.set_defaults(run=show)
    commands.add_parser("print", help="how much there is of what (the default)").set_defaults(run=show)
    check = commands.add_parser("verify", help="read every stored entry; exit code 1 if one is damaged")
    check.add_argument("--repair", action="store_true", help="drop the damaged entries")
    check.set_defaults(run=verify)
    tidy = commands.add_parser("clean", help="drop what is of no use any more; the history stays")
    tidy.add_argument("--older-than", type=_days, metavar="DAYS", help="and results stored more than so many days ago")
    tidy.add_argument("--dry-run", action="store_true", help="only say what would be dropped")
    tidy.set_defaults(run=clean)
    back = commands.add_parser(
        "recover", help="bring every run that can be read of a damaged history into the present one"
    )
    seen = back.add_mutually_exclusive_group()
    seen.add_argument(
        "--stored-for", metavar="NAME", help="and list what is stored and in no history, private to that person"
    )
    seen.add_argument(
        "--stored-for-everybody",
        action="store_true",
        help="and list it for everybody: nobody knows any more what of it was private",
    )
    back.set_defaults(run=recover_runs)
    commands.add_parser(
        "acknowledge", help="say that you have seen what is damaged, so that pages and /health no longer tell it"
    ).set_defaults(run=acknowledge_damage)
    mover = commands.add_parser("move", help="move everything to another folder, with the server stopped")
    mover.add_argument("target", type=Path, help="an empty folder, or a new one")
    mover.set_defaults(run=move_store)
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command line after `store`; returns the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        return options.run(read_settings(), options)
    except ExplainError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def show(settings: Settings, options: argparse.Namespace) -> int:
    """Prints how much there is of what."""
    folder = settings.data_folder
    results, history, pictures = results_folder(folder), history_file(folder), pictures_folder(folder)
    print(f"Data folder  {folder}")
    if not any(os.path.lexists(file) for file, _, _ in _databases(folder)):
        print("Nothing is stored there yet.")
        return 0
    if results_database(results).exists():
        _show_results(settings, results)
    print(f"History      {count_runs(history):,} runs, {size(size_on_disk(history))}")
    files = PictureFolder(pictures).digests() if pictures.is_dir() else {}
    print(f"Pictures     {len(files):,}, {size(sum(files.values()))}")
    for sentence in sentences(folder, found_damage(folder, scan(folder))):
        print(f"Damaged      {sentence}")
    return 0


def _show_results(settings: Settings, results: Path) -> None:
    found, limit = kinds(results), settings.store_gigabytes * 2**30
    used = size_on_disk(results_database(results))
    age = "no age limit" if settings.store_days is None else f"dropped after {settings.store_days:g} days"
    print(f"Results      {size(used)} of {size(limit)} ({used / limit:.1%}), {age}")
    for kind in found:
        print(f"  {kind.name:<10} {kind.entries:>9,}  {size(kind.size):>10}")
    times = [time for kind in found for time in (kind.oldest, kind.newest) if time is not None]
    if times:
        print(f"  stored from {when(min(times))} to {when(max(times))}")
    lookups = read_lookups(results_database(results))
    if lookups.rate is not None:
        print(f"  {lookups.rate:.1%} of {lookups.hits + lookups.misses:,} questions were stored already")


def _databases(folder: Path) -> list[tuple[Path, str, str]]:
    """Each database of a data folder, how messages call it, and a table of it."""
    return [
        (results_database(results_folder(folder)), "The result store", "Cache"),
        (history_file(folder), "The history", "runs"),
        (jobs_file(folder), "The list of jobs", "jobs"),
    ]


def verify(settings: Settings, options: argparse.Namespace) -> int:
    """Prints all damage that nobody has acknowledged, then every damaged entry and, if asked, drops those."""
    folder = settings.data_folder
    databases = [one for one in _databases(folder) if os.path.lexists(one[0])]
    for file, _, _ in databases:
        refuse_other(file)
    problems = [f"{one[0]}: {problem}" for one in databases if (problem := structure_problem(*one))]
    for problem in problems:
        print(problem)
    if problems:
        print("The server sets a damaged file aside at its next start and begins a fresh one.")
        return 1
    damage = found_damage(folder, scan(folder)) if databases else []
    for sentence in sentences(folder, damage):
        print(sentence)
    results = stored_results(folder)
    entries = sum(kind.entries for kind in kinds(results))
    found = list(damaged(results))
    for one in found:
        print(f"{one.key} ({one.kind}): {one.why}")
    if not found:
        print(f"All {entries:,} entries are sound.")
        return int(bool(damage))
    if not options.repair:
        print(f"{len(found):,} of {entries:,} entries are damaged. Each reads as missing; --repair drops them.")
        return 1
    print(
        f"{drop_rows(results, found, 'damaged'):,} damaged entries dropped; they will be computed again when asked for."
    )
    return int(bool(damage))


def clean(settings: Settings, options: argparse.Namespace) -> int:
    """Drops old results, layers without a pass, half-written files, and pictures that no run names."""
    plan = maintenance.plan_cleaning(settings.data_folder, options.older_than)
    if not options.dry_run:
        maintenance.clean(settings.data_folder, plan)
    for what, sizes in plan.items():
        verb = "Would drop" if options.dry_run else "Dropped"
        print(f"{verb} {len(sizes):,} {what}, {size(sum(sizes))}")
    return 0


def acknowledge_damage(settings: Settings, options: argparse.Namespace) -> int:
    """Remembers that what is damaged has been seen; no file is deleted."""
    folder = settings.data_folder
    damage = found_damage(folder, scan(folder)) if folder.is_dir() else []
    if not damage:
        print("Nothing is damaged that has not been acknowledged.")
        return 0
    for sentence in sentences(folder, damage):
        print(sentence)
    names = acknowledge(folder, damage)
    AuditLog(audit_folder(folder)).write("acknowledge-damage", "", damage=names)
    print(f"Acknowledged: {len(names):,}. Pages and /health no longer tell it. No file was deleted.")
    return 0


def recover_runs(settings: Settings, options: argparse.Namespace) -> int:
    """Says of each damaged history how many of its runs are back, were there already, and are lost; 1 if any is."""
    folder = settings.data_folder
    results = []
    for file, found in recover_all(folder) if folder.is_dir() else ():
        print(file)
        print(
            f"  {found.salvaged:,} runs brought back ({found.mended:,} of them in part), {found.present:,} were there "
            f"already, {found.lost:,} lost"
        )
        results.append(found)
    if not results:
        print("No history was set aside, and the present one is sound.")
    if options.stored_for or options.stored_for_everybody:
        count = list_stored_runs(folder, options.stored_for or "")
        print(f"{count:,} runs that are stored and stood in no history are listed again, with the title “{TITLE}”.")
    if not results:
        return 0
    print("The damaged files stay. When you have seen that all is there: python -m dashboard store acknowledge")
    return int(any(found.lost for found in results))


def move_store(settings: Settings, options: argparse.Namespace) -> int:
    """Moves the data folder and says what is left to do."""
    old = move(settings.data_folder, options.target)
    print(f"Everything is now in {options.target.expanduser().absolute()}, and {settings.data_folder} is a link to it.")
    print(f"The old files are in {old}. Delete them when you have seen that all is there.")
    return 0


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"the days must be a number from 0 to {_MOST_DAYS:,}, not {text}")
    return days
