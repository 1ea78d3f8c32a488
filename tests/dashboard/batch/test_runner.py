"""Rows of the batch on the command line, one after the other."""

import logging

from core.engine.model_pool import ModelPool
from dashboard.batch import runner
from dashboard.batch.plan import PlannedRow
from dashboard.batch.runner import COMPUTED, FAILED, BatchTools, run_rows


def test_a_row_that_fails_for_no_known_reason_is_logged_by_its_number_alone(
    tmp_path, ask, chosen, card, storage, explainer, monkeypatch, caplog
):
    path = tmp_path / "secret-name.png"
    path.write_bytes(chosen.data)
    rows = [
        PlannedRow(number, path.name, f"What is in {number}?", image=chosen.picture.digest, path=path)
        for number in (1, 2)
    ]
    compute = runner.compute

    def broken(question, *arguments, **options):
        if question.request.prompt == rows[0].prompt:
            raise ZeroDivisionError
        return compute(question, *arguments, **options)

    monkeypatch.setattr(runner, "compute", broken)
    tools = BatchTools(ask().request, card, storage, ModelPool(1, load=lambda card: explainer), lambda progress: None)
    with caplog.at_level(logging.INFO):
        endings = list(run_rows(rows, tools))
    assert [ending.state for ending in endings] == [FAILED, COMPUTED]
    assert "The row 1 failed." in caplog.text and "ZeroDivisionError" in caplog.text
    assert path.name not in caplog.text and "What is in" not in caplog.text
