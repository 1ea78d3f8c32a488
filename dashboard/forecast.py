"""What Run would do, said exactly before it is pressed: what is stored, what is computed, how long that takes."""

import streamlit as st

from cache import StoreError, look_up
from dashboard import services
from dashboard.listing import what_is_left
from dashboard.progress import duration
from dashboard.question import Question
from dashboard.studies import whole_run


def forecast(questions: list[Question]) -> None:
    """The badge beside the Run button."""
    holdings = [look_up(services.storage().results, whole_run(question.request)) for question in questions]
    lacking = [holding for holding in holdings if holding.missing]
    stored = len(questions) - len(lacking)
    if not lacking:
        st.badge("Stored already: opens at once", icon=":material/inventory_2:", color="green")
        return
    if len(questions) > 1:
        words = f"{stored} of {len(questions)} runs stored" if stored else "Not stored yet"
        st.badge(f"{words}: {len(lacking)} to compute", icon=":material/bolt:", color="gray")
    elif what_is_left(lacking[0]):
        st.badge(what_is_left(lacking[0]), color="blue")
    else:
        st.badge("Not stored yet: will be computed", icon=":material/bolt:", color="gray")
    samples = sum(holding.missing_samples for holding in lacking)
    first = questions[0]
    st.caption(cost_words(first.card.name, first.request.method, samples, len(first.all_pictures)))


def cost_words(model_name: str, method: str, samples: int, pictures: int = 1) -> str:
    """What so many samples take, from what this model took on this server before, with as many pictures in a prompt."""
    try:
        cost = services.storage().runs.cost(model_name, method, pictures)
    except StoreError:
        cost = None
    if cost is None:
        about = f" and {pictures} pictures" if pictures > 1 else ""
        return f"How long it takes is known once this model has run here with this method{about}."
    waiting = len(services.jobs().active())
    queued = f", after {waiting} earlier run{'' if waiting == 1 else 's'}" if waiting else ""
    memory = f" and up to {cost.peak_bytes / 2**30:.1f} GB of memory" if cost.peak_bytes else ""
    return f"Takes about {duration(cost.seconds * samples)}{memory}{queued}, judging by earlier runs here."
