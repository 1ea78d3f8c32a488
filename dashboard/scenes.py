"""The gallery of sample scenes: pictures whose answer the embedded model can know."""

import io
from dataclasses import dataclass

import streamlit as st

from core import load_picture
from core.embedded.scenes import sample
from dashboard import viewing
from dashboard.question import ChosenPicture
from dashboard.uploads import take_picture

# Seeds beyond those of training: no training run has seen these scenes.
_SCENES = (
    (1_500_011, "where", 3),
    (1_500_012, "color", 3),
    (1_500_033, "count", 4),
    (1_500_008, "at", 4),
    (1_500_017, "where_zh", 3),
    (1_500_026, "describe_en", 2),
)


@dataclass(frozen=True, eq=False)
class SampleScene:
    """A sample scene with the question that goes with it."""

    chosen: ChosenPicture
    question: str


@st.cache_resource(show_spinner=False)
def scenes() -> tuple[SampleScene, ...]:
    """The sample scenes, drawn once."""
    return tuple(_scene(number, *scene) for number, scene in enumerate(_SCENES, 1))


def gallery(place: str) -> bool:
    """The scenes with their questions and a button each; True when one was just taken.

    Args:
        place: tells two galleries on one page apart.
    """
    taken = False
    columns = st.columns(3)
    for number, scene in enumerate(scenes()):
        with columns[number % 3].container(border=True, key=f"{place}-scene-{number}"):
            size = scene.chosen.picture.size
            st.image(
                scene.chosen.picture.pixels,
                width=viewing.picture_width(size, 130, 195),
                alt=f"{scene.chosen.name}, {scene.question}",
            )
            st.text(scene.question)
            taken |= st.button(
                "Use this scene",
                key=f"{place}-use-{number}",
                on_click=take_picture,
                args=(scene.chosen, scene.question),
            )
    return taken


def _scene(number: int, seed: int, kind: str, objects: int) -> SampleScene:
    scene = sample(seed, kind, objects)
    data = io.BytesIO()
    scene.image.save(data, "PNG")
    picture = load_picture(scene.image)
    return SampleScene(ChosenPicture(f"Sample scene {number}", data.getvalue(), picture), scene.question)
