"""Sources as BibTeX, held to those that the list of methods names."""

import re

import pytest

from core.rendering.paper.citations import REFERENCES, bibtex, of_method, of_result
from core.schema.methods import METHODS

OWN = {"gradient_deviation", "attention"}
"""Methods that are this project's own, or nobody's in particular."""


@pytest.mark.parametrize("method", [name for name in METHODS if name not in OWN])
def test_every_method_cites_what_the_list_of_methods_names(method):
    keys, source = of_method(method), METHODS[method].source
    assert keys
    for key in keys:
        first, year = re.match(r"([a-z]+)(\d{4})", key).groups()
        assert first in source.lower().replace("-", "") and year in source
        number = re.search(r"arXiv:(\d{4}\.\d{5})", REFERENCES[key].fields.get("journal", ""))
        assert number is None or number[1] in source


@pytest.mark.parametrize("key", REFERENCES)
def test_entries_are_whole(key):
    reference = REFERENCES[key]
    entry = reference.bibtex(key)
    assert entry.startswith(f"@{reference.kind}{{{key},\n") and entry.count("{") == entry.count("}")
    assert {"author", "title", "year"} <= reference.fields.keys() and key.count(reference.fields["year"]) == 1
    assert reference.fields["year"] in reference.short and reference.fields["author"].isascii()
    family = reference.fields["author"].split(",")[0].strip("{}")
    assert reference.short.startswith(family) and key.startswith(family.lower())


def test_entries_stand_once_and_smoothgrad_where_there_is_noise(make_result):
    keys = of_result(make_result(method="gradcam"))
    assert keys == ("selvaraju2017gradcam", "smilkov2017smoothgrad")
    assert of_result(make_result(method="gradient_deviation", noise_std=0)) == ()
    assert bibtex([*keys, *keys]).count("@") == 2 and bibtex(()) == ""
