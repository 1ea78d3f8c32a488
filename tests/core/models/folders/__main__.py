"""`python -m tests.core.models.folders`: what becomes of each kind of folder, written into docs/models.md."""

import tempfile
from pathlib import Path

import tests.conftest  # noqa: F401  (sets the same environment as for tests)
from tests.core.models.folders.table import all_kinds, outcome_of, write

if __name__ == "__main__":
    outcomes = {}
    for kind in all_kinds():
        with tempfile.TemporaryDirectory() as folder:
            outcomes[kind.name] = outcome_of(kind, Path(folder))
        print(f"{kind.name}: {outcomes[kind.name].words}")
    write(outcomes)
