"""What was asked before, to be taken up again: pictures and prompts of the latest runs, and examples."""

import streamlit as st

from cache import RunRecord, StoreError
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import literal, short
from dashboard.services.open import stored_picture
from dashboard.session import state
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


def pictures_button() -> None:
    """Pictures of the latest runs; a click puts one into the form."""
    with st.popover("Recent", key="recent-pictures", width="stretch", help="Pictures used lately on this server"):
        try:
            found = resources.storage().runs.recent_pictures(MOST_PICTURES, identity.viewer())
        except StoreError as error:
            st.error(str(error))
            return
        if not found:
            st.caption("No picture yet. Upload one, or take a sample scene.")
        for recent in found:
            with st.container(horizontal=True, vertical_alignment="center", key=f"recent-{recent.image[:12]}"):
                if picture := sound_thumbnail(recent):
                    st.image(picture, width=64, alt=f"Overlay of the latest run of {recent.picture_name}")
                st.button(
                    literal(short(recent.picture_name, 40)) or "picture",
                    key=f"use-{recent.image[:12]}",
                    on_click=_take_picture,
                    args=(recent,),
                )


def prompts_button() -> None:
    """Examples, and prompts of the latest runs; a click puts one into the form."""
    with st.popover("Examples and earlier prompts", key="prompts", width="stretch"):
        st.caption("Examples")
        for number, text in enumerate(EXAMPLES):
            st.button(text, key=f"example-{number}", on_click=_take_prompt, args=(text,), width="stretch")
        try:
            lately = resources.storage().runs.recent_prompts(MOST_PROMPTS, identity.viewer())
        except StoreError as error:
            st.error(str(error))
            return
        asked = [text for text in lately if text not in EXAMPLES]
        if asked:
            st.caption("Asked lately")
        for number, text in enumerate(asked):
            label = literal(short(text, 80)) or "(blank)"
            st.button(label, key=f"asked-{number}", on_click=_take_prompt, args=(text,), width="stretch")


def _take_prompt(prompt: str) -> None:
    st.session_state[FormKey.PROMPT] = prompt


def _take_picture(recent: RunRecord) -> None:
    images = recent.request.get("images") or [recent.image]
    found = [stored_picture(image, name) for image, name in zip(images, recent.names, strict=False)]
    if None in found or not found:
        gone = f"{literal(short(recent.picture_name, 60))} is no longer stored on this server. Upload it again."
        state.session().picture_problems = (gone,)
        return
    uploads.take_pictures(tuple(found))
    st.session_state[FormKey.TOGETHER] = WAYS[len(found) > 1]
