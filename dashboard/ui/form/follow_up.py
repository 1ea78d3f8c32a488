"""The button that goes on with a run: its question and answer become earlier turns of the next one."""

import streamlit as st

from core import Answer, ExplainError, ExplainRequest
from core.schema.conversation import followed_up
from dashboard.jobs.pictures import ChosenPicture
from dashboard.language import _
from dashboard.session import clicks
from dashboard.session.keys import FormKey
from dashboard.ui.form import uploads
from dashboard.ui.form.conversation_fields import conversation_values
from dashboard.ui.form.draft import WAYS


def follow_up_button(request: ExplainRequest, answer: Answer, pictures: tuple[ChosenPicture, ...]) -> None:
    """Drawn where the answer is one that a question can follow.

    Args:
        request, answer, pictures: of the run that is on display; all of its pictures.
    """
    try:
        order, count = request.picture_first, len(request.all_images)
        turns = followed_up(request.conversation, request.prompt, answer.said_text, count, order)
    except ExplainError:
        return
    st.button(
        _("Ask a follow-up"),
        key="follow-up",
        type="tertiary",
        icon=":material/reply:",
        width="content",
        on_click=_begin,
        args=(pictures, conversation_values(turns)),
        help=_(
            "The next question follows this one: the model reads this question and its answer again before it. Earlier "
            "turns can be changed under Advanced."
        ),
    )


@clicks.whole
def _begin(pictures: tuple[ChosenPicture, ...], turns: dict[FormKey, object]) -> None:
    uploads.take_unless_there(pictures)
    st.session_state[FormKey.TOGETHER] = WAYS[len(pictures) > 1]
    st.session_state[FormKey.PROMPT] = ""
    for key, value in turns.items():
        st.session_state[key] = value
