"""The gallery of sample scenes: pictures whose answer the embedded model can know."""

import streamlit as st

from dashboard.ui import images
from dashboard.ui.form.uploads import take_picture
from dashboard.ui.sample_scenes import scenes


def gallery(name: str) -> bool:
    """The scenes with their questions and a button each; True when one was just taken.

    Args:
        name: tells two galleries on one page apart.
    """
    taken = False
    columns = st.columns(3)
    for number, scene in enumerate(scenes()):
        with columns[number % 3].container(border=True, key=f"{name}-scene-{number}"):
            size = scene.chosen.picture.size
            st.image(
                scene.chosen.picture.pixels,
                width=images.picture_width(size, 130, 195),
                alt=f"{scene.chosen.name}, {scene.question}",
            )
            st.text(scene.question)
            taken |= st.button(
                f"Use scene {number + 1}",
                key=f"{name}-use-{number}",
                on_click=take_picture,
                args=(scene.chosen, scene.question),
            )
    return taken
