"""Words that mean no object, found without a tagger."""

from core.evaluation.protocol.silent_words import silent_words
from tests.core.answers import make_answer


def test_words_of_closed_classes_are_found_whatever_their_case():
    answer = make_answer("The", " dog", " is", " on", " a", " sofa", ".")
    assert [word.text for word in silent_words(answer, 10)] == ["The", "is", "on", "a"]


def test_at_most_so_many_are_taken_evenly_spread():
    answer = make_answer("The", " dog", " is", " on", " a", " sofa", ".")
    assert [word.text for word in silent_words(answer, 2)] == ["The", "on"]
    assert silent_words(answer, 0) == []
