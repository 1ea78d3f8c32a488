"""Whose turn it is: a queue that is fair between people, and how much each may put into it. No Streamlit here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core import ExplainError


class QueueFull(ExplainError):  # noqa: N818 - a state of the queue, told to people
    """Nothing more can be queued now; the sentence says whose limit is reached and what to do."""


@dataclass(frozen=True)
class QueueLimits:
    """How many jobs may wait or run at once.

    Attributes:
        per_person: of one person's.
        in_all: of everybody's.
    """

    per_person: int = 50
    in_all: int = 500

    def check(self, person: str, waiting: Iterable["Ticket"]) -> None:
        """Refuses one more job of that person's.

        Raises:
            QueueFull: a limit is reached.
        """
        tickets = list(waiting)
        if sum(ticket.people[0] == person for ticket in tickets) >= self.per_person:
            raise QueueFull(
                f"You already have {self.per_person} runs that wait or run, which is as many as one person may have "
                "here. Wait until some are done, or cancel some."
            )
        if len(tickets) >= self.in_all:
            raise QueueFull(
                f"{self.in_all} runs wait on this server, which is as many as it takes. Try again when some are done."
            )


@dataclass(frozen=True)
class Ticket:
    """A job that waits, and for whom.

    Attributes:
        job: its name.
        people: who want it, whoever asked first in front.
    """

    job: str
    people: tuple[str, ...]


def in_line(waiting: Sequence[Ticket], served: Mapping[str, int]) -> list[str]:
    """The names of waiting jobs in the order in which they will be begun.

    Everybody's first job comes before anybody's second one, and within such a round whoever was served
    longest ago comes first: forty jobs of one person do not keep another one's single job waiting for
    more than the one that runs. A job that several people want comes as early as any of them would let it.

    Args:
        waiting: first come first.
        served: person -> a number that grows with each job that was begun; those never served are not in it.
    """
    mine: Counter[str] = Counter()
    ranks: list[tuple[int, int, int, str]] = []
    for arrival, ticket in enumerate(waiting):
        turns = [(mine[person], served.get(person, -1)) for person in ticket.people]
        mine.update(ticket.people)
        ranks.append((*min(turns), arrival, ticket.job))
    return [job for *_, job in sorted(ranks)]
