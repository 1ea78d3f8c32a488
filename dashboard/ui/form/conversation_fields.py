"""What was said before the question: a system prompt, and the turns that a follow-up begins with."""

from typing import Any

import streamlit as st

from core.schema.conversation import Conversation, system_text
from dashboard.formatting import cut, literal
from dashboard.language import _, counted
from dashboard.session import clicks
from dashboard.session.keys import FormKey


def system_field() -> None:
    """What the model is told first."""
    st.text_area(
        _("System prompt"),
        key=FormKey.SYSTEM,
        height=80,
        placeholder=_("You answer in one short sentence."),
        persist_state="session",
        help=_(
            "Told to the model before all else, in place of what its chat template tells it. Empty: what the template "
            "tells, which may be nothing. The embedded model was trained without one."
        ),
    )


def turns_fields() -> None:
    """Every earlier turn, to be changed; nothing is drawn where there is none."""
    turns = _turns()
    if not turns:
        return
    st.markdown(_("**Earlier turns**"), help=_("The model reads them before the question, as if it had said its own."))
    for number, turn in enumerate(turns):
        for part in turn["content"]:
            if isinstance(part, int):
                st.caption(_("Picture {number}", number=part + 1))
        if len(_texts(turn)) == 1:
            # The turns are what counts: they may have become others since the field was drawn.
            st.session_state[_key(number)] = _texts(turn)[0]
            st.text_area(_title(turn, number), key=_key(number), height=68, on_change=_edit, args=(number,))
        else:
            st.caption(_title(turn, number))
            for text in _texts(turn):
                st.text(cut(text))
    with st.container(horizontal=True, key="turn-buttons"):
        st.button(_("Take the last turn away"), key="drop-turn", on_click=_drop_last)
        st.button(_("Take all away"), key="drop-turns", on_click=forget_turns)


def turns_note() -> None:
    """Below the prompt: that it follows earlier turns; nothing is drawn where it does not."""
    turns = _turns()
    if not turns:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="turns-note"):
        words = counted("Follows {count} earlier turn.", "Follows {count} earlier turns.", len(turns))
        st.caption(words, width="content", help=literal(_asked(turns)))
        st.button(_("Start anew"), key="start-anew", type="tertiary", on_click=forget_turns)


@clicks.whole
def forget_turns() -> None:
    """The next question is the first again."""
    st.session_state[FormKey.TURNS] = ()


def conversation_values(conversation: Conversation) -> dict[FormKey, Any]:
    """Field -> what it holds for what was said before a question."""
    system = system_text(conversation)
    plain = bool(conversation) and conversation[0].content == (system,)
    rest = conversation[1:] if plain and conversation[0].role == "system" else conversation
    is_alone = len(rest) < len(conversation)
    return {
        FormKey.SYSTEM: system if is_alone else "",
        FormKey.TURNS: tuple(turn.to_dict() for turn in rest),
    }


def _turns() -> tuple[dict[str, Any], ...]:
    return tuple(st.session_state.get(FormKey.TURNS, ()))


def _texts(turn: dict[str, Any]) -> list[str]:
    return [part for part in turn["content"] if isinstance(part, str)]


def _asked(turns: tuple[dict[str, Any], ...]) -> str:
    return " › ".join(text for turn in turns if turn["role"] == "user" for text in _texts(turn))


def _title(turn: dict[str, Any], number: int) -> str:
    if turn["role"] == "assistant":
        return _("The model, turn {number}", number=number + 1)
    return _("You, turn {number}", number=number + 1) if turn["role"] == "user" else _("System prompt")


def _key(number: int) -> str:
    return f"{FormKey.TURNS}-{number}"


@clicks.whole
def _edit(number: int) -> None:
    turns, typed = list(_turns()), st.session_state.get(_key(number)) or ""
    if number < len(turns):
        turn = turns[number]
        content = [typed if isinstance(part, str) else part for part in turn["content"]]
        turns[number] = {**turn, "content": content}
        st.session_state[FormKey.TURNS] = tuple(turns)


@clicks.whole
def _drop_last() -> None:
    """Takes the last question and its answer away; pictures of it stand beside the next question."""
    turns = _turns()
    is_answered = bool(turns) and turns[-1]["role"] == "assistant"
    st.session_state[FormKey.TURNS] = turns[:-2] if is_answered else turns[:-1]
