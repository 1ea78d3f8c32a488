"""Writing about runs: tags, a rating, a note, a title, a pin. Every widget's key names what it was opened on."""

import hashlib
from collections.abc import Sequence

import streamlit as st

from cache import Change, RunRecord
from cache.runs.annotations import LONGEST_NOTE, LONGEST_TITLE, MOST_STARS
from dashboard.auth import permissions
from dashboard.formatting import visible
from dashboard.language import _
from dashboard.session import clicks, state


def annotation_buttons(records: Sequence[RunRecord], tags: Sequence[str]) -> None:
    """The popovers and the pin, for one run or for several at once."""
    # Other runs, or the same after somebody else's edit, are other widgets: they begin with what is so now.
    seen = repr([(record.run_id, record.tags, record.rating, record.note, record.title) for record in records])
    key = hashlib.sha256(seen.encode("utf-8", "replace")).hexdigest()[:10]
    with st.popover(_("Tags"), icon=":material/sell:", key="tag-runs", width="content"):
        _tags(records, tags, key)
    with st.popover(_("Rate"), icon=":material/star:", key="rate-runs"):
        _rating(records, key)
    with st.popover(_("Title, note") if len(records) == 1 else _("Note"), icon=":material/edit_note:", key="note-runs"):
        if len(records) == 1:
            _title(records[0], key)
        _note(records, key)
    pinned = all(record.pinned for record in records)
    st.button(
        _("Unpin") if pinned else _("Pin"),
        key="pin-runs",
        icon=":material/keep_off:" if pinned else ":material/keep:",
        on_click=_write,
        args=(records,),
        kwargs={"pinned": not pinned},
    )


@clicks.whole
def _write(records: Sequence[RunRecord], **fields: object) -> None:
    with state.noting_problem():
        permissions.write(records, Change(**fields))


def _tags(records: Sequence[RunRecord], known: Sequence[str], key: str) -> None:
    common = [tag for tag in records[0].tags if all(tag in record.tags for record in records)]
    name = f"tags-{key}"
    # Side by side: the open list of tags would cover a button below it.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            _("Tags") if len(records) == 1 else _("Tags that all {count} runs have", count=len(records)),
            list(dict.fromkeys([*known, *common])),
            default=common,
            format_func=visible,
            accept_new_options=True,
            key=name,
            placeholder=_("Choose, or type a new one"),
            width=300,
        )
        st.button(_("Save"), key="save-tags", on_click=_save_tags, args=(records, common, name))


@clicks.whole
def _save_tags(records: Sequence[RunRecord], before: Sequence[str], name: str) -> None:
    wanted = st.session_state.get(name) or []
    added = tuple(tag for tag in wanted if tag not in before)
    removed = tuple(tag for tag in before if tag not in wanted)
    _write(records, add_tags=added, remove_tags=removed)


def _rating(records: Sequence[RunRecord], key: str) -> None:
    ratings = {record.rating for record in records}
    common = ratings.pop() if len(ratings) == 1 else 0
    name = f"rating-{key}"
    st.feedback("stars", default=common - 1 if common else None, key=name, on_change=_save_rating, args=(records, name))
    if any(record.rating for record in records):
        st.button(_("Take the rating away"), key="no-rating", on_click=_write, args=(records,), kwargs={"rating": 0})
    else:
        st.caption(_("1 to {most} stars, for the whole team.", most=MOST_STARS))


@clicks.whole
def _save_rating(records: Sequence[RunRecord], name: str) -> None:
    chosen = st.session_state.get(name)
    _write(records, rating=0 if chosen is None else chosen + 1)


def _note(records: Sequence[RunRecord], key: str) -> None:
    notes = {record.note for record in records}
    name = f"note-{key}"
    st.text_area(
        _("Note") if len(records) == 1 else _("Note; takes the place of those of all {count} runs", count=len(records)),
        notes.pop() if len(notes) == 1 else "",
        max_chars=LONGEST_NOTE,
        key=name,
        height=140,
        placeholder=_("What the team should know; searched in any language"),
    )
    st.button(_("Save note"), key="save-note", on_click=_save_text, args=(records, "note", name))


def _title(record: RunRecord, key: str) -> None:
    name = f"title-{key}"
    st.text_input(_("Title"), record.title, max_chars=LONGEST_TITLE, key=name, placeholder=_("What this run is called"))
    st.button(_("Save title"), key="save-title", on_click=_save_text, args=([record], "title", name))


@clicks.whole
def _save_text(records: Sequence[RunRecord], field: str, name: str) -> None:
    _write(records, **{field: st.session_state.get(name) or ""})
