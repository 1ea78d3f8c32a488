"""The sample scenes that pages offer, and the question that a new server asks about the first. No Streamlit here."""

import io
from dataclasses import dataclass
from functools import lru_cache

from cache.runs.inspection import count_runs
from core import ExplainRequest, load_picture
from core.models.checkpoints import ModelCard
from core.scenes.scene import Scene, sample
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.storage.data_folder import Storage, history_file

# Seeds beyond those of training: no training run has seen these scenes.
SCENES = (
    (1_500_011, "where", 3),
    (1_500_012, "color", 3),
    (1_500_081, "count", 4),
    (1_500_008, "at", 4),
    (1_500_017, "where_zh", 3),
    (1_500_026, "describe_en", 2),
)
"""Seed, kind of question and number of objects of each."""
FORMER_SCENES = ((1_500_033, "count", 4),)
"""Offered by earlier versions, whose runs are stored: where things are in them is known as long."""


@dataclass(frozen=True, eq=False)
class DrawnScene:
    """A scene, and its picture as somebody would have uploaded it."""

    chosen: ChosenPicture
    scene: Scene


@lru_cache(len(SCENES) + len(FORMER_SCENES))
def draw_scene(number: int) -> DrawnScene:
    """The sample scene of that number, counted from 0; the former ones come after those that are offered."""
    scene, data = sample(*(SCENES + FORMER_SCENES)[number]), io.BytesIO()
    scene.image.save(data, "PNG")
    return DrawnScene(ChosenPicture(f"Sample scene {number + 1}", data.getvalue(), load_picture(scene.image)), scene)


def sample_question(card: ModelCard) -> Question:
    """What Run asks about the first scene while nobody has changed anything in the form."""
    drawn = draw_scene(0)
    layers = tuple(range(card.total_layers))
    request = ExplainRequest(
        image=drawn.chosen.digest, prompt=drawn.scene.question, model=card.fingerprint, layers=layers
    )
    return Question(request, drawn.chosen, card)


def nothing_was_run(storage: Storage) -> bool:
    """Whether nobody has ever run anything here, or all of that was deleted for good.

    Raises:
        StoreError: the history cannot be read.
    """
    return count_runs(history_file(storage.folder)) == 0
