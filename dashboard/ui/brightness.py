"""The choice which of a picture's own values become black and white, where it holds more than 8 bits a channel."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core import Brightness, InputError
from dashboard.language import N_, _, sentence
from dashboard.session import clicks

WORDS = {
    "auto": N_("Automatic"),
    "full": N_("Full range"),
    "percentiles": N_("Percentiles"),
    "range": N_("Own range"),
}
"""What the kinds of `Brightness` are called."""


def brightness_field(
    key: str,
    chosen: Brightness,
    value_range: tuple[float, float] | None,
    on_choice: Callable[..., None],
    *arguments: Any,
) -> None:
    """The choice, and two numbers where it is the person's own range.

    Args:
        key: of the widgets.
        chosen: what holds now.
        value_range: the values that are black and white now; an own range begins with them.
        on_choice: is called with a new choice and with `arguments`, before the page is drawn again.
    """
    kind = st.selectbox(
        _("Brightness"),
        tuple(WORDS),
        tuple(WORDS).index(chosen.kind),
        format_func=lambda kind: _(WORDS[kind]),
        key=key,
        on_change=_choose_kind,
        args=(key, value_range, on_choice, arguments),
        help=_(
            "The picture has more than 8 bits a channel, and the model sees 8. Automatic: as the file says or, where "
            "it says nothing, by percentiles. Full range: all that the file can hold. Percentiles: its own values, but "
            "for the outermost of a thousand on either side. Own range: the values that you say, for example a window "
            "of a CT."
        ),
    )
    if kind != "range" or chosen.kind != "range":
        return
    low_at, high_at = st.columns(2, gap="small")
    change = dict(on_change=_choose_range, args=(key, on_choice, arguments), format="%g", step=None)
    with low_at:
        st.number_input(_("Black"), value=chosen.low, key=f"{key}-low", **change)
    with high_at:
        st.number_input(_("White"), value=chosen.high, key=f"{key}-high", **change)
    if problem := st.session_state.pop(f"{key}-problem", None):
        st.error(sentence(problem))


@clicks.whole
def _choose_kind(key: str, value_range: tuple[float, float] | None, on_choice: Callable, arguments: tuple) -> None:
    kind = st.session_state[key]
    low, high = value_range or (0.0, 1.0)
    if kind != "range":
        on_choice(Brightness(kind), *arguments)
    else:
        on_choice(Brightness(kind, low, max(high, low + 1e-6 * max(1.0, abs(low)))), *arguments)


@clicks.whole
def _choose_range(key: str, on_choice: Callable, arguments: tuple) -> None:
    low, high = st.session_state[f"{key}-low"], st.session_state[f"{key}-high"]
    try:
        on_choice(Brightness("range", low, high), *arguments)
    except InputError as error:
        st.session_state[f"{key}-problem"] = str(error)
