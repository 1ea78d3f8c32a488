"""How the model of a stored run saw its pictures, where the run was stored before that was kept with it."""

from collections.abc import Sequence
from dataclasses import replace

from core import ExplainError, ExplainResult
from core.analysis.boxes import find_boxes
from core.models.visual_token_count import seen_sizes
from core.schema.box_conventions import SeenPicture
from dashboard import resources
from dashboard.jobs.pictures import ChosenPicture


def with_seen_pictures(result: ExplainResult, pictures: Sequence[ChosenPicture]) -> ExplainResult:
    """The result with `seen`, from what its model's files tell; as it is where it says so itself or they do not.

    It is needed for the boxes of an answer alone, so that results without any stay as they are.
    """
    if result.seen is not None or not find_boxes(result.answer).boxes:
        return result
    try:
        card = resources.card_of(result.request)
    except ExplainError:
        return result
    sizes = [chosen.size for chosen in pictures]
    given = seen_sizes(sizes, card.folder, result.request.max_pixels) or [None] * len(sizes)
    each = [SeenPicture(card.model_type, size, seen) for size, seen in zip(sizes, given, strict=True)]
    return _with(result, each)


def _with(result: ExplainResult, seen: Sequence[SeenPicture]) -> ExplainResult:
    own = seen[result.request.picture]
    return replace(
        result,
        seen=own,
        companions={name: replace(each, seen=own) for name, each in result.companions.items()},
        pictures=tuple(_with(replace(each, pictures=()), seen) for each in result.pictures),
    )
