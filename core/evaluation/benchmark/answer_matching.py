"""Is an answer about a scene right, and which of its phrases have a place in the picture?

The embedded model says no word more than was asked for. Others answer in sentences ("The circle is red."): what
counts is which names they say, of all those that could answer the question.
"""

from core.scenes.drawing import COLORS, SHAPES
from core.scenes.scene import Scene
from core.scenes.wording import CELL_NAMES, CELL_NAMES_ZH, COLORS_ZH, SHAPES_ZH
from core.schema.words import find_phrase

SHORT = ("where", "color", "shape", "at", "where_zh")
DESCRIPTIONS = ("describe_en", "describe_zh")

_NAMES: dict[str, tuple[str, ...]] = {
    "where": CELL_NAMES,
    "color": COLORS,
    "shape": SHAPES,
    "at": (*COLORS, *SHAPES),
    "where_zh": CELL_NAMES_ZH,
    "describe_en": tuple(f"{color} {shape}" for color in COLORS for shape in SHAPES),
    "describe_zh": tuple(color + shape for color in COLORS_ZH for shape in SHAPES_ZH),
}


def right_phrases(scene: Scene, said: str) -> list[str]:
    """The phrases of a right answer that mean something in the picture.

    A short answer is one phrase: it is right if it says the right names, once, and no other that could have been the
    answer. A description is right if it names every object and none that is not there; its phrases are the names
    that it says once. Of words beside the names nothing is asked, those for places in a description included.

    Args:
        scene: its question is of a kind of `SHORT` or `DESCRIPTIONS`.

    Returns:
        [] where the answer is wrong, or speaks of nothing that is there.
    """
    names = _NAMES[scene.kind]
    told = {name for name in names if find_phrase(said, name)}
    if scene.kind in DESCRIPTIONS:
        there = [phrase for phrase in scene.masks if phrase in names]
        return [phrase for phrase in there if len(find_phrase(said, phrase)) == 1] if told == set(there) else []
    if scene.answer not in scene.masks or told != {name for name in names if find_phrase(scene.answer, name)}:
        return []
    return [scene.answer] if len(find_phrase(said, scene.answer)) == 1 else []
