"""Words of an answer that mean no object: those of the closed classes, which every answer has.

TAM tags parts of speech for that. A list does without a tagger, leaves out no object that nobody annotated, and is the
same everywhere.
"""

from core.schema import Answer
from core.schema.words import Word, said_words

_ENGLISH = """
a an the this that these those some any each every both all no
and or but nor so yet if as than then while because although
of in on at by to from with without into onto over under above below between behind beside near through across
against around along among toward towards upon within up down off out
is are was were be been being am has have had do does did can could may might must shall should will would
it its he his him she her they their them we our us you your i my me who whom whose which what there here
not very also too just only quite rather
"""
_CHINESE = """
的 了 是 在 和 与 及 或 有 着 也 都 就 但 而 被 把 从 向 对 为 以 于 之 其 这 那 它 他 她 一 个 上 下 里 中 们 很 不
"""
WORDS = frozenset(_ENGLISH.split()) | frozenset(_CHINESE.split())


def silent_words(answer: Answer, most: int) -> list[Word]:
    """At most so many of the answer's words of the closed classes, evenly spread over it."""
    found = [word for word in said_words(answer) if word.text.casefold() in WORDS]
    if len(found) <= most:
        return found
    return [found[number * len(found) // most] for number in range(most)]
