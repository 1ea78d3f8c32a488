"""Which word of an answer is looked at more closely; the choice stands in the address."""

from collections.abc import Sequence

import streamlit as st

from dashboard.formatting import literal, short
from dashboard.language import _


def word_choice(words: Sequence[str], key: str) -> int:
    """The index of the chosen one, the first unless another was chosen."""
    labels = [literal(f"{number}: {short(word, 24)}") for number, word in enumerate(words, 1)]
    picked = st.pills(
        _("Look at one word"),
        range(len(labels)),
        format_func=labels.__getitem__,
        default=0,
        required=True,
        key=key,
        bind="query-params",
    )
    return picked or 0
