"""What Run would do, said exactly before it is pressed: what is stored, what is computed, how long that takes."""

import streamlit as st

from cache import StoreError
from dashboard import services
from dashboard.progress import duration
from dashboard.question import Question
from dashboard.studies import whole_run


def forecast(questions: list[Question]) -> None:
    """The badge beside the Run button."""
    missing = [_missing(question) for question in questions]
    open_at_once = missing.count(0)
    if open_at_once == len(questions):
        st.badge("Stored already: opens at once", icon=":material/inventory_2:", color="green")
        return
    if len(questions) > 1:
        words = f"{open_at_once} of {len(questions)} runs stored" if open_at_once else "Not stored yet"
        st.badge(f"{words}: {len(questions) - open_at_once} to compute", icon=":material/bolt:", color="gray")
    else:
        maps = sum(len(request.maps) for request in whole_run(questions[0].request))
        if missing[0] < maps:
            st.badge(f"{maps - missing[0]} of {maps} maps stored, {missing[0]} to compute", color="blue")
        else:
            st.badge("Not stored yet: will be computed", icon=":material/bolt:", color="gray")
    st.caption(_time(questions, missing))


def _missing(question: Question) -> int:
    return sum(len(services.storage().results.missing_maps(each)) for each in whole_run(question.request))


def _time(questions: list[Question], missing: list[int]) -> str:
    """How long the rest takes, from how long this model took on this server before."""
    try:
        pace = services.storage().runs.pace(questions[0].card.name, questions[0].request.method)
    except StoreError:
        pace = None
    if pace is None:
        return "How long it takes is known once this model has run here with this method."
    samples = sum(question.request.num_samples for question, lacks in zip(questions, missing, strict=True) if lacks)
    waiting = len(services.jobs().active())
    queued = f", after {waiting} earlier run{'' if waiting == 1 else 's'}" if waiting else ""
    return f"Takes about {duration(pace * samples)}{queued}, judging by earlier runs here."
