"""What Run would do, said exactly before it is pressed: what is stored, what is computed, how long that takes."""

import streamlit as st

from cache import StoreError, look_up
from core.memory.forecast import predicted_peak
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.formatting import duration, what_is_left
from dashboard.jobs.question import Question
from dashboard.language import _, counted


def forecast(questions: list[Question]) -> None:
    """The badge beside the Run button."""
    coverages = [look_up(resources.storage().results, whole_run(question.request)) for question in questions]
    incomplete = [coverage for coverage in coverages if coverage.missing]
    stored = len(questions) - len(incomplete)
    if not incomplete:
        st.badge(_("Stored already: opens at once"), icon=":material/inventory_2:", color="green")
        return
    if len(questions) > 1:
        words = _("Not stored yet: {count} to compute", count=len(incomplete))
        if stored:
            words = _(
                "{stored} of {runs} runs stored: {count} to compute",
                stored=stored,
                runs=len(questions),
                count=len(incomplete),
            )
        st.badge(words, icon=":material/bolt:", color="gray")
    elif what_is_left(incomplete[0]):
        st.badge(what_is_left(incomplete[0]), color="blue")
    else:
        st.badge(_("Not stored yet: will be computed"), icon=":material/bolt:", color="gray")
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
        cost = resources.storage().runs.overview.cost(model_name, method, pictures)
    except StoreError:
        cost = None
    if cost is None:
        words = _("How long it takes is known once this model has run here with this method.")
        if pictures > 1:
            words = _(
                "How long it takes is known once this model has run here with this method and {count} pictures.",
                count=pictures,
            )
        return words if question is None else f"{words}{_prediction(question)}"
    return _measured(duration(cost.seconds * samples), cost.peak_bytes / 2**30, len(resources.jobs().active()))


def _measured(time: str, memory: float, waiting: int) -> str:
    """What runs took here.

    Args:
        memory: GB at the peak; 0 where that is not known.
    """
    if memory and waiting:
        return counted(
            "Takes about {time} and up to {memory:.1f} GB of memory, after {count} earlier run, judging by earlier "
            "runs here.",
            "Takes about {time} and up to {memory:.1f} GB of memory, after {count} earlier runs, judging by earlier "
            "runs here.",
            waiting,
            time=time,
            memory=memory,
        )
    if waiting:
        return counted(
            "Takes about {time}, after {count} earlier run, judging by earlier runs here.",
            "Takes about {time}, after {count} earlier runs, judging by earlier runs here.",
            waiting,
            time=time,
        )
    if memory:
        return _(
            "Takes about {time} and up to {memory:.1f} GB of memory, judging by earlier runs here.",
            time=time,
            memory=memory,
        )
    return _("Takes about {time}, judging by earlier runs here.", time=time)


def _prediction(question: Question) -> str:
    sizes = [chosen.size for chosen in question.all_pictures]
    predicted = predicted_peak(question.card, sizes, question.request)
    if predicted is None:
        return ""
    return _(
        " It will take up to {memory:.1f} GB of memory, predicted from the model's size; where less is free, fewer "
        "samples go at once.",
        memory=predicted / 2**30,
    )
