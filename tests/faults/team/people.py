"""What the people of a team do at their pages, until told to stop."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from tests.faults.team.diary import Diary
from tests.visitors import Visitor

PAUSE = (1.0, 5.0)
"""Seconds between two things that somebody does."""
LONGEST = 600.0
"""Seconds that somebody waits for an answer at most."""

Act = Callable[[Visitor, Diary, "Stage", random.Random], None]


@dataclass
class Stage:
    """Where people go at present: the address changes when the server is started anew.

    Attributes:
        runs: names of runs that readers may open; whoever looks after the server renews them.
        over: set when everybody shall leave.
    """

    address: str = ""
    runs: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


def come(stage: Stage, diary: Diary, count: int, seed: int) -> list[threading.Thread]:
    """So many people come; each is a thread."""
    people = [
        threading.Thread(target=_visit, args=(stage, diary, ROLES[number % len(ROLES)], seed + number), daemon=True)
        for number in range(count)
    ]
    for person in people:
        person.start()
    return people


def _visit(stage: Stage, diary: Diary, act: Act, seed: int) -> None:
    """One of them until the end; who loses the connection comes back."""
    chance = random.Random(seed)
    while not stage.over.is_set():
        address = stage.address
        try:
            visitor = Visitor(address)
        except (OSError, WebSocketException):
            stage.over.wait(1)
            continue
        try:
            while not stage.over.is_set() and stage.address == address:
                act(visitor, diary, stage, chance)
                stage.over.wait(chance.uniform(*PAUSE))
        except TimeoutError:
            diary.complain("a page did not end in time")
        except (OSError, WebSocketException):  # the server was killed
            diary.add("connections lost")
        except KeyError as error:
            diary.complain(f"{visitor.seen.page}: there is no widget {error}")
        finally:
            with suppress(OSError, WebSocketException):
                visitor.close()


def read(visitor: Visitor, diary: Diary, stage: Stage, chance: random.Random) -> None:
    """Looks around: Home, History, a run, two runs beside each other."""
    diary.note("Home", visitor.open(""))
    page = chance.choice(["history", "compute", "compare"])
    if page == "history" or not stage.runs:
        diary.note("History", visitor.open("history"))
    elif page == "compute":
        diary.note("open a run", visitor.open("compute", run=chance.choice(stage.runs)))
    else:
        chosen = chance.sample(stage.runs, min(2, len(stage.runs)))
        diary.note("compare two", visitor.open("compare", runs=",".join(chosen)))


def ask(visitor: Visitor, diary: Diary, stage: Stage, chance: random.Random) -> None:
    """Asks about a scene, and waits for the answer or loses patience."""
    # A page that was just opened: one that has a run on display shows no scenes.
    visitor = Visitor(visitor.address)
    try:
        # Few seeds: now and then somebody asks what another one asks, or asked.
        ask_one(visitor, diary, chance.randrange(6), chance.randrange(2000), chance.random() < 0.1 and stage.over)
    finally:
        with suppress(OSError, WebSocketException):
            visitor.close()


def ask_one(visitor: Visitor, diary: Diary, scene: int, seed: int, leaves: threading.Event | bool = False) -> None:
    """Asks about a scene with a seed, and waits for the answer; one who `leaves` cancels it after a few seconds."""
    diary.note("open the form", visitor.open("compute"))
    diary.note("open Advanced", visitor.unfold("advanced"))
    diary.note("fill the form", visitor.put("form-seed", seed))
    seen = diary.note("ask about a scene", visitor.click(f"start-use-{scene}"))
    run = seen.run
    if not run:
        diary.complain(f"nothing came of the click: {seen.texts[-3:]}")
        return
    with diary.lock:
        diary.asked.add(run)
    diary.add("questions")
    begun = time.monotonic()
    while f"cancel-{run}" in visitor.seen.widgets:
        if leaves and time.monotonic() - begun > 2:
            with diary.lock:
                diary.given_up.add(run)
            diary.note("cancel", visitor.click(f"cancel-{run}"))
            diary.add("cancels")
            return
        if time.monotonic() - begun > LONGEST:
            diary.complain(f"the run {run} was not answered in {LONGEST:g} s")
            return
        time.sleep(visitor.pace or 0.5)
        diary.note("watch a run", visitor.wait())
    diary.add("answers")


ROLES: tuple[Act, ...] = (ask, read, read, ask, read, read, ask, read)
"""What each of eight people does, however few of them come."""
