import json

import pytest

from core.errors import InputError
from core.evaluation.datasets.names import names_beside, phrases_of, plural, read_synonyms

PLURALS = {
    "dog": "dogs",
    "bus": "buses",
    "bench": "benches",
    "toothbrush": "toothbrushes",
    "wine glass": "wine glasses",
    "berry": "berries",
    "toy": "toys",
    "person": "people",
    "human": "humans",
    "woman": "women",
    "mouse": "mice",
    "sheep": "sheep",
    "scissors": "scissors",
    "potted plant": "potted plants",
    "TV": "TVs",
    "红色圆形": "红色圆形",
    "forty-2": "forty-2",
    "": "",
}


@pytest.mark.parametrize("name", PLURALS)
def test_plurals_of_names(name):
    assert plural(name) == PLURALS[name]


def test_a_category_is_named_by_its_plural_its_synonyms_and_theirs_each_once():
    synonyms = {"person": ("man", "People", "man")}
    assert phrases_of("Person", synonyms) == ("Person", "people", "man", "men", "People", "Peoples")
    assert phrases_of("wine  glass") == ("wine glass", "wine glasses")
    assert phrases_of("dog", synonyms) == ("dog", "dogs")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("traffic_light", "traffic lights"),
        ("bow_(decorative_ribbons)", "bow"),
        ("wall-other-merged", "wall"),
        ("tree-merged", "trees"),
        ("floor-wood", "wood floor"),
    ],
)
def test_spellings_of_data_sets_are_read_as_words(name, said):
    assert phrases_of(name)[0] == name
    assert said in phrases_of(name)


def test_names_of_other_things_that_hold_the_phrase():
    others = ("hot dog", "hot dogs", "cat", "hotdogs", "Dog", "dog house", "hot dog")
    assert names_beside(("dog", "dogs"), others) == ("hot dog", "hot dogs", "dog house")


def test_synonyms_are_read_whatever_the_case_of_their_names(tmp_path):
    path = tmp_path / "synonyms.json"
    path.write_text(json.dumps({"Person": ["man", "女人"], "cup": []}), "utf-8")
    assert read_synonyms(path) == {"person": ("man", "女人"), "cup": ()}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "are no JSON"),
        (b"\xff\xfe\x00", "are no JSON"),
        (b"[" * 100_000, "are no JSON"),
        (b'["man"]', "Synonyms are written as"),
        (b'{"person": "man"}', "has 'man' for 'person'"),
        (b'{"person": ["man", 3]}', "Synonyms are written as"),
        (b'{"person": [" "]}', "Synonyms are written as"),
    ],
)
def test_a_file_of_synonyms_that_is_none_is_refused_in_a_sentence(tmp_path, data, sentence):
    path = tmp_path / "synonyms.json"
    path.write_bytes(data)
    with pytest.raises(InputError, match=sentence):
        read_synonyms(path)


def test_a_file_of_synonyms_that_is_missing_is_said(tmp_path):
    with pytest.raises(InputError, match="The synonyms 'none.json' cannot be read"):
        read_synonyms(tmp_path / "none.json")
