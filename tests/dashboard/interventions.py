"""What interventions found, made by hand, and stored as jobs store it."""

from core.interventions.reliance_report import Reliance, TokenReliance
from core.interventions.report import FILLS, Intervention, TokenChange, WhatIf
from dashboard.jobs.studies.interventions import RELIANCE, what_if_name
from dashboard.jobs.studies.registry import find_study
from dashboard.ui.viewer.studies.interventions.selection import Selection

BOX = "0.000,0.000;0.500,0.500"


def what_if(run, text=BOX, keep=False, changed=3, new="left", **more):
    """A what-if of a run's answer that so many fills change into `new`."""
    answer, selection = run.answer, Selection.from_text(text)
    each = tuple(
        Intervention(
            fill=fill,
            answer=new if number < changed else answer.text,
            changed=number < changed,
            tokens=tuple(TokenChange(token.text, 0.9, 0.1 if number < changed else 0.8) for token in answer.tokens),
            log_p_before=-0.1,
            log_p_after=-2.3 if number < changed else -0.2,
        )
        for number, fill in enumerate(FILLS)
    )
    values = {"picture": run.request.picture, "share": 0.25, "old_answer": answer.text, "interventions": each}
    return WhatIf(**values | {"region": selection.region, "cells": selection.cells, "keep": keep} | more)


def reliance(run, picture=2.0, question=0.5, so_far=-0.3):
    """A reliance in which every token of a run's answer rests on the same."""
    tokens = tuple(
        TokenReliance(token.text, token.start, token.stop, (picture,) * len(FILLS), question, so_far)
        for token in run.answer.tokens
    )
    return Reliance(run.answer.text, FILLS, tokens)


def store(found, run, storage) -> None:
    """Stores what was found about a run, as its job does."""
    is_reliance = isinstance(found, Reliance)
    name = RELIANCE if is_reliance else what_if_name(found.region, found.keep, found.picture, found.cells)
    find_study(name).save(found, run, storage.results)
