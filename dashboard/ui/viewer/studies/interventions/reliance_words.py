"""What a word rests on, in a sentence."""

from core.interventions.reliance_report import KINDS, Kind, Reliance, WordReliance
from dashboard.language import N_, _

_SAID: dict[Kind, str] = {
    "picture hardly matters": N_("The picture hardly matters for this word."),
    "rests on the picture": N_("This word rests on the picture."),
    "rests on the question": N_("This word rests on the question more than on the picture."),
    "rests on the answer so far": N_("This word rests on what the answer says before it more than on the picture."),
}
if set(_SAID) != set(KINDS):
    raise RuntimeError("a word rests on something that no sentence says")


def said_of(word: WordReliance) -> str:
    """A sentence on what a word rests on."""
    return _(_SAID[word.kind])


def rests_of(found: Reliance, start: int, stop: int) -> WordReliance:
    """What some tokens of an answer rest on together, in nats.

    Args:
        start, stop: the first, and one past the last.
    """
    own = found.tokens[start:stop]
    return WordReliance(
        "".join(each.text for each in own),
        start,
        stop,
        picture=sum(each.picture_mean for each in own),
        question=sum(each.question for each in own),
        so_far=sum(each.so_far for each in own),
    )
