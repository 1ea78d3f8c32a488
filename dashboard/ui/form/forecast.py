"""What Run would do, said exactly before it is pressed: what is stored, what is computed, how long that takes."""

import streamlit as st

from cache import StoreError, look_up
from core.memory.forecast import predicted_peak
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.formatting import duration, what_is_left
from dashboard.jobs.question import Question


def forecast(questions: list[Question]) -> None:
    """The badge beside the Run button."""
    coverages = [look_up(resources.storage().results, whole_run(question.request)) for question in questions]
    incomplete = [coverage for coverage in coverages if coverage.missing]
    stored = len(questions) - len(incomplete)
    if not incomplete:
        st.badge("Stored already: opens at once", icon=":material/inventory_2:", color="green")
        return
    if len(questions) > 1:
        words = f"{stored} of {len(questions)} runs stored" if stored else "Not stored yet"
        st.badge(f"{words}: {len(incomplete)} to compute", icon=":material/bolt:", color="gray")
    elif what_is_left(incomplete[0]):
        st.badge(what_is_left(incomplete[0]), color="blue")
    else:
        st.badge("Not stored yet: will be computed", icon=":material/bolt:", color="gray")
    samples = sum(coverage.missing_samples for coverage in incomplete)
    first = questions[0]
    st.caption(cost_words(first.card.name, first.request.method, samples, first))


def cost_words(model_name: str, method: str, samples: int, question: Question | None = None) -> str:
    """What so many samples take, from what this model took on this server before, with as many pictures in a prompt.

    Args:
        question: one of those asked; where the model has not run yet, its memory is predicted. None for one picture.
    """
    pictures = 1 if question is None else len(question.all_pictures)
    try:
        cost = resources.storage().runs.cost(model_name, method, pictures)
    except StoreError:
        cost = None
    if cost is None:
        about = f" and {pictures} pictures" if pictures > 1 else ""
        words = f"How long it takes is known once this model has run here with this method{about}."
        return words if question is None else f"{words}{_prediction(question)}"
    waiting = len(resources.jobs().active())
    queued = f", after {waiting} earlier run{'' if waiting == 1 else 's'}" if waiting else ""
    memory = f" and up to {cost.peak_bytes / 2**30:.1f} GB of memory" if cost.peak_bytes else ""
    return f"Takes about {duration(cost.seconds * samples)}{memory}{queued}, judging by earlier runs here."


def _prediction(question: Question) -> str:
    sizes = [chosen.picture.size for chosen in question.all_pictures]
    predicted = predicted_peak(question.card, sizes, question.request)
    if predicted is None:
        return ""
    memory = f"up to {predicted / 2**30:.1f} GB of memory, predicted from the model's size"
    return f" It will take {memory}; where less is free, fewer samples go at once."
