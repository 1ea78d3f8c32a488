"""The two fields that everybody fills in beside the picture: what is asked, and by which model."""

import streamlit as st

from core.models.checkpoints import EMBEDDED
from core.models.options import SEPARATOR, split_options
from dashboard.language import _
from dashboard.session.keys import FormKey
from dashboard.ui.banners import EMBEDDED_LIMITS, FULL_MODELS


def prompt_field() -> str:
    """What is asked."""
    return st.text_area(
        _("Prompt"),
        key=FormKey.PROMPT,
        height=80,
        placeholder=_("What do you ask about the picture or video? Any language will do."),
        persist_state="session",
    )


def model_field(choices: tuple[str, ...]) -> str:
    """The choice of the model, and what the embedded one cannot do; where there is but one, no field for it."""
    if len(choices) == 1:
        st.session_state.pop(FormKey.MODEL, None)
        model = choices[0]
        st.caption(_("Model: {model}", model=_title(model)), help=_(FULL_MODELS))
    else:
        model = st.selectbox(
            _("Model"), choices, format_func=_title, key=FormKey.MODEL, persist_state="session", help=_(FULL_MODELS)
        )
    if model == EMBEDDED:
        st.caption(_(EMBEDDED_LIMITS))
    return model


def _title(choice: str) -> str:
    name, options = split_options(choice)
    title = _("Embedded (coloured shapes)") if name == EMBEDDED else name
    return f"{title} ({str(options).replace(SEPARATOR, ', ')})" if options else title
