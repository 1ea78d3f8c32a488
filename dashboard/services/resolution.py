"""At which size the model of a run saw its picture."""

from dataclasses import dataclass

from core import ExplainError
from core.models.visual_token_count import cell_side, most_visual_tokens, seen_sizes
from dashboard import resources
from dashboard.loaded_run import LoadedRun


@dataclass(frozen=True)
class ScaledDown:
    """A picture that a run's pixel budget made smaller.

    Attributes:
        own: (width, height) of the picture in pixels.
        seen: the same as the model saw it.
        cell: pixels on a cell's side, of the picture as the model saw it.
        tokens: visual tokens of all of the run's pictures.
        full: how many there would be without a pixel budget.
    """

    own: tuple[int, int]
    seen: tuple[int, int]
    cell: int
    tokens: int
    full: int


def scaled_down(run: LoadedRun) -> ScaledDown | None:
    """What a run's pixel budget did to the picture that is looked at; None where it did nothing, or nobody can tell."""
    request = run.request
    if request.max_pixels is None or request.origin or request.is_video:
        return None
    try:
        folder = resources.card_of(request).folder
        sizes = [chosen.size for chosen in run.all_pictures]
    except ExplainError:
        return None
    seen, full = seen_sizes(sizes, folder, request.max_pixels), seen_sizes(sizes, folder)
    if seen is None or full is None or seen[request.picture] == full[request.picture]:
        return None
    tokens, more = (most_visual_tokens(sizes, folder, most) for most in (request.max_pixels, None))
    return ScaledDown(sizes[request.picture], seen[request.picture], cell_side(folder, request.part), tokens, more)
