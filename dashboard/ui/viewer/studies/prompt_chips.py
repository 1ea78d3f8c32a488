"""The prompt as chips, coloured by each word's share of the heat; the number stands beside the word.

A component of its own, as the answer's chips are: its script sets every text as text, and it sends nothing back.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.schema.words import Word
from dashboard.formatting import short
from dashboard.language import N_, _
from dashboard.ui.drawing.scripts import VALUES, joined

_LONGEST = 40
_WORDS = {"list": N_("Words of the prompt, with their share of the heat"), "word": N_("{text}: {share} of the heat")}
_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_prompt",
    html='<div class="chips" role="list"></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=joined(VALUES, _HERE.with_suffix(".js")),
)


def prompt_chips(words: Sequence[Word], shares: Sequence[float]) -> None:
    """Words in their order, the strongest with all of the colour.

    Args:
        shares: of the whole, one for each word.
    """
    most = max(shares, default=0.0) or 1.0
    chips = [
        {"text": short(word.text, _LONGEST), "share": f"{100 * share:.1f} %", "strength": share / most}
        for word, share in zip(words, shares, strict=True)
    ]
    _component(key="prompt-chips", data={"chips": chips, "words": {name: _(text) for name, text in _WORDS.items()}})
