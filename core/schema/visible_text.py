"""Text as it is shown to people: characters that show nothing, or turn around what stands beside them, are named.

"gnp.⟪U+202E⟫photo" instead of what a browser makes of it. Stored and exported text stays as it was typed.
"""

import re

# Control characters but tab and line feed; what begins, ends or marks a direction; joiners, blanks of no width, soft
# hyphens, fillers, selectors of variants, tags; separators of lines; halves of surrogate pairs; no characters at all.
_HIDDEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

_EMOJI = "\u00a9\u00ae\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_KEYS = "#*0-9"
_JOINED = (
    # Scripts in which joiners decide how letters look: Arabic and its neighbours, those of India, Tibet, Burma, the
    # Khmer and the Mongols.
    "\u0620-\u06ff\u0700-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua8ff\ua9e0-\ua9ff\uaa60-\uaa7f"
    "\uabc0-\uabff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010a00-\U00010a5f\U00011000-\U00011fff"
)
_FLAGS = ("gbeng", "gbsct", "gbwls")

# Where such a character belongs to what stands before it, it is part of how that looks.
_BELONGS = re.compile(
    "|".join(
        (
            r"\r(?=\n)",
            rf"(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])",
            rf"(?<=[{_JOINED}])[\u200c\u200d](?![\u200c\u200d])",
            rf"(?<=[{_EMOJI}{_KEYS}])[\ufe0e\ufe0f]",
            "(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]",
            "(?<=[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe02\U000e0100-\U000e01ef]",
            "(?<=[\u1100-\u115e])\u1160|\u115f(?=[\u1160-\u11a7])",  # an old Korean syllable without one of its parts
            *("\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in name) + "\U000e007f" for name in _FLAGS),
        )
    )
)


def visible(text: str) -> str:
    """The text, with every character that cannot be seen named by its number: "a⟪U+200B⟫b".

    Emoji stay whole, and so does the ordinary text of all scripts, written from right to left or with joiners.
    """
    if _HIDDEN.search(text) is None:
        return text
    shown, at = [], 0
    for kept in _BELONGS.finditer(text):
        shown += [_HIDDEN.sub(_name, text[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*shown, _HIDDEN.sub(_name, text[at:])])


def _name(found: re.Match[str]) -> str:
    return f"\u27eaU+{ord(found[0]):04X}\u27eb"
