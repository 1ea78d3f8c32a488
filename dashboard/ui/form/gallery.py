"""The gallery of sample scenes: pictures whose answer the embedded model can know. A click asks about one."""

import streamlit as st

from dashboard.formatting import visible
from dashboard.language import _
from dashboard.session import clicks
from dashboard.session.keys import RUN_BUTTON
from dashboard.ui import images
from dashboard.ui.cards import card
from dashboard.ui.form.conversation_fields import forget_turns
from dashboard.ui.form.uploads import take_picture
from dashboard.ui.sample_scenes import SampleScene, scenes


def gallery(name: str) -> bool:
    """The scenes with their questions and a button each; True when one was just taken.

    The page of the form then asks about it, as if Run had been pressed: with whatever else stands in the form.

    Args:
        name: tells two galleries apart.
    """
    taken = False
    columns = st.columns(3)
    for number, scene in enumerate(scenes()):
        with columns[number % 3], card(f"{name}-scene-{number}"):
            size = scene.chosen.size
            st.image(
                scene.chosen.preview,
                width=images.picture_width(size, 130, 195),
                alt=", ".join((visible(scene.chosen.name), scene.question)),
            )
            st.text(scene.question)
            taken |= st.button(
                _("Run scene {number}", number=number + 1), key=f"{name}-use-{number}", on_click=_ask, args=(scene,)
            )
    return taken


@clicks.whole
def _ask(scene: SampleScene) -> None:
    take_picture(scene.chosen, scene.question)
    forget_turns()
    clicks.press(RUN_BUTTON)
