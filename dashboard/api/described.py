"""What programs are told: each answer in JSON, and what its fields mean."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from cache import RunRecord
from core.models.checkpoints import ModelCard
from dashboard.formatting import as_datetime
from dashboard.jobs.job import Job
from dashboard.jobs.question import Step

State = Literal["queued", "running", "done", "cancelled", "failed", "interrupted", "evicted"]
Links = dict[str, str]


class Progress(BaseModel):
    """How far a run is that is being computed."""

    stage: str = Field(description="start, load, answer or samples")
    done: int = Field(description="tokens of the answer, or noise samples")
    total: int = Field(description="how many of them there will be at most")


class RunSummary(BaseModel):
    """A run as the history lists it."""

    id: str = Field(description="its name in addresses")
    created: datetime = Field(description="first run")
    updated: datetime = Field(description="latest run")
    prompt: str
    answer: str
    model: str
    method: str
    samples: int = Field(description="noise samples")
    explained: str = Field(description="what of the answer is explained, in words")
    picture_names: list[str] = Field(description="of each picture of the prompt, as people know it")
    image: str = Field(description="digest of the first picture, or of the video")
    seconds: float = Field(description="that computing it took")
    who: str = Field(description="who asked first; empty for nobody in particular")
    private: bool = Field(description="whether it is one's own alone")
    imported: bool = Field(description="whether its numbers come from elsewhere")
    stored: int | None = Field(description="bytes of its numbers; null where some are gone")
    title: str
    note: str
    tags: list[str]
    rating: int = Field(description="stars, 0 for none")
    pinned: bool
    links: Links = Field(description="addresses of this run and of what can be had of it")


class RunList(BaseModel):
    """Runs that fulfil a search, some at a time."""

    runs: list[RunSummary]
    total: int = Field(description="how many there are in all")
    limit: int
    offset: int
    next: str | None = Field(description="address of those that follow; null where there are none")


class RunState(BaseModel):
    """Where a run stands."""

    id: str = Field(description="its name in addresses")
    state: State = Field(
        description="evicted: its numbers or pictures are no longer stored; interrupted: a server ended before it did"
    )
    run: str | None = Field(
        None, description="the run that has the numbers; another one where it ended after fewer samples"
    )
    ahead: int | None = Field(None, description="jobs before it in the queue")
    progress: Progress | None = None
    seconds: float | None = Field(None, description="for how long it has been running, or ran")
    seconds_left: float | None = Field(None, description="that its own computing is expected to take from now on")
    stopping: bool = Field(False, description="whether it was cancelled and ends soon")
    problem: str | None = Field(None, description="why it failed, in a sentence")
    notices: list[str] = Field([], description="what should be known about it, a sentence each")
    links: Links = Field({}, description="addresses of this run and of what can be had of it")
    result: dict[str, Any] | None = Field(None, description="of a run that is done: what result.json holds")


class Cancelled(BaseModel):
    """What came of no longer wanting a run."""

    stops: bool = Field(description="whether it ends; not while others wait for it")


class Model(BaseModel):
    """A model that can be asked."""

    name: str = Field(description="by which it is asked for")
    ready: bool = Field(description="whether it can be asked now; else it is fetched first, or cannot be used")
    fingerprint: str | None = Field(None, description="of weights, settings and versions, as requests name it")
    model_type: str | None = None
    layers: int | None = Field(None, description="of the decoder")
    blocks: int | None = Field(None, description="of the vision tower")
    device: str | None = None
    dtype: str | None = None
    bits: int | None = Field(None, description="of each weight, where these are quantised")


class ModelList(BaseModel):
    """The models of this server, the default first."""

    models: list[Model]


def links_of(root: str, run: str, has_numbers: bool = True) -> Links:
    """Addresses of a run, as seen from the server's own.

    Args:
        root: of the API.
    """
    here = f"{root}/runs/{run}"
    files = {"json": "result.json", "npz": "result.npz", "overlay": "overlay.png"} if has_numbers else {}
    return {"self": here, **{name: f"{here}/{file}" for name, file in files.items()}}


def summary_of(record: RunRecord, root: str) -> RunSummary:
    """A record of the history."""
    return RunSummary(
        id=record.run_id,
        created=as_datetime(record.created),
        updated=as_datetime(record.updated),
        prompt=record.prompt,
        answer=record.answer,
        model=record.model_name,
        method=record.method,
        samples=record.num_samples,
        explained=record.target,
        picture_names=list(record.names),
        image=record.image,
        seconds=record.duration,
        who=record.who,
        private=bool(record.private_to),
        imported=bool(record.origin),
        stored=record.stored,
        title=record.title,
        note=record.note,
        tags=list(record.tags),
        rating=record.rating,
        pinned=record.pinned,
        links=links_of(root, record.run_id, record.stored is not None),
    )


def job_of(job: Job, root: str, expected: float | None = None, notices: Sequence[str] = ()) -> RunState:
    """A job that is not done, or has failed.

    Args:
        expected: seconds that it is expected to take in all, where nothing better is known.
    """
    progress = job.progress
    left = job.seconds_left
    if left is None and expected is not None and job.is_active:
        left = max(0.0, expected - job.seconds)
    return RunState(
        id=job.id,
        state=job.state,
        ahead=job.ahead if job.state == "queued" else None,
        progress=None
        if progress is None or isinstance(progress, Step)
        else Progress(stage=progress.stage, done=progress.done, total=progress.total),
        seconds=job.seconds if job.seconds else None,
        seconds_left=left,
        stopping=job.stopping,
        problem=job.problem,
        notices=list(notices),
        links=links_of(root, job.id, has_numbers=False),
    )


def model_of(name: str, card: ModelCard | None) -> Model:
    """A model by what is known of it."""
    if card is None:
        return Model(name=name, ready=False)
    return Model(
        name=name,
        ready=True,
        fingerprint=card.fingerprint,
        model_type=card.model_type,
        layers=card.total_layers,
        blocks=card.total_blocks or None,
        device=card.device,
        dtype=card.dtype,
        bits=card.bits,
    )


def seconds_of(moment: datetime | None) -> float | None:
    """Seconds since 1970 of a moment; one without a zone is UTC."""
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
