"""Every session key, typed, in one place.

What somebody is doing at a page lives in one `Session` object; what widgets hold lives under the names below.
The names of `ViewKey` are also the names in the address, so that a link shows the same view.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cache import RunRecord
from core import ExplainError
from dashboard.batch.feeder import BATCH_PREFIX
from dashboard.batch.plan import BatchDraft
from dashboard.jobs.pictures import ChosenPicture
from dashboard.storage.maintenance import Cleaning

_SESSION = "session"


@dataclass
class Session:
    """What somebody is doing at one open page.

    Attributes:
        pictures: those in the form; Run asks about each, or about all of them together.
        picture_problems: why uploaded files could not be used, a sentence each.
        run_id: the run on display.
        former: the run that the address named before the page changed it, and when; None once the browser has
            heard of it.
        last_shown: the run whose maps were on display last; they stay while another one is computed.
        siblings: the runs that were asked at once with it, itself included.
        comparing: runs of two models that were asked to be compared, and come into Compare when they are done.
        filled_from: the run whose parameters were last put into the form.
        watched: runs that were seen being computed here, hence not "from the store".
        notice: a sentence to be shown once.
        problem: what went wrong with the last edit in History, to be shown once.
        fresh_token: the text of an access token that was just made, to be shown once.
        refusal: why the last click on a piece of the answer asked nothing, to be shown once beside it.
        left: the job that was just cancelled here.
        steadying: a job, and what was seen here of its standard error; see `dashboard.ui.progress.steadiness`.
        selected: the runs that are selected in History.
        trashed: the runs that were last put into the trash, to be taken out again.
        region_problem: why typed corners are no region, to be shown once.
        uploads: how many times the upload widget was emptied; part of its key.
        cleaning: what cleaning the storage would drop, as it was shown last.
        imports: likewise, of the widget that takes exported runs.
        visitor: whose uploads count together with those of this page; see `dashboard.session.admitted`.
        upload_refusal: why an upload was refused, to be shown once.
        importing: the import that is under way, a `dashboard.export.import_job.ImportJob`.
        name: what the person has typed as their name; None while it is not known whether the browser keeps one.
        private: whether the person asks for themselves alone.
        audited: who the person was when their coming was last written into the audit log.
        batch: pictures and table of the batch that is being put together.
        clicks: when which button was clicked of which nothing has come yet; see `dashboard.session.clicks`.
    """

    pictures: tuple[ChosenPicture, ...] = ()
    picture_problems: tuple[str, ...] = ()
    run_id: str | None = None
    former: tuple[str | None, float] | None = None
    last_shown: str | None = None
    siblings: tuple[str, ...] = ()
    comparing: tuple[str, ...] = ()
    filled_from: str | None = None
    watched: set[str] = field(default_factory=set)
    notice: str | None = None
    problem: str | None = None
    fresh_token: str | None = None
    refusal: str | None = None
    left: str | None = None
    steadying: tuple[str, dict[int, float]] = field(default_factory=lambda: ("", {}))
    selected: tuple[str, ...] = ()
    trashed: tuple[RunRecord, ...] = ()
    region_problem: str | None = None
    uploads: int = 0
    cleaning: Cleaning | None = None
    imports: int = 0
    visitor: str = ""
    upload_refusal: str | None = None
    importing: Any = None
    name: str | None = None
    private: bool = False
    audited: str | None = None
    batch: BatchDraft = field(default_factory=BatchDraft)
    clicks: dict[str, float] = field(default_factory=dict)

    @property
    def chosen(self) -> ChosenPicture | None:
        """The first picture in the form."""
        return self.pictures[0] if self.pictures else None


_without_page: ContextVar[tuple[str, Session] | None] = ContextVar("without_page", default=None)


@contextmanager
def without_page(waiter: str) -> Iterator[Session]:
    """Within it somebody asks who has no page open: what pages would remember or show goes into a session of its own.

    Args:
        waiter: under which name they wait for jobs, in place of a page's id.
    """
    own = Session()
    token = _without_page.set((waiter, own))
    try:
        yield own
    finally:
        _without_page.reset(token)


def session() -> Session:
    """This page's session, made on first use."""
    if (apart := _without_page.get()) is not None:
        return apart[1]
    if _SESSION not in st.session_state:
        st.session_state[_SESSION] = Session()
    return st.session_state[_SESSION]


def page_id() -> str:
    """The id of this open page, which waits for jobs under it: another one after a reload."""
    if (apart := _without_page.get()) is not None:
        return apart[0]
    context = get_script_run_ctx()
    return context.session_id if context is not None else "nobody"


def event() -> object | None:
    """What of the browser's began this run of the page; the same again where the page then began another by itself.

    None where that is not known.
    """
    context = get_script_run_ctx()
    return None if context is None else context.context_info


def is_present(waiter: str) -> bool:
    """Whether the page of that id is still open and connected; a batch of pictures always is there."""
    if waiter.startswith(BATCH_PREFIX):
        return True
    return not runtime.exists() or runtime.get_instance().is_active_session(waiter)


@contextmanager
def noting_problem() -> Iterator[None]:
    """What goes wrong inside ends it and is said when the page is drawn: a callback has no page to say it on."""
    try:
        yield
    except ExplainError as error:
        session().problem = str(error)


def take_notice() -> str | None:
    """The sentence to be shown once, if there is one."""
    notice, session().notice = session().notice, None
    return notice


def take_refusal() -> str | None:
    """Why the last click asked nothing, once."""
    refusal, session().refusal = session().refusal, None
    return refusal
