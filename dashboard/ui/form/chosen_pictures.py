"""The pictures in the form, large, while there is no map of them; and what to do next."""

from collections.abc import Sequence

import streamlit as st

from dashboard.formatting import visible
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.videos import ChosenVideo
from dashboard.language import _, counted
from dashboard.session.keys import FormKey
from dashboard.ui import images
from dashboard.ui.form.video.preview import sheet

SMALLER = 240
"""Height in pixels that each of several pictures takes at most."""


def chosen_pictures_panel(pictures: Sequence[ChosenPicture]) -> None:
    """The pictures, and a sentence that says what to do."""
    asked = bool((st.session_state.get(FormKey.PROMPT) or "").strip())
    st.markdown(next_step(len(pictures), asked, any(isinstance(chosen, ChosenVideo) for chosen in pictures)))
    highest = images.HIGHEST if len(pictures) == 1 else SMALLER
    with st.container(horizontal=True, key="large-pictures"):
        for chosen in pictures:
            if isinstance(chosen, ChosenVideo):
                st.image(sheet(chosen), alt=visible(chosen.name))
                continue
            st.image(chosen.preview, width=images.picture_width(chosen.size, highest), alt=visible(chosen.name))


def next_step(pictures: int, asked: bool, with_video: bool = False) -> str:
    """What is to be done next about so many pictures.

    Args:
        asked: whether something stands in the prompt.
        with_video: whether one of them is a video.
    """
    if with_video:
        return _next_step_of_video(pictures, asked)
    if asked:
        return counted(
            "Press **Run** on the left to ask about your picture.",
            "Press **Run** on the left to ask about your {count} pictures.",
            pictures,
        )
    return counted(
        "Ask something about your picture under **Prompt** on the left. Then press **Run**, or Ctrl+Enter in the "
        "prompt.",
        "Ask something about your {count} pictures under **Prompt** on the left. Then press **Run**, or Ctrl+Enter in "
        "the prompt.",
        pictures,
    )


def _next_step_of_video(files: int, asked: bool) -> str:
    if files > 1 and asked:
        return _("Press **Run** on the left to ask about each of your {count} files.", count=files)
    if files > 1:
        return _(
            "Ask something about your {count} files under **Prompt** on the left. Then press **Run**, or Ctrl+Enter in "
            "the prompt.",
            count=files,
        )
    if asked:
        return _("Press **Run** on the left to ask about your video.")
    return _(
        "Ask something about your video under **Prompt** on the left. Then press **Run**, or Ctrl+Enter in the prompt."
    )
