"""What came of a what-if: a sentence, the picture as changed with the new answers, and the old answer's tokens."""

from functools import partial

import numpy as np
import streamlit as st

from core.interventions.fills import filled
from core.interventions.removal import Removal
from core.interventions.report import FILL_WORDS, Intervention, WhatIf
from core.rendering import encoding
from core.rendering.overlay import fit
from dashboard.charts.interventions import probability_figure
from dashboard.formatting import cut, literal
from dashboard.language import N_, _, counted, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.memo import memoised
from dashboard.ui import images
from dashboard.ui.glossary import see
from dashboard.ui.viewer.studies.interventions.changed_words import marked

TILE = 160
"""Longer side in pixels of a picture as it was changed."""
_MEANS = {
    (False, "all"): N_("The answer needs what is there."),
    (False, "none"): N_(
        "The answer does not need what is there: the rest of the picture, the question or what the model expects is "
        "enough."
    ),
    (True, "all"): N_("What is there is not enough for the answer: it needs the rest of the picture, too."),
    (True, "none"): N_("What is there is enough for the answer."),
}
_DISAGREE = N_(
    "The fills disagree, so that what stands in the place of the removed part matters, too: build on neither."
)


def removed_words(found: WhatIf) -> str:
    """What was done, in a few words."""
    if found.keep:
        return _("{share:.0%} kept", share=1 - found.share)
    return _("{share:.0%} removed", share=found.share)


def meaning_of(found: WhatIf) -> str:
    """What it says about the answer, in two sentences of markdown."""
    count, changed = len(found.interventions), found.changed
    which = "all" if changed == count else "none" if not changed else "some"
    if found.keep:
        said = counted(
            "**With nothing but that part the answer changes with {changed} of {count} fill.**",
            "**With nothing but that part the answer changes with {changed} of {count} fills.**",
            count,
            changed=changed,
        )
    else:
        said = counted(
            "**Without that part the answer changes with {changed} of {count} fill.**",
            "**Without that part the answer changes with {changed} of {count} fills.**",
            count,
            changed=changed,
        )
    return _("{said} {meaning}", said=said, meaning=_(_MEANS.get((found.keep, which), _DISAGREE)))


def result_panel(run: LoadedRun, removal: Removal, grid: tuple[int, int], found: WhatIf) -> None:
    """All that was found: first what it means, then each fill, then token by token."""
    st.markdown(meaning_of(found))
    st.caption(
        _(
            "{what} of the picture. The answer to the whole picture: {answer}",
            what=removed_words(found),
            answer=literal(cut(found.old_answer, 300)),
        )
    )
    for column, each in zip(st.columns(len(found.interventions), gap="small"), found.interventions, strict=True):
        with column, st.container(gap="small", key=f"what-if-{each.fill}"):
            _fill(run, removal, grid, found, each)
    st.plotly_chart(
        probability_figure(found),
        key="what-if-chart",
        config={"displaylogo": False},
        alt=_("Probability of each token of the old answer, with the whole picture and as changed"),
    )
    st.caption(
        _(
            "Probability of each token of the answer that this run explains, after the tokens before it: of the whole "
            "picture as bars, and of the changed picture as marks, one for each fill. {see}",
            see=see("what-if"),
        )
    )


def _fill(run: LoadedRun, removal: Removal, grid: tuple[int, int], found: WhatIf, each: Intervention) -> None:
    title = sentence(FILL_WORDS[each.fill].title)
    small = memoised(
        run.chosen, ("what if", removal, grid, each.fill), partial(_changed, run, removal, grid, each.fill)
    )
    st.image(
        small,
        width=images.picture_width(run.chosen.size, TILE, TILE),
        alt=_("The picture as changed: {fill}", fill=title),
    )
    st.markdown(
        _("**{fill}**: the answer changes", fill=title)
        if each.changed
        else _("**{fill}**: the answer stays the same", fill=title),
        help=sentence(FILL_WORDS[each.fill].sentence),
    )
    st.markdown(marked(found.old_answer, each.answer) or _("(The model said nothing.)"))
    st.caption(
        _(
            "Old answer: probability {before} before, {after} now",
            before=probability(each.log_p_before),
            after=probability(each.log_p_after),
        )
    )


def probability(log_p: float) -> str:
    """A probability whose natural logarithm is known, short."""
    return f"{np.exp(log_p):.3f}" if log_p > np.log(0.001) else "< 0.001"


def _changed(run: LoadedRun, removal: Removal, grid: tuple[int, int], fill: str) -> bytes:
    pixels = run.chosen.preview
    height, width = pixels.shape[:2]
    removed = removal.mask((width, height), grid)
    return encoding.encode(fit(filled(pixels, removed, removal.around(removed), fill), 2 * TILE))
