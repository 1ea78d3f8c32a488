"""Every page, opened by addresses whose parameters hold anything at all."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.session import keys
from tests.dashboard.pages import sentences
from tests.some import some

NAMES = {
    "home": (keys.RUN,),
    "compute": (keys.RUN, keys.RUNS, keys.BATCH, *keys.ViewKey),
    "compare": (keys.RUN, keys.RUNS, *keys.CompareKey),
    "history": (keys.RUN, keys.RUNS, *keys.HistoryKey),
    "batch": (keys.BATCH, keys.RUN),
}
"""The parameters that mean something, page by page."""

# In every parameter of a page at once, the longest make an address of 400 kB; a server takes 64.
WRONG = (
    *("", "\0", "7", "-1", "0", "1e400", "-1e400", "nan", "9" * 400, "١٢٣", "²", "true", "[[[[", "a" * 15_000),
    *(
        "../../etc/passwd",
        "<b>x</b>",
        "$x$ **b** `c`",
        "\u202egnp.exe",
        "\ufffd",
        "🙂" * 50,
        "2026-13-45",
        "9999-12-31",
    ),
    *("0" * 16, ",,", "0,0;0,0", "0.1,0.2;0.3,0.4", "nan,nan;nan,nan", "'; DROP TABLE runs; --", "%"),
)


@pytest.fixture
def runs(stored) -> tuple[str, str]:
    """Two runs to be named by an address."""
    return stored(prompt="a cat"), stored(prompt="a dog", method="gradcam")


def opened(visit, page, params):
    app = visit(page, **params)
    assert not app.exception, f"{page} {params}: {[error.value for error in app.exception]}"
    assert len(app.main.children) > 0 and sentences(app) is not None
    return app


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: ascii(value)[:24])
def test_one_wrong_value_in_every_parameter(visit, runs, wrong):
    for page, names in NAMES.items():
        opened(visit, page, dict.fromkeys(map(str, names), wrong))


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: ascii(value)[:24])
def test_one_wrong_value_in_every_parameter_of_a_run_that_is_there(visit, runs, wrong):
    there = {"compute": {keys.RUN: runs[0]}, "compare": {keys.RUNS: ",".join(runs)}}
    for page, named in some(there.items()):
        app = opened(visit, page, dict.fromkeys(map(str, NAMES[page]), wrong) | named)
        assert "a cat" in "\n".join([sentences(app), *(text.value for text in app.text)]) + str(
            [table.value for table in app.dataframe]
        )


@pytest.mark.parametrize("page", NAMES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_values_in_any_parameters(visit, runs, page, data):
    value = st.one_of(st.sampled_from((*WRONG, *runs)), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
    opened(visit, page, data.draw(st.dictionaries(st.sampled_from([str(name) for name in NAMES[page]]), value)))
