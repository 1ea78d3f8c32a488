"""What the form begins with, and what of it somebody has changed: the line that stands on Advanced."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core import DEFAULT_METHOD, METHODS
from core.schema.layers import LAYER_CHOICES
from core.schema.target import DEFAULT_SCORE
from dashboard.formatting import PICTURE_POSITIONS, literal, short
from dashboard.language import N_, _, counted, listed
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import CUSTOM, SAMPLE_PRESETS
from dashboard.ui.form.resolution import FULL, LIMIT, USUAL
from dashboard.ui.form.target_fields import ALL, SENTENCE
from dashboard.ui.form.video.fields import SAMPLING, changed_sampling, videos_in_form

RECOMMENDED: dict[FormKey, Any] = {
    FormKey.METHOD: DEFAULT_METHOD,
    FormKey.WHERE: "decoder",
    FormKey.LAYERS: LAYER_CHOICES[0],
    FormKey.TARGET: "answer",
    FormKey.SCORE: DEFAULT_SCORE,
    FormKey.SAMPLES: "Standard 10",
    FormKey.CUSTOM_SAMPLES: 10,
    FormKey.SETTLE: False,
    FormKey.NOISE: 0.15,
    FormKey.SEED: 0,
    FormKey.PICTURE_FIRST: PICTURE_POSITIONS[True],
    FormKey.SYSTEM: "",
    FormKey.TAP: "input",
    FormKey.MAX_NEW_TOKENS: 128,
    FormKey.TEMPERATURE: 0.0,
    FormKey.TOP_P: 1.0,
    FormKey.ANSWER_SEED: 0,
    FormKey.ANSWERS: 1,
    FormKey.RESOLUTION: USUAL,
    FormKey.VISUAL_TOKENS: 1280,
}
"""What fields under Advanced hold at first."""

BLANK: dict[FormKey, Any] = {
    FormKey.TURNS: (),
    FormKey.CUSTOM_LAYERS: "",
    FormKey.SENTENCE: "",
    FormKey.PART: "answer",
    FormKey.PHRASE: "",
    FormKey.OCCURRENCE: 1,
    FormKey.FIRST_TOKEN: 0,
    FormKey.LAST_TOKEN: None,
    FormKey.POSITION: 0,
    FormKey.INSTEAD: "",
}
"""What those hold that stand there only because of a choice in another one."""

_LAYERS = {
    "auto": N_("six layers"),
    "early": N_("the early third"),
    "middle": N_("the middle third"),
    "late": N_("the late third"),
}
_TARGETS = {
    "thought": N_("the thought before the answer"),
    ALL: N_("thought and answer"),
    "words": N_("a phrase of the answer"),
    "tokens": N_("some tokens of the answer"),
    "contrast": N_("why this and not that"),
    SENTENCE: N_("a sentence of mine"),
}


def set_defaults() -> None:
    """Fills in what is recommended where nothing is filled in yet; to be called before the form is drawn.

    A widget may have its value from the session or from its own default, not from both.
    """
    for key, value in RECOMMENDED.items():
        st.session_state.setdefault(key, value)


def held() -> dict[FormKey, Any]:
    """What the fields under Advanced hold, those that are not drawn too; by their keys."""
    beginning = RECOMMENDED | BLANK
    if videos_in_form():
        beginning |= SAMPLING
    return {key: st.session_state.get(key, value) for key, value in beginning.items()}


def advanced_title(form: Mapping[str, Any], *, may_settle: bool = True) -> str:
    """What Advanced holds, and what of it is not as recommended; for an element that reads markdown.

    Args:
        form: what the fields hold, by their keys; those that are missing hold what is recommended.
        may_settle: see `changes`.
    """
    changed = changes(form, may_settle=may_settle)
    if not changed:
        return _("Advanced: all as recommended :small[:gray[(method, layers, what is explained, noise, limits)]]")
    return _("Advanced: {changes} :small[:gray[(all else as recommended)]]", changes=listed(changed))


def changes(form: Mapping[str, Any], *, may_settle: bool = True) -> list[str]:
    """What is not as recommended, a few words each; fields that have no effect beside the others are not looked at.

    Args:
        form: as of `advanced_title`.
        may_settle: whether the form offers that a run ends early, and several answers.
    """
    held = RECOMMENDED | form
    changed = {key for key, value in RECOMMENDED.items() if held[key] != value}
    words = [*_about_method(held, changed), *_about_target(held, changed)]
    words += _about_noise(held, changed, may_settle)
    if FormKey.PICTURE_FIRST in changed:
        words.append(_("the picture after the prompt"))
    words += _about_conversation(held, may_settle)
    if FormKey.MAX_NEW_TOKENS in changed:
        words.append(_("longest answer {count}", count=held[FormKey.MAX_NEW_TOKENS]))
    words += _about_answer(held, changed, may_settle)
    if held[FormKey.RESOLUTION] == FULL:
        words.append(_("full resolution"))
    if held[FormKey.RESOLUTION] == LIMIT:
        words.append(_("at most {count} visual tokens", count=held[FormKey.VISUAL_TOKENS]))
    return words + changed_sampling(form)


def _about_conversation(held: Mapping[str, Any], with_turns: bool) -> list[str]:
    words = [_("a system prompt")] if (held[FormKey.SYSTEM] or "").strip() else []
    turns = held.get(FormKey.TURNS, ())
    if turns and with_turns:
        words.append(counted("{count} earlier turn", "{count} earlier turns", len(turns)))
    return words


def _about_method(held: Mapping[str, Any], changed: set[FormKey]) -> list[str]:
    method = METHODS[held[FormKey.METHOD]]
    words = [_(method.title)] if FormKey.METHOD in changed else []
    if method.has_tap and FormKey.WHERE in changed:
        words.append(_("vision tower"))
    if method.per_layer and held[FormKey.LAYERS] == CUSTOM:
        typed = literal(short(held.get(FormKey.CUSTOM_LAYERS) or "", 40))
        words.append(_("layers {typed}", typed=typed) if typed else _("layers of my choice"))
    elif method.per_layer and FormKey.LAYERS in changed:
        words.append(_(_LAYERS[held[FormKey.LAYERS]]))
    if method.has_tap and FormKey.TAP in changed:
        words.append(_("read at the output"))
    return words


def _about_target(held: Mapping[str, Any], changed: set[FormKey]) -> list[str]:
    words = [_(_TARGETS[held[FormKey.TARGET]])] if FormKey.TARGET in changed else []
    kind = held.get(FormKey.PART) if held[FormKey.TARGET] == SENTENCE else held[FormKey.TARGET]
    if FormKey.SCORE in changed and kind != "contrast":
        words.append(_("score {name}", name=held[FormKey.SCORE]))
    return words


def _about_answer(held: Mapping[str, Any], changed: set[FormKey], may_settle: bool) -> list[str]:
    if FormKey.TEMPERATURE not in changed:
        return []
    words = [_("temperature {temperature:g}", temperature=held[FormKey.TEMPERATURE])]
    if FormKey.TOP_P in changed:
        words.append(_("top-p {top_p:g}", top_p=held[FormKey.TOP_P]))
    if FormKey.ANSWER_SEED in changed:
        words.append(_("answer's seed {seed}", seed=held[FormKey.ANSWER_SEED]))
    if may_settle and FormKey.ANSWERS in changed:
        words.append(counted("{count} answer", "{count} answers", held[FormKey.ANSWERS]))
    return words


def _about_noise(held: Mapping[str, Any], changed: set[FormKey], may_settle: bool) -> list[str]:
    if not held[FormKey.NOISE]:
        return [_("no noise")]
    choice = held[FormKey.SAMPLES]
    count = held[FormKey.CUSTOM_SAMPLES] if choice == CUSTOM else SAMPLE_PRESETS[choice]
    words = []
    if count != SAMPLE_PRESETS[RECOMMENDED[FormKey.SAMPLES]]:
        words.append(counted("{count} sample", "{count} samples", count))
    if may_settle and held[FormKey.SETTLE]:
        words.append(_("stops when steady"))
    if FormKey.NOISE in changed:
        words.append(_("noise {noise:g}", noise=held[FormKey.NOISE]))
    if FormKey.SEED in changed:
        words.append(_("seed {seed}", seed=held[FormKey.SEED]))
    return words
