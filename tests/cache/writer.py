"""A process for fault tests: puts results for ever (or until an error) and says which are in.

python -m tests.cache.writer FOLDER FIRST_SEED
"""

import sys

from cache import ResultStore, StoreError
from core.schema import ExplainResult
from tests.cache.samples import make_request, make_result

GRID = (40, 60)


def result_of(seed: int) -> ExplainResult:
    """The result that the writer puts under `seed`: 6 layers, about 100 KB."""
    return make_result(make_request(seed=seed, layers=tuple(range(6))), grid=GRID)


def main(folder: str, first: int) -> None:
    """Prints the seed after each put, or the sentence of the error that ends it."""
    store = ResultStore(folder)
    seed = first
    while True:
        try:
            store.put(result_of(seed))
        except StoreError as error:
            print(error, flush=True)
            return
        print(seed, flush=True)
        seed += 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
