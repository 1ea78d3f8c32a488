"""Whatever Dask raises where the scheduler is gone becomes one sentence; an error of the work itself does not."""

from concurrent.futures import CancelledError

import pytest
from distributed.client import ClosedClientError, FutureCancelledError, FuturesCancelledError
from distributed.comm import CommClosedError

from core.distributed.connection import asking
from core.errors import WorkersLost


class Connection:
    """Stands for a client."""

    def __init__(self, status: str) -> None:
        self.status = status


LOST = [
    CommClosedError("in <TLS>: Stream is closed"),
    TimeoutError(),
    TimeoutError(),
    CancelledError(),
    FutureCancelledError("key", "scheduler-connection-lost"),
    FuturesCancelledError([]),
    ConnectionRefusedError(111, "Connection refused"),
    OSError("Timed out trying to connect to tls://127.0.0.1:1"),
]


@pytest.mark.parametrize("error", LOST, ids=lambda error: type(error).__name__)
def test_a_scheduler_that_does_not_answer_is_one_sentence(error):
    with (
        pytest.raises(WorkersLost, match="The connection .* was lost. Run it again") as told,
        asking(Connection("running")),
    ):
        raise error
    assert told.value.__cause__ is error


@pytest.mark.parametrize("error", [ClosedClientError("closed"), RuntimeError("IOLoop is closed"), AttributeError()])
def test_whatever_a_closed_client_raises_is_the_same_sentence(error):
    with pytest.raises(WorkersLost, match="was lost"), asking(Connection("closed")):
        raise error


def test_a_mistake_of_the_program_is_not_taken_for_a_lost_connection():
    with pytest.raises(ZeroDivisionError), asking(Connection("running")):
        raise ZeroDivisionError
