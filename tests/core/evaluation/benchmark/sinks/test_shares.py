"""Where the answer's attention goes."""

from core.analysis.artefacts import sinks
from core.evaluation.benchmark.localisation import maps_of
from core.evaluation.benchmark.sinks.shares import shares_of


def test_shares_are_those_of_the_attention_maps(strong, scenes):
    case = scenes[0]
    results = maps_of(strong, case, ["attention", "activation_peak"])
    heat, peaks = results["attention"].heat[1:], results["activation_peak"].heat
    cells = sinks(peaks[4:5], 15.0)
    on_sinks = sum(float(heat[:, row, column].sum()) for row, column in cells)
    found = shares_of(strong, case, 15.0)
    assert abs(found.of_picture - on_sinks / heat.sum()) < 1e-4
    # Of all attention: a row of it sums to 1.
    rows = len(case.target.indices(case.answer)) * len(heat)
    assert abs(found.in_picture - on_sinks / rows) < 1e-4 and found.in_prompt == 0
    assert 0.5 < found.of_picture <= 1 and 0.3 < found.in_picture < found.of_picture
