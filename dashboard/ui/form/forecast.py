"""What Run would do, said before it is pressed: what is stored, what is computed, what that takes, what is free."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from cache import Coverage, StoreError, look_up
from core.memory.forecast import Forecast
from core.memory.forecast import forecast as count
from core.models.checkpoints import ModelCard
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.formatting import duration, what_is_left
from dashboard.jobs.device_speed import free_memory
from dashboard.jobs.question import Question
from dashboard.language import _, counted
from dashboard.ui.form.resolution import resolution_note


def forecast(questions: list[Question]) -> None:
    """The badge beside the Run button."""
    coverages = [look_up(resources.storage().results, whole_run(question.request)) for question in questions]
    incomplete = [coverage for coverage in coverages if coverage.missing]
    stored = len(questions) - len(incomplete)
    if not incomplete:
        st.badge(_("Stored already: opens at once"), icon=":material/inventory_2:", color="green")
        resolution_note(questions)
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
    asked = [(question, coverage) for question, coverage in zip(questions, coverages, strict=True) if coverage.missing]
    st.caption(" ".join(_takes(asked)))
    resolution_note(questions)


def _takes(asked: Sequence[tuple[Question, Coverage]]) -> list[str]:
    """Visual tokens, time and memory of what is to be computed, and what of that is free; a sentence each."""
    first = asked[0][0]
    counts = [_count(question) for question, _coverage in asked]
    samples = sum(coverage.missing_samples for _question, coverage in asked)
    if None in counts:
        return [_by_history(first.card.name, first.request.method, samples, len(first.all_pictures), True)]
    visual = sum(each.visual for each in counts)
    words = [counted("{count:,} visual token.", "{count:,} visual tokens.", visual)]
    rates, waiting = resources.storage().rates, len(resources.jobs().active())
    seconds = [
        rates.seconds(question.card, each, coverage.missing_samples, answered=coverage.answer is not None)
        for (question, coverage), each in zip(asked, counts, strict=True)
    ]
    if None in seconds:
        words.append(_by_history(first.card.name, first.request.method, samples, len(first.all_pictures), False))
    elif rates.has_run(first.card):
        words.append(_measured(_time(sum(seconds)), 0, waiting))
    else:
        words.append(_expected(_time(sum(seconds)), waiting))
    words.append(_memory(max(each.least for each in counts), max(each.peak for each in counts), first.card))
    return words


def batch_words(
    card: ModelCard,
    template: ExplainRequest,
    largest: tuple[int, int] | None,
    runs: int,
    longest: tuple[int, int, int] | None = None,
) -> str:
    """What so many runs take that are asked alike, each about a picture or a video of its own.

    Args:
        largest: (width, height) of the picture of the most pixels.
        longest: (width, height) and number of the frames of the video of the most pixels.
    """
    samples = template.num_samples if template.noise_std else 1
    picture = count(card, [largest], template) if largest else None
    video = count(card, [longest[:2]], replace(template, frames=longest[2])) if longest else None
    known = [each for each in (picture, video) if each is not None]
    if not known:
        return _by_history(card.name, template.method, runs * samples, 1, True)
    rates, waiting, words = resources.storage().rates, len(resources.jobs().active()), []
    if picture is not None:
        words.append(
            counted(
                "The largest picture takes {count:,} visual token.",
                "The largest picture takes {count:,} visual tokens.",
                picture.visual,
            )
        )
    if video is not None:
        words.append(
            counted(
                "The largest video takes {count:,} visual token.",
                "The largest video takes {count:,} visual tokens.",
                video.visual,
            )
        )
    seconds = [rates.seconds(card, each, samples) for each in known]
    if None in seconds or rates.has_run(card):
        words.append(_by_history(card.name, template.method, runs * samples, 1, False))
    else:
        words.append(_expected(_time(runs * max(seconds)), waiting))
    least, peak = max(each.least for each in known), max(each.peak for each in known)
    return " ".join([*words, _memory(least, peak, card)])


def _count(question: Question) -> Forecast | None:
    return count(question.card, [chosen.size for chosen in question.all_pictures], question.request)


def _memory(least: int, peak: int, card: ModelCard) -> str:
    """What memory is needed and free; see `core.memory.forecast.Forecast`."""
    needed = {"least": least / 2**30, "most": peak / 2**30}
    free = free_memory(card, resources.settings())
    if free is None:
        return _("Needs {least:.1f} to {most:.1f} GB of memory, by how many noise samples go at once.", **needed)
    there = {"free": free[0] / 2**30, "total": free[1] / 2**30}
    if least > free[1]:
        return _(
            "Needs {least:.1f} GB of memory at least, and there are {total:.1f} in all: lower the resolution under "
            "Advanced, or choose a smaller model.",
            **needed,
            **there,
        )
    if peak <= free[0]:
        return _(
            "Needs up to {most:.1f} GB of memory; {free:.1f} of {total:.1f} GB are free now.",
            **needed,
            **there,
        )
    return _(
        "Needs {least:.1f} to {most:.1f} GB of memory, by how many noise samples go at once; {free:.1f} of {total:.1f} "
        "GB are free now.",
        **needed,
        **there,
    )


def _by_history(model_name: str, method: str, samples: int, pictures: int, with_memory: bool) -> str:
    """What so many samples take, from what this model took on this server before, with as many pictures in a prompt."""
    try:
        cost = resources.storage().runs.overview.cost(model_name, method, pictures)
    except StoreError:
        cost = None
    if cost is not None:
        memory = cost.peak_bytes / 2**30 if with_memory else 0
        return _measured(_time(cost.seconds * samples), memory, len(resources.jobs().active()))
    if pictures > 1:
        return _(
            "How long it takes is known once this model has run here with this method and {count} pictures.",
            count=pictures,
        )
    return _("How long it takes is known once this model has run here with this method.")


def _time(seconds: float) -> str:
    return duration(max(1.0, seconds))  # that something takes no time is not to be believed


def _expected(time: str, waiting: int) -> str:
    """What a run will take of a model that never ran here."""
    if waiting:
        return counted(
            "Takes up to about {time}, after {count} earlier run, by the model's size and this device's speed.",
            "Takes up to about {time}, after {count} earlier runs, by the model's size and this device's speed.",
            waiting,
            time=time,
        )
    return _("Takes up to about {time}, by the model's size and this device's speed.", time=time)


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
