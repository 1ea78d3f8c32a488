"""What eviction and cleaning up have dropped, for the storage panel: when, why and how much."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from cache import Filter
from cache.results.change_log import Drop, dropped
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import as_datetime, size
from dashboard.language import N_, _, counted

REASONS = {
    "evicted": N_("Size limit: the longest stored goes"),
    "expired": N_("Age limit"),
    "cleaned": N_("Cleaned up"),
    "damaged": N_("Damaged"),
}
MOST = 400
"""Lines of the log that are read; of one time and reason there are as many as kinds of entries."""


@dataclass(frozen=True)
class EvictionRow:
    """What was dropped within an hour for one reason.

    Attributes:
        latest: when the last of it was, seconds since 1970.
        reason: as `REASONS` names it.
        maps, others: how many maps, and other entries and pictures.
        size: bytes of all of them.
    """

    latest: float
    reason: str
    maps: int
    others: int
    size: int


def eviction_rows(drops: Sequence[Drop]) -> list[EvictionRow]:
    """The kinds of entries put together, latest first."""
    together: dict[tuple[int, str], list[Drop]] = {}
    for drop in drops:
        together.setdefault((int(drop.latest // 3600), drop.reason), []).append(drop)
    rows = [
        EvictionRow(
            max(drop.latest for drop in same),
            REASONS.get(reason, reason),
            sum(drop.entries for drop in same if drop.kind == "layer"),
            sum(drop.entries for drop in same if drop.kind != "layer"),
            sum(drop.size for drop in same),
        )
        for (__, reason), same in together.items()
    ]
    return sorted(rows, key=lambda row: row.latest, reverse=True)


def evictions_panel() -> None:
    """The log, and how many runs have lost their results.

    Raises:
        StoreError: results or history cannot be read.
    """
    storage, viewer = resources.storage(), identity.viewer()
    total, gone = storage.runs.count(viewer=viewer), storage.runs.count_of(Filter(stored=False, viewer=viewer))
    st.caption(_("What eviction and cleaning up have dropped, an hour and a reason to a line"))
    rows = eviction_rows(dropped(storage.results.folder, MOST))
    if not rows:
        st.caption(_("Nothing so far."))
    else:
        st.dataframe(
            {
                "latest": [as_datetime(row.latest) for row in rows],
                "reason": [_(row.reason) for row in rows],
                "dropped maps": [row.maps for row in rows],
                "others": [row.others for row in rows],
                "size": [size(row.size) for row in rows],
            },
            key="storage-dropped",
            hide_index=True,
            height="content" if len(rows) <= 6 else 250,
            column_config={
                "latest": st.column_config.DatetimeColumn(_("Latest (UTC)"), format="YYYY-MM-DD HH:mm", width=140),
                "reason": st.column_config.TextColumn(_("Why"), width=200),
                "dropped maps": st.column_config.NumberColumn(_("Maps"), format="localized", width=60),
                "others": st.column_config.NumberColumn(
                    _("Others"),
                    format="localized",
                    width=60,
                    help=_("Passes, answers, reports, lists and pictures"),
                ),
                "size": st.column_config.TextColumn(_("Size"), width=80),
            },
            alt=_("What was dropped from the store, when, why and how much"),
        )
    if total:
        st.caption(_lost_words(total, gone))


def _lost_words(total: int, gone: int) -> str:
    if total == 1:
        return counted(
            "Of 1 run, {count:,} is no longer stored whole; each can be computed again to the same values.",
            "Of 1 run, {count:,} are no longer stored whole; each can be computed again to the same values.",
            gone,
        )
    return counted(
        "Of {total:,} runs, {count:,} is no longer stored whole; each can be computed again to the same values.",
        "Of {total:,} runs, {count:,} are no longer stored whole; each can be computed again to the same values.",
        gone,
        total=total,
    )
