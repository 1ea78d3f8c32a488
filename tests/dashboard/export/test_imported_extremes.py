"""What is odd and yet allowed in an imported run: every page that shows it draws it."""

from dataclasses import replace

import numpy as np
import pytest

from core import Answer
from core.schema import Token, gather
from core.schema.run_requests import whole_run
from dashboard.export.bundle import bundle
from dashboard.export.bundle_reader import keep_bundle, read_bundle
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import ViewKey

LAYERS = tuple(range(8))


def of_grid(rows, columns, value=1.0):
    def odd(part):
        heat = np.full((len(part.request.maps), rows, columns), value, np.float32)
        return replace(part, heat=heat, squared_deviation=np.abs(heat))

    return odd


def saying(text, *tokens):
    return lambda part: replace(part, answer=Answer(text, tokens))


TURNED = Token(1, "\u202eb", 0.5, (("\x00", 0.1),) * 50, 1, 3)
ODD = {
    "one cell": of_grid(1, 1),
    "one row": of_grid(1, 3_000),
    "many cells": of_grid(300, 400),
    "largest heat": of_grid(2, 3, 3.4e38),
    "least heat": of_grid(2, 3, 1e-45),
    "negative heat": of_grid(2, 3, -5.0),
    "no token": saying("said"),
    "nothing said": saying("", Token(1, "", 0.0, (), 0, 0)),
    "tokens in disorder": saying("a b c", Token(1, "c", 0.5, (), 4, 5), TURNED, Token(1, "a", 1.0, (), 0, 5)),
    "long": saying("ab " * 20_000, *(Token(n, "x" * 1_000, 0.5, (), 3 * n, 3 * n + 2) for n in range(1_024))),
    "control characters": saying("a\x00\x07\x1b[31m\u202eb<b>$x$", Token(1, "a\x00", 0.5, (), 0, 2)),
    "deep": lambda part: replace(part, total_layers=1_000),
}


@pytest.fixture
def imported(ask, explain, storage):
    def put(odd, **changes):
        question = ask(layers=LAYERS, **changes)
        parts = [odd(explain(part, "in the right half")) for part in whole_run(question.request)]
        data = bundle([LoadedRun(gather(parts), question.chosen)])
        (name,) = keep_bundle(read_bundle(data), storage).added
        return name

    return put


@pytest.mark.parametrize("name", ODD)
def test_every_page_draws_it(imported, visit, name):
    run = imported(ODD[name])
    for tab in ("All layers", "Answer tokens", "Parameters", "Concentration over depth"):
        app = visit("compute", run=run, **{ViewKey.TAB: tab})
        assert not app.exception and not app.error, tab
    for page, params in (("compare", {"runs": run}), ("history", {}), ("home", {})):
        app = visit(page, **params)
        assert not app.exception and not app.error, page


@pytest.mark.parametrize("prompt", ["\x00?", "\u202e?", "a\x1b[31m", "$\\frac{1}{0}$ <b>", "x" * 20_000])
def test_odd_prompts_are_shown(imported, visit, prompt):
    run = imported(ODD["one cell"], prompt=prompt)
    assert not visit("compute", run=run).exception and not visit("history").exception


@pytest.mark.parametrize("name", ODD)
def test_it_can_be_taken_along_again(imported, name, storage):
    from dashboard.services.open import open_run

    run = open_run(imported(ODD[name]))
    assert keep_bundle(read_bundle(bundle([run])), storage).known == (run.id,)
