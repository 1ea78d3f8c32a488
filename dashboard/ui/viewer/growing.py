"""A run on its page while it is computed: its picture where the map will be, and the map as it grows over it."""

from functools import partial

import numpy as np
import streamlit as st

from core import Answer, ExplainRequest, ExplainResult, Progress
from core.schema import gather
from core.schema.run_requests import whole_run
from core.schema.time_steps import TimeStep
from dashboard.formatting import cut
from dashboard.jobs.job import Job
from dashboard.language import _, counted, language
from dashboard.loaded_run import LoadedRun
from dashboard.memo import memoised
from dashboard.ui.drawing.maps import maps_of
from dashboard.ui.drawing.packet import pack
from dashboard.ui.progress.before import dims
from dashboard.ui.progress.progress import progress_panel
from dashboard.ui.progress.steadiness import steadiness_panel
from dashboard.ui.viewer import viewer
from dashboard.ui.viewer.step_frames import frames_of_steps


def growing_panel(job: Job) -> None:
    """The whole of it, where nothing is on display that could stay meanwhile."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="answer-panel"):
        st.text(cut(job.question.request.prompt), width="content")
    progress_panel(job.id, _grow, beside=True)


def growing_map(name: str, before: LoadedRun) -> None:
    """The map alone, in the place of the one that was on display before, which stays until there is one."""
    progress_panel(name, partial(_grow, before=before), beside=True)


def _grow(job: Job, before: LoadedRun | None = None) -> None:
    progress = job.progress
    parts = progress.partial if isinstance(progress, Progress) else ()
    dims(not parts)
    if parts:
        viewer.draw(memoised(parts[0], ("growing", language()), lambda: packet_so_far(job, parts)))
    elif before is not None:
        viewer.viewer(before)
    else:
        viewer.draw(memoised(job.question, ("growing", language()), lambda: blank_packet(job)))
    if before is None:
        with st.container(key="below-the-map"):
            steadiness_panel(job.id, progress)


def packet_so_far(job: Job, parts: tuple[ExplainResult, ...]) -> bytes:
    """What the viewer is sent of a run that is not done: the means so far, without their errors."""
    result = gather(parts)
    count, pictures = result.num_samples, job.question.all_pictures
    if job.question.pictures:
        mean = counted(
            "Mean of {count} sample so far, picture {number} of {pictures}.",
            "Mean of {count} samples so far, picture {number} of {pictures}.",
            count,
            number=result.request.picture + 1,
            pictures=len(pictures),
        )
    else:
        mean = counted("Mean of {count} sample so far.", "Mean of {count} samples so far.", count)
    sentences = [_("{first} {second}", first=mean, second=viewer.sentence_of(each)) for each in maps_of(result)]
    return _packed(job, result, sentences)


def blank_packet(job: Job) -> bytes:
    """Likewise, before there is anything: the picture alone, with what will be there to be chosen."""
    result = gather([_blank(each, job.question.card.total_layers) for each in whole_run(job.question.request)])
    return _packed(job, result, [_("The map will grow here.")] * len(list(maps_of(result))))


def _packed(job: Job, result: ExplainResult, sentences: list[str]) -> bytes:
    chosen = job.question.all_pictures[result.request.picture]
    preview = frames_of_steps(chosen, result) if result.steps else chosen.preview
    about = viewer.about_maps(job.id, result, sentences) | {"grows": True}
    return pack(preview, list(maps_of(result)), about, with_errors=False)


def _blank(request: ExplainRequest, total_layers: int) -> ExplainResult:
    steps = (TimeStep(0.0, 0.0),) if request.is_video else ()  # how many there will be, only the model knows
    nothing = np.zeros((len(request.maps), *(1 for _step in steps), 1, 1), np.float32)
    return ExplainResult(request, Answer("", ()), nothing, nothing.copy(), 0, total_layers, {}, steps=steps)
