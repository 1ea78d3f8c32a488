"""The storage panel of History: how much there is of what, how useful it is, and tidying up by age."""

from typing import Any

import streamlit as st

from cache.results.inspection import kinds, model_shares
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import size, when
from dashboard.language import N_, _, counted, sentence
from dashboard.session import clicks, keys, state
from dashboard.storage.maintenance import clean, plan_cleaning
from dashboard.ui.history.evictions import evictions_panel

KINDS = {
    "layer": N_("Maps"),
    "pass": N_("Passes (answer, grid, times)"),
    "answer": N_("Answers"),
    "report": N_("Trust reports"),
    "counts": N_("Lists of sample counts"),
}


def storage_panel() -> None:
    """The whole panel.

    Raises:
        StoreError: the store or the history cannot be read.
    """
    with st.container(border=True, key="storage-panel"):
        _figures()
        left, right = st.columns(2, gap="large")
        with left:
            _by_kind()
        with right:
            evictions_panel()
            _cleaning()


def _figures() -> None:
    storage = resources.storage()
    used, rate = storage.results.volume(), storage.results.lookups()
    pictures = storage.pictures.digests()
    asked = rate.hits + rate.misses
    runs, trashed = storage.runs.count(viewer=identity.viewer()), storage.runs.trashed(identity.viewer())
    found = (
        (
            _("Stored"),
            size(used),
            _("Of {limit}; beyond it, the longest stored goes.", limit=size(storage.size_limit)),
        ),
        (
            _("Hit rate"),
            "–" if rate.rate is None else f"{rate.rate:.0%}",
            _("Of {count:,} questions so far, those whose result was stored already.", count=asked),
        ),
        (_("Runs"), f"{runs:,}", _("And {count:,} in the trash. Runs are never evicted.", count=trashed)),
        (
            _("Pictures"),
            f"{len(pictures):,}",
            _("{size}. Never evicted: runs can be repeated.", size=size(sum(pictures.values()))),
        ),
    )
    for column, (name, value, about) in zip(st.columns(len(found)), found, strict=True):
        column.metric(name, value, help=about)
    st.progress(
        min(1.0, used / storage.size_limit),
        text=_("{share:.1%} of {limit}", share=used / storage.size_limit, limit=size(storage.size_limit)),
    )


def _table(columns: dict[str, list[Any]], key: str, alt: str) -> None:
    config = st.column_config
    known = {
        "kind": config.TextColumn(_("Kind"), width=190),
        "model": config.TextColumn(_("Model"), width=190),
        "what": config.TextColumn(_("Would be dropped"), width=230),
        "entries": config.NumberColumn(_("Entries"), format="localized", width=70),
        "passes": config.NumberColumn(_("Passes"), format="localized", width=70),
        "maps": config.NumberColumn(_("Maps"), format="localized", width=70),
        "size": config.TextColumn(_("Size"), width=80),
        "oldest": config.TextColumn(_("Oldest"), width=150),
    }
    shown = {name: known[name] for name in columns}
    st.dataframe(columns, key=key, hide_index=True, height="content", column_config=shown, alt=alt)


def _by_kind() -> None:
    storage = resources.storage()
    found = kinds(storage.results.folder)
    st.caption(_("Entries by kind"))
    _table(
        {
            "kind": [_(KINDS.get(kind.name, kind.name)) for kind in found],
            "entries": [kind.entries for kind in found],
            "size": [size(kind.size) for kind in found],
            "oldest": ["" if kind.oldest is None else when(kind.oldest) for kind in found],
        },
        "storage-kinds",
        _("Stored entries by kind"),
    )
    if st.button(_("Count by model"), key="storage-models", icon=":material/calculate:"):
        with st.spinner(_("Every stored pass is read.")):
            _by_model()


def _by_model() -> None:
    storage = resources.storage()
    names = storage.runs.overview.model_names()
    shares = model_shares(storage.results.folder)
    _table(
        {
            "model": [names.get(share.model, share.model[:16]) for share in shares],
            "passes": [share.passes for share in shares],
            "maps": [share.maps for share in shares],
            "size": [size(share.size) for share in shares],
        },
        "storage-by-model",
        _("Stored passes and maps by model"),
    )


def _cleaning() -> None:
    session = state.session()
    st.caption(_("Clean up. Runs stay in the history; what is dropped is computed again when somebody asks."))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(_("Drop results older than, days"), 0, 36_500, 90, key=keys.HistoryKey.DAYS, width=220)
        st.button(_("Preview"), key="preview-cleaning", icon=":material/preview:", on_click=_preview)
    plan = session.cleaning
    if plan is None:
        return
    items = plan.items()
    _table(
        {
            "what": [_opening(sentence(what)) for what, __ in items],
            "entries": [len(sizes) for __, sizes in items],
            "size": [size(sum(sizes)) for __, sizes in items],
        },
        "cleaning-plan",
        _("What cleaning would drop"),
    )
    nothing = not any(sizes for __, sizes in items)
    with st.container(horizontal=True):
        st.button(_("Drop these"), key="do-cleaning", type="primary", disabled=nothing, on_click=_clean)
        st.button(_("Leave everything"), key="leave-cleaning", on_click=_forget)


def _opening(words: str) -> str:
    return words[:1].upper() + words[1:]


@clicks.whole
def _preview() -> None:
    with state.noting_problem():
        days = float(st.session_state[keys.HistoryKey.DAYS])
        state.session().cleaning = plan_cleaning(resources.storage().folder, days)


@clicks.whole
def _clean() -> None:
    session = state.session()
    plan, session.cleaning = session.cleaning, None
    with state.noting_problem():
        clean(resources.storage().folder, plan)
        count = sum(len(sizes) for __, sizes in plan.items())
        session.notice = counted(
            "{count:,} entry dropped. The history stays.", "{count:,} entries dropped. The history stays.", count
        )


@clicks.whole
def _forget() -> None:
    state.session().cleaning = None
