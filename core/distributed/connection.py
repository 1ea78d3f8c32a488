"""What is asked of the scheduler, and what people are told where it does not answer. No torch here."""

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

from distributed import Client

from core.errors import WorkersLost


@contextmanager
def asking(client: Client) -> Iterator[None]:
    """Within it, nothing but the scheduler is asked.

    Raises:
        WorkersLost: it does not answer, or has lost what was asked of it.
    """
    try:
        yield
    except (CancelledError, OSError) as error:  # not cancelled by us; time-outs and closed connections are OSErrors
        raise lost() from error
    except Exception as error:
        if client.status == "running":
            raise
        raise lost() from error


def lost() -> WorkersLost:
    """What to raise where the scheduler, or what was asked of it, is gone."""
    return WorkersLost(
        "The connection to the processes that compute was lost. Run it again in a moment; what was computed is kept."
    )
