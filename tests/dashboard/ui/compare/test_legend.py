"""The table of the runs that are compared: columns for what differs, and for the rest on request."""

from dataclasses import replace

import pytest

from core.schema.target import SCORES, Target
from dashboard.services.open import open_run
from dashboard.session.keys import CompareKey
from dashboard.ui.compare.legend import legend_rows
from dashboard.ui.compare.measures import lettered
from tests.dashboard.pages import texts

BASE = {"prompt": "Where?", "layers": (2, 5)}


@pytest.mark.parametrize(
    ("other", "differs"),
    [
        ({"prompt": "What?"}, {"Prompt": ["Where?", "What?"]}),
        ({"method": "attention"}, {"Method": ["Gradient deviation", "Attention"]}),
        ({"tap": "output"}, {"Tap": ["input", "output"]}),
        ({"num_samples": 4}, {"Samples": ["10", "4"]}),
        ({"noise_std": 0.0}, {"Noise": ["0.15", "none"]}),
        ({"seed": 7}, {"Seed": ["0", "7"]}),
        ({"max_new_tokens": 9}, {"Longest answer": ["128 tokens", "9 tokens"]}),
        ({"max_pixels": 50_000}, {"Resolution": ["the model's own", "at most 50,000 pixels"]}),
        ({"layers": (5,)}, {"Layers or blocks": ["2, 5 (of 8)", "5 (of 8)"]}),
    ],
)
def test_there_is_a_column_for_what_differs_and_for_nothing_else(stored, other, differs):
    assert legend_rows(lettered([open_run(stored(**BASE)), open_run(stored(**BASE | other))])) == differs


def test_targets_and_parts_are_told_apart(stored):
    target = Target.words("right", score="logprob")
    runs = lettered([open_run(stored(**BASE)), open_run(stored(**BASE, target=target))])
    assert legend_rows(runs) == {
        "Explained": [each.run.request.target.describe() for each in runs],
        "Score": [SCORES["logit"], SCORES["logprob"]],
    }
    tower = legend_rows(
        lettered([open_run(stored(**BASE)), open_run(stored(**BASE | {"layers": (2, 3)}, part="tower"))])
    )
    assert tower == {"Part": ["Decoder", "Vision tower"], "Layers or blocks": ["2, 5 (of 8)", "2-3 (of 4)"]}


def test_models_of_one_name_are_told_apart_by_their_fingerprints(stored):
    first = open_run(stored(**BASE))
    other = replace(first.result, request=replace(first.request, model="f" * 64))
    runs = [first, replace(first, result=other)]
    assert list(legend_rows(lettered(runs))) == ["Model fingerprint"]
    runs[1] = replace(runs[1], record=replace(runs[1].record, model_name="another"))
    assert legend_rows(lettered(runs)) == {"Model": ["embedded", "another"]}


def test_pictures_of_one_name_are_told_apart_by_their_content(stored):
    first = open_run(stored(**BASE))
    other = replace(first.result, request=replace(first.request, image="f" * 64))
    (names,) = legend_rows(lettered([first, replace(first, result=other)])).values()
    assert names[1] == "two-halves.png, 84 × 56 pixels (ffffff)" and names[0] != names[1]


def test_the_rest_stands_there_on_request(visit, stored):
    app = visit("compare", runs=f"{stored(**BASE)},{stored(**BASE, seed=7)}")
    assert list(app.dataframe[0].value) == ["", "Seed"] and "Prompt of all: Where?" in texts(app)
    app.toggle(key=CompareKey.PARAMETERS).set_value(True).run()
    names = list(app.dataframe[0].value)
    assert names[:2] == ["", "Seed"] and {"Prompt", "Method", "Part", "Samples", "Noise", "Cells", "Run"} < set(names)
    assert len(names) == len(set(names)) and not app.exception


def test_a_run_by_itself_says_what_it_is(visit, stored):
    assert list(visit("compare", runs=stored()).dataframe[0].value) == ["", "Prompt", "Answer", "Method"]
