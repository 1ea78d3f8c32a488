"""Each kind of folder loads or is refused as its row in docs/models.md says."""

import tempfile
from pathlib import Path

import pytest

from tests.core.models.folders.table import Kind, all_kinds, in_page, outcome_of

KINDS = all_kinds()


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_kind_of_folder(kind: Kind):
    with tempfile.TemporaryDirectory() as folder:  # with a short name: sentences cut long ones
        outcome = outcome_of(kind, Path(folder))
    assert bool(outcome.when) == bool(kind.refused), outcome
    if kind.refused:
        assert kind.refused in outcome.said and outcome.when == ("loaded" if kind.at_load else "described")
        assert outcome.said.endswith(".") and "Traceback" not in outcome.said and "\n" not in outcome.said
    else:
        assert outcome.name == (kind.shown_as or outcome.name)
    assert f"| {kind.name} | {outcome.words.replace('|', '/')} |" in in_page()


def test_the_page_holds_these_kinds_and_no_others():
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names))
    rows = [line.split(" | ")[0].removeprefix("| ") for line in in_page().splitlines() if line.startswith("| ")]
    assert [row for row in rows if row != "what people have"] == names
