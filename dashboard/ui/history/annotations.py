"""Writing about runs: tags, a rating, a note, a title, a pin. Every widget's key names what it was opened on."""

import hashlib
from collections.abc import Sequence

import streamlit as st

from cache import Change, RunRecord
from cache.runs.annotations import LONGEST_NOTE, LONGEST_TITLE, MOST_STARS
from core import ExplainError
from dashboard.auth import permissions as ownership
from dashboard.session import state


def note_buttons(runs: Sequence[RunRecord], tags: Sequence[str]) -> None:
    """The popovers and the pin, for one run or for several at once."""
    # Other runs, or the same after somebody else's edit, are other widgets: they begin with what is so now.
    seen = repr([(run.run_id, run.tags, run.rating, run.note, run.title) for run in runs])
    key = hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()[:10]
    with st.popover("Tags", icon=":material/sell:", key="tag-runs", width="content"):
        _tags(runs, tags, key)
    with st.popover("Rate", icon=":material/star:", key="rate-runs"):
        _rating(runs, key)
    with st.popover("Title, note" if len(runs) == 1 else "Note", icon=":material/edit_note:", key="note-runs"):
        if len(runs) == 1:
            _title(runs[0], key)
        _note(runs, key)
    pinned = all(run.pinned for run in runs)
    st.button(
        "Unpin" if pinned else "Pin",
        key="pin-runs",
        icon=":material/keep_off:" if pinned else ":material/keep:",
        on_click=apply,
        args=(runs, Change(pinned=not pinned)),
    )


def apply(runs: Sequence[RunRecord], change: Change) -> None:
    """Writes a change, or remembers why it could not be written. For callbacks."""
    try:
        ownership.write(runs, change)
    except ExplainError as error:
        state.session().problem = str(error)


def _tags(runs: Sequence[RunRecord], known: Sequence[str], key: str) -> None:
    common = [tag for tag in runs[0].tags if all(tag in run.tags for run in runs)]
    name = f"tags-{key}"
    # Side by side: the open list of tags would cover a button below it.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            "Tags" if len(runs) == 1 else f"Tags that all {len(runs)} runs have",
            list(dict.fromkeys([*known, *common])),
            default=common,
            accept_new_options=True,
            key=name,
            placeholder="Choose, or type a new one",
            width=300,
        )
        st.button("Save", key="save-tags", on_click=_save_tags, args=(runs, common, name))


def _save_tags(runs: Sequence[RunRecord], before: Sequence[str], name: str) -> None:
    wanted = st.session_state.get(name) or []
    added = tuple(tag for tag in wanted if tag not in before)
    removed = tuple(tag for tag in before if tag not in wanted)
    _try(runs, add_tags=added, remove_tags=removed)


def _rating(runs: Sequence[RunRecord], key: str) -> None:
    ratings = {run.rating for run in runs}
    common = ratings.pop() if len(ratings) == 1 else 0
    name = f"rating-{key}"
    st.feedback("stars", default=common - 1 if common else None, key=name, on_change=_save_rating, args=(runs, name))
    if any(run.rating for run in runs):
        st.button("Take the rating away", key="no-rating", on_click=apply, args=(runs, Change(rating=0)))
    else:
        st.caption(f"1 to {MOST_STARS} stars, for the whole team.")


def _save_rating(runs: Sequence[RunRecord], name: str) -> None:
    chosen = st.session_state.get(name)
    apply(runs, Change(rating=0 if chosen is None else chosen + 1))


def _note(runs: Sequence[RunRecord], key: str) -> None:
    notes = {run.note for run in runs}
    name = f"note-{key}"
    st.text_area(
        "Note" if len(runs) == 1 else f"Note; takes the place of those of all {len(runs)} runs",
        notes.pop() if len(notes) == 1 else "",
        max_chars=LONGEST_NOTE,
        key=name,
        height=140,
        placeholder="What the team should know; searched in any language",
    )
    st.button("Save note", key="save-note", on_click=_save_text, args=(runs, "note", name))


def _title(run: RunRecord, key: str) -> None:
    name = f"title-{key}"
    st.text_input("Title", run.title, max_chars=LONGEST_TITLE, key=name, placeholder="What this run is called")
    st.button("Save title", key="save-title", on_click=_save_text, args=([run], "title", name))


def _save_text(runs: Sequence[RunRecord], field: str, name: str) -> None:
    _try(runs, **{field: st.session_state.get(name) or ""})


def _try(runs: Sequence[RunRecord], **fields: object) -> None:
    try:
        change = Change(**fields)
    except ExplainError as error:
        state.session().problem = str(error)
    else:
        apply(runs, change)
