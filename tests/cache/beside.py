"""A process beside others that use a history: does the same again and again, and says each time that it is done.

python -m tests.cache.beside read HISTORY            a page of it, whatever version it is of
python -m tests.cache.beside write HISTORY RESULTS   a note on its latest run, and a result
"""

import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cache import Change, ResultStore, RunHistory
from cache.files.sqlite import read_only
from tests.cache.samples import make_request, make_result

PAGE = "SELECT run_id, prompt, answer FROM runs ORDER BY id DESC LIMIT 25"
SEED = 10**6
"""Of the results that are written: the seed of the first."""


def _reading(history: Path) -> Callable[[int], bool]:
    connection = read_only(history)
    return lambda turn: len(connection.execute(PAGE).fetchall()) == 25


def _writing(history: Path, results: Path) -> Callable[[int], bool]:
    with closing(read_only(history)) as connection:
        name = connection.execute(PAGE).fetchone()[0]
    runs, store = RunHistory(history), ResultStore(results)

    def write(turn: int) -> bool:
        store.put(make_result(make_request(seed=SEED + turn)))
        return runs.write([name], Change(note=f"turn {turn}")) == 1

    return write


def main(what: str, *paths: str) -> None:
    """Prints the number of each turn; ends with an error where one is refused."""
    work = {"read": _reading, "write": _writing}[what](*map(Path, paths))
    turn = 0
    while True:
        if not work(turn):
            raise SystemExit("There is less than there was.")
        print(turn, flush=True)
        turn += 1
        time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
