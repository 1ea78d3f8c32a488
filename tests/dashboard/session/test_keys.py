"""Every widget key and address parameter."""

from itertools import combinations

from dashboard.session.keys import BATCH, RUN, RUNS, CompareKey, FormKey, HistoryKey, ViewKey


def test_no_two_parameters_of_one_address_have_one_name():
    pages = [{RUN, RUNS, BATCH}, {*FormKey}, {*ViewKey}, {*CompareKey}]
    assert all(not first & second for first, second in combinations(map(lambda page: set(map(str, page)), pages), 2))
    assert not {RUN, RUNS, BATCH} & set(map(str, HistoryKey))


def test_a_key_is_its_text_in_the_address():
    assert f"{ViewKey.LAYER}" == "layer" and ViewKey("layer") is ViewKey.LAYER
