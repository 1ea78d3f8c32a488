"""What was asked before, to be taken up again: pictures and prompts of the latest runs, and examples."""

from contextlib import suppress

import streamlit as st

from cache import RunRecord, StoreError
from core import ExplainError, ExplainRequest
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import literal, short, visible
from dashboard.language import _, sentence
from dashboard.services.open import stored_picture
from dashboard.session import clicks, state
from dashboard.session.keys import FormKey
from dashboard.ui.form import uploads
from dashboard.ui.form.draft import WAYS
from dashboard.ui.run_rows import sound_thumbnail

EXAMPLES = (
    "Describe this image.",
    "Where is the red circle?",
    "How many objects are there?",
    "请详细描述这张图片中的主要内容。",
    "红色圆形在图中的什么位置？",
)

MOST_PICTURES = 12
MOST_PROMPTS = 12


def recent_button() -> None:
    """Pictures and prompts of the latest runs, and examples; a click puts one into the form."""
    about = _("Pictures, videos and prompts used lately on this server, and example prompts")
    # What it holds is looked up and drawn when somebody opens it, and not in every run of the page.
    at = st.popover(_("Recent"), key=FormKey.RECENT, type="tertiary", width="content", help=about, on_change="rerun")
    if at.open:
        pictures_at, prompts_at = at.tabs((_("Pictures"), _("Prompts")))
        with pictures_at:
            _pictures()
        with prompts_at:
            _prompts()


def _pictures() -> None:
    try:
        found = resources.storage().runs.overview.recent_pictures(MOST_PICTURES, identity.viewer())
    except StoreError as error:
        st.error(sentence(str(error)))
        return
    if not found:
        st.caption(_("No picture or video yet. Upload one, or take a sample scene."))
    for recent in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"recent-{recent.image}"):
            if picture := sound_thumbnail(recent):
                st.image(
                    picture,
                    width=64,
                    alt=_("Overlay of the latest run of {picture}", picture=visible(recent.picture_name)),
                )
            st.button(
                literal(short(recent.picture_name, 40)) or _("picture"),
                key=f"use-{recent.image}",
                on_click=_take_picture,
                args=(recent,),
            )


def _prompts() -> None:
    st.caption(_("Examples"))
    for number, text in enumerate(EXAMPLES):
        st.button(text, key=f"example-{number}", on_click=_take_prompt, args=(text,), width="stretch")
    try:
        lately = resources.storage().runs.overview.recent_prompts(MOST_PROMPTS, identity.viewer())
    except StoreError as error:
        st.error(sentence(str(error)))
        return
    asked = [text for text in lately if text not in EXAMPLES]
    if asked:
        st.caption(_("Asked lately"))
    for number, text in enumerate(asked):
        label = literal(short(text, 80)) or _("(blank)")
        st.button(label, key=f"asked-{number}", on_click=_take_prompt, args=(text,), width="stretch")


@clicks.whole
def _take_prompt(prompt: str) -> None:
    st.session_state[FormKey.PROMPT] = prompt
    st.session_state[FormKey.RECENT] = False  # closes it


@clicks.whole
def _take_picture(recent: RunRecord) -> None:
    st.session_state[FormKey.RECENT] = False
    images = recent.request.get("images") or [recent.image]
    found = []
    with suppress(ExplainError):  # another version may have asked what this one cannot read
        request = ExplainRequest.from_dict(recent.request)
        found = [stored_picture(image, name, request) for image, name in zip(images, recent.names, strict=False)]
    if None in found or not found:
        name = literal(short(recent.picture_name, 60))
        gone = _("{picture} is no longer stored on this server. Upload it again.", picture=name)
        state.session().picture_problems = (gone,)
        return
    uploads.take_pictures(tuple(found))
    st.session_state[FormKey.TOGETHER] = WAYS[len(found) > 1]
