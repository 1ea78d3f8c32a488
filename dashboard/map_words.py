"""What one sees in a map, and what is known about the method that made it, in sentences. No Streamlit."""

from collections.abc import Sequence

import numpy as np

from core.analysis.summary import summarise
from core.schema.methods import METHODS
from core.schema.model_parts import Part
from core.schema.time_steps import TimeStep
from dashboard.language import N_, _

BLANK = N_("This map is blank: no place in the picture has any heat.")

_PLACES = (
    (N_("at the upper left"), N_("at the top"), N_("at the upper right")),
    (N_("at the left"), N_("in the centre"), N_("at the right")),
    (N_("at the lower left"), N_("at the bottom"), N_("at the lower right")),
)
_SPREAD = N_("The heat is spread over most of the picture: the hottest 10 % of the cells hold {share} of it.")
_IN_ONE = N_("{share} of the heat lies in the hottest 10 % of the cells, {place}.")
_IN_TWO = N_("{share} of the heat lies in the hottest 10 % of the cells, {place} and {other}.")
_IN_SEVERAL = N_("{share} of the heat lies in the hottest 10 % of the cells, in several places of the picture.")
_ON_TRUTH = N_("{said} {share} of all heat lies on the true place, which takes up {size} of the cells.")

_BLANK_OF_VIDEO = N_("This map is blank: no place in the video has any heat.")
_WHEN = N_("{share} of the heat lies between {start} and {end} s, more than in any other step.")
_WHEN_AND_WHERE = N_(
    "{share} of the heat lies between {start} and {end} s, more than in any other step; there it is hottest {place}."
)

_FALSE = {
    "decoder": N_(
        "Maps by {method} are mostly false in a decoder: on scenes whose truth is known, they seldom point at what the "
        "answer speaks of. Look at the combined map, too."
    ),
    "tower": N_(
        "Maps by {method} are false more often than true: on scenes whose truth is known, most of them do not point at "
        "what the answer speaks of. Look at the combined map, too."
    ),
}
_NO_EXPLANATION = N_(
    "{method} explains no answer: it marks places whose activations are massive, by which other maps may be taken in."
)


def in_words(heat: np.ndarray, true_mask: np.ndarray | None = None) -> str:
    """A sentence on how concentrated the heat of a map is, and where; with a known truth, another on how much hits it.

    Args:
        heat: [grid_h, grid_w].
        true_mask: bool [height, width], the pixels that the explained words mean; None where nobody knows them.
    """
    seen = summarise(heat, true_mask)
    if seen.is_blank:
        return _(BLANK)
    places = [_(_PLACES[row][column]) for row, column in seen.places]
    share = percent(seen.top_share)
    if seen.is_spread:
        said = _(_SPREAD, share=share)
    elif len(places) == 1:
        said = _(_IN_ONE, share=share, place=places[0])
    elif len(places) == 2:
        said = _(_IN_TWO, share=share, place=places[0], other=places[1])
    else:
        said = _(_IN_SEVERAL, share=share)
    if seen.on_object is None:
        return said
    return _(_ON_TRUTH, said=said, share=percent(seen.on_object), size=percent(seen.object_size))


def in_words_over_time(heat: np.ndarray, steps: Sequence[TimeStep]) -> str:
    """A sentence on when a video's map is hottest, and where in the picture it is at that time.

    Args:
        heat: [steps, grid_h, grid_w].
        steps: what each covers.
    """
    in_each = heat.sum((1, 2), dtype=float)
    if not in_each.any():
        return _(_BLANK_OF_VIDEO)
    step = int(in_each.argmax())
    said = {
        "share": percent(in_each[step] / in_each.sum()),
        "start": f"{steps[step].start:.4g}",
        "end": f"{steps[step].end:.4g}",
    }
    places = [_(_PLACES[row][column]) for row, column in summarise(heat[step], None).places]
    if len(places) == 1:
        return _(_WHEN_AND_WHERE, place=places[0], **said)
    return _(_WHEN, **said)


def about_method(method: str, part: Part = "decoder") -> str | None:
    """What has to be said beside a map by this method; None where nothing has.

    Args:
        part: of the model, which the map is of; a method that reads the decoder alone is about that.
    """
    known = METHODS[method]
    part = part if known.has_tap else "decoder"
    if known.group == "diagnostic":
        return _(_NO_EXPLANATION, method=_(known.title))
    return _(_FALSE[part], method=_(known.title)) if part in known.false_in else None


def percent(share: float) -> str:
    """A share in per cent; with a decimal where some would else look like none, or most like all."""
    decimals = 1 if 0 < share < 0.005 or 0.995 <= share < 1 else 0
    return f"{100 * share:.{decimals}f} %"
