"""Every session key, typed, in one place.

What a visitor is doing lives in one `Session` object; what widgets hold lives under the names below.
The names of `View` are also the names in the address, so that a link shows the same view.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cache import Run
from dashboard.batch_feeder import VISITOR
from dashboard.batch_plan import BatchDraft
from dashboard.question import ChosenPicture
from dashboard.upkeep import Cleaning

RUN = "run"
"""The address parameter that names a run."""
RUNS = "runs"
"""The address parameter that names several runs, separated by commas: those of Compare, or those asked at once."""

BATCH = "batch"
"""The address parameter that names a batch of pictures."""

_SESSION = "session"

LATE = 2.0
"""Seconds for which the browser may still come with a former address."""


class Field(StrEnum):
    """Widgets of the Compute page's form."""

    MODEL = "form-model"
    UPLOAD = "form-upload"
    TOGETHER = "form-together"
    PICTURE_FIRST = "form-picture-first"
    PROMPT = "form-prompt"
    LAYERS = "form-layers"
    CUSTOM_LAYERS = "form-custom-layers"
    SAMPLES = "form-samples"
    CUSTOM_SAMPLES = "form-custom-samples"
    SETTLE = "form-settle"
    NOISE = "form-noise"
    SEED = "form-seed"
    METHOD = "form-method"
    TARGET = "form-target"
    PHRASE = "form-phrase"
    OCCURRENCE = "form-occurrence"
    FIRST_TOKEN = "form-first-token"
    LAST_TOKEN = "form-last-token"
    POSITION = "form-position"
    INSTEAD = "form-instead"
    SENTENCE = "form-sentence"
    PART = "form-part"
    SCORE = "form-score"
    WHERE = "form-where"
    TAP = "form-tap"
    MAX_NEW_TOKENS = "form-max-new-tokens"
    LIMIT_PIXELS = "form-limit-pixels"
    VISUAL_TOKENS = "form-visual-tokens"
    PRIVATE = "form-private"


class View(StrEnum):
    """Widgets that choose how a result is drawn; their keys stand in the address."""

    IMAGE = "image"
    MAP = "map"
    LAYER = "layer"
    WORD = "word"
    PIECES = "pieces"
    PANES = "panes"
    THRESHOLD = "threshold"
    OPACITY = "opacity"
    COLORMAP = "colormap"
    CELLS = "cells"
    SCALE = "scale"
    MARKS = "marks"
    TAB = "tab"
    QUESTIONS = "questions"
    MEASURE = "measure"


class Comparing(StrEnum):
    """Widgets of Compare that choose what is shown; their keys stand in the address."""

    LAYER = "at"
    TAB = "show"
    STATISTIC = "statistic"
    LINES = "lines"
    ERRORS = "errors"
    BASELINE = "baseline"
    FIRST = "first"
    SECOND = "second"
    SCALE = "difference"
    REGION = "region"
    CANVAS = "canvas"
    ROWS = "rows"
    COLUMNS = "columns"
    LIKENESS = "likeness"
    FILM_SCALE = "film-scale"


class Listing(StrEnum):
    """Widgets of Compare and History."""

    SEARCH = "search"
    PAGE = "page"
    TABLE = "history-table"
    PICKED = "picked-runs"
    SORT = "sort"
    UPWARD = "upward"
    PICTURE = "picture"
    MODEL = "model"
    METHOD = "method"
    TAG = "tag"
    WHO = "who"
    RATING = "rating"
    PINNED = "pinned"
    TRASH = "trash"
    SINCE = "since"
    UNTIL = "until"
    LEAST_SAMPLES = "samples-from"
    MOST_SAMPLES = "samples-to"
    LEAST_SECONDS = "seconds-from"
    MOST_SECONDS = "seconds-to"
    LEAST_SIZE = "size-from"
    MOST_SIZE = "size-to"
    HEAT = "heat"
    STORAGE = "storage"
    PRIVATE = "private"
    PRIVATE_OF = "private-of"
    DAYS = "clean-days"


@dataclass(frozen=True)
class Film:
    """A film through the layers of a run; see `dashboard.scrubber`.

    Attributes:
        run: the run whose layers are shown.
        first: index among its layers of the one that it began with.
        started: when, by `time.monotonic`.
        ended: when it was paused or had shown the last layer; None while it is on.
        since: index of the first layer that a browser may have been shown last, of the film before it, too.
    """

    run: str
    first: int
    started: float
    ended: float | None = None
    since: int = 0


@dataclass
class Session:
    """What one visitor is doing.

    Attributes:
        pictures: those in the form; Run asks about each, or about all of them together.
        picture_problems: why uploaded files could not be used, a sentence each.
        run_id: the run on display.
        former: the run that the address named before the page changed it, and when; None once the browser has
            heard of it.
        siblings: the runs that were asked at once with it, itself included.
        filled_from: the run whose parameters were last put into the form.
        watched: runs that this visitor saw being computed, hence not "from the store".
        notice: a sentence to be shown once.
        problem: what went wrong with the last edit in History, to be shown once.
        refusal: why the last click on a piece of the answer asked nothing, to be shown once beside it.
        film: the film that is on.
        left: the job that this visitor has just cancelled.
        steadying: a job, and what its visitor saw of its standard error; see `dashboard.growing`.
        selected: the runs that are selected in History.
        trashed: the runs that were last put into the trash, to be taken out again.
        region_problem: why typed corners are no region, to be shown once.
        uploads: how many times the upload widget was emptied; part of its key.
        cleaning: what cleaning the storage would drop, as it was shown last.
        imports: likewise, of the widget that takes exported runs.
        name: what this visitor has typed as their name; None while it is not known whether the browser keeps one.
        private: whether this visitor asks for themselves alone.
        audited: who this visitor was when their coming was last written into the audit log.
        batch: pictures and table of the batch that is being put together.
        clicks: when which button was clicked of which nothing has come yet; see `dashboard.clicks`.
    """

    pictures: tuple[ChosenPicture, ...] = ()
    picture_problems: tuple[str, ...] = ()
    run_id: str | None = None
    former: tuple[str | None, float] | None = None
    siblings: tuple[str, ...] = ()
    filled_from: str | None = None
    watched: set[str] = field(default_factory=set)
    notice: str | None = None
    problem: str | None = None
    refusal: str | None = None
    film: Film | None = None
    left: str | None = None
    steadying: tuple[str, dict[int, dict[str | int, float]]] = field(default_factory=lambda: ("", {}))
    selected: tuple[str, ...] = ()
    trashed: tuple[Run, ...] = ()
    region_problem: str | None = None
    uploads: int = 0
    cleaning: Cleaning | None = None
    imports: int = 0
    name: str | None = None
    private: bool = False
    audited: str | None = None
    batch: BatchDraft = field(default_factory=BatchDraft)
    clicks: dict[str, float] = field(default_factory=dict)

    @property
    def chosen(self) -> ChosenPicture | None:
        """The first picture in the form."""
        return self.pictures[0] if self.pictures else None


def session() -> Session:
    """This visitor's session, made on first use."""
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = Session()
    return st.session_state[_SESSION]


def visitor() -> str:
    """A name for this visitor's open page: another one after a reload."""
    context = get_script_run_ctx()
    return context.session_id if context is not None else "nobody"


def is_present(visitor: str) -> bool:
    """Whether that visitor's page is still open and connected; a batch of pictures always is."""
    if visitor.startswith(VISITOR):
        return True
    return not runtime.exists() or runtime.get_instance().is_active_session(visitor)


def asked_run() -> str | None:
    """The run that the address names, else the one on display.

    What the visitor did before the browser heard of a new address comes with the former one, which is then not meant;
    unless it is the way back, of which the browser says so.
    """
    here, name = session(), st.query_params.get(RUN)
    is_former = here.former is not None and here.former[0] == name and time.monotonic() - here.former[1] < LATE
    if is_former and not _goes_back():
        return here.run_id
    here.former = None
    return name or here.run_id


def _goes_back() -> bool:
    """Whether the browser's Back or Forward began this run of the page."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def event() -> object | None:
    """What of the browser's began this run of the page; the same again where the page then began another by itself.

    None where that is not known.
    """
    context = get_script_run_ctx()
    return None if context is None else context.context_info


def show_run(run_id: str | None) -> None:
    """Puts a run, or none, on display and into the address."""
    here = session()
    here.run_id, here.former = run_id, (st.query_params.get(RUN), time.monotonic())
    if run_id is None:
        st.query_params.pop(RUN, None)
    else:
        st.query_params[RUN] = run_id


def runs_in_address(most: int) -> list[str]:
    """The several runs that the address names, each once."""
    named = [name for name in st.query_params.get(RUNS, "").split(",") if name]
    return list(dict.fromkeys(named))[:most]


def name_runs(names: Sequence[str]) -> None:
    """Puts several runs, or none, into the address."""
    if names:
        st.query_params[RUNS] = ",".join(names)
    else:
        st.query_params.pop(RUNS, None)


def replace_sibling(name: str, other: str) -> None:
    """Puts another run in the place of one that was asked together with others."""
    here = session()
    here.siblings = tuple(other if each == name else each for each in here.siblings)
    if RUNS in st.query_params:
        name_runs(here.siblings)


def take_notice() -> str | None:
    """The sentence to be shown once, if there is one."""
    notice, session().notice = session().notice, None
    return notice


def take_refusal() -> str | None:
    """Why the last click asked nothing, once."""
    refusal, session().refusal = session().refusal, None
    return refusal
