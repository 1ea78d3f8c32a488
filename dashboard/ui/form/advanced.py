"""Everything else that can be asked, under one heading that says what of it is not as recommended."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import METHODS
from core.schema import MAX_NEW_TOKENS
from core.schema.layers import LAYER_CHOICES
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.language import _
from dashboard.session.keys import FormKey
from dashboard.ui.form.answer_fields import answer_fields
from dashboard.ui.form.conversation_fields import system_field, turns_fields
from dashboard.ui.form.draft import Draft
from dashboard.ui.form.method_fields import layer_fields, method_field, tap_field, where_field
from dashboard.ui.form.noise_fields import noise_fields, samples_of
from dashboard.ui.form.recommended import advanced_title, held
from dashboard.ui.form.resolution import LIMIT, USUAL, budget, resolution_field
from dashboard.ui.form.target_fields import target_fields, target_of
from dashboard.ui.form.video.fields import video_fields


def advanced_fields(prompt: str, *, may_settle: bool = True) -> Draft:
    """The fields, drawn only while they are open; with the prompt they make the draft, whether they are drawn or not.

    Args:
        may_settle: whether a run may end early, and several answers be asked for. Not the rows of a batch: what each
            will be called is known before.
    """
    # An expander whose title changes becomes another one, closed as all are at first. Its state is given to it.
    st.session_state[FormKey.ADVANCED] = st.session_state.get(FormKey.ADVANCED, False)
    title = advanced_title(held(), may_settle=may_settle)
    at = st.expander(title, key=FormKey.ADVANCED, on_change="rerun")
    # Each kind of field makes a browser load some files more, and most people never look here.
    if at.open:
        with at:
            _fields(may_settle)
    return _draft(prompt or "", held(), may_settle)


def _fields(may_settle: bool) -> None:
    if may_settle:
        video_fields()  # rows of a batch have no video of their own to look at
    method = METHODS[method_field()]
    where = where_field() if method.has_tap else "decoder"
    if method.per_layer:
        layer_fields(where)
    if method.has_tap:
        tap_field()
    target_fields()
    noise_fields(may_settle)
    _order_field()
    system_field()
    if may_settle:
        turns_fields()  # rows of a batch follow nothing
    st.number_input(
        _("Longest answer, tokens"),
        min_value=1,
        max_value=MAX_NEW_TOKENS,
        key=FormKey.MAX_NEW_TOKENS,
        persist_state="session",
        help=_("The answer is cut there. Where the whole answer is explained, the map is of what is left of it."),
    )
    answer_fields(may_repeat=may_settle)
    resolution_field()


def _draft(prompt: str, form: Mapping[FormKey, Any], may_settle: bool) -> Draft:
    method = METHODS[form[FormKey.METHOD]]
    return Draft(
        prompt=prompt,
        layers=form[FormKey.LAYERS] if method.per_layer else LAYER_CHOICES[0],
        custom_layers=form[FormKey.CUSTOM_LAYERS] if method.per_layer else "",
        target=target_of(form),
        num_samples=samples_of(form),
        noise_std=float(form[FormKey.NOISE]),
        seed=int(form[FormKey.SEED]),
        method=method.name,
        tap=form[FormKey.TAP] if method.has_tap else "input",
        max_new_tokens=int(form[FormKey.MAX_NEW_TOKENS]),
        visual_tokens=int(form[FormKey.VISUAL_TOKENS]) if form[FormKey.RESOLUTION] == LIMIT else None,
        budget=budget() if form[FormKey.RESOLUTION] == USUAL else None,
        settle=may_settle and form[FormKey.SETTLE],
        picture_first=form[FormKey.PICTURE_FIRST] == PICTURE_POSITIONS[True],
        where=form[FormKey.WHERE] if method.has_tap else "decoder",
        temperature=float(form[FormKey.TEMPERATURE]),
        top_p=float(form[FormKey.TOP_P]),
        answer_seed=int(form[FormKey.ANSWER_SEED]),
        answers=int(form[FormKey.ANSWERS]) if may_settle else 1,
        system=form[FormKey.SYSTEM] or "",
        turns=tuple(form[FormKey.TURNS]) if may_settle else (),
    )


def _order_field() -> None:
    st.selectbox(
        _("The picture stands"),
        tuple(PICTURE_POSITIONS.values()),
        format_func=_,
        key=FormKey.PICTURE_FIRST,
        persist_state="session",
        help=_(
            "Before: what the layers hold at the picture's tokens is the same whatever is asked, and only gradients "
            "carry the question into the map. After: the picture's tokens have read the question, so that the map of "
            "each layer can follow it. The model may answer differently, too; the embedded one was trained with the "
            "picture before the prompt."
        ),
    )
