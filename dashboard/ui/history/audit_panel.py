"""The latest lines of the audit log, for administrators, beside what is stored."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import literal, short
from dashboard.language import _

LATEST = 100


def audit_panel() -> None:
    """The panel; nothing for whoever is no administrator."""
    if not identity.person().is_admin:
        return
    with st.container(border=True, key="audit-panel"):
        lines = resources.audit().latest(LATEST)
        path = literal(str(resources.audit().path))
        st.caption(_("Audit log, the latest {count} lines. All of them: {path}", count=len(lines), path=path))
        if not lines:
            st.caption(_("Nobody has signed in, deleted or cancelled anything yet."))
            return
        st.dataframe(
            table(lines),
            key="audit-lines",
            hide_index=True,
            height="content" if len(lines) < 8 else 300,
            column_config={
                "time": st.column_config.TextColumn(_("When (UTC)"), width=160),
                "who": st.column_config.TextColumn(_("Who"), width=190),
                "action": st.column_config.TextColumn(_("What"), width=120),
                "about": st.column_config.TextColumn(_("To what")),
            },
            alt=_("Latest lines of the audit log"),
        )


def table(lines: list[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Column name -> one value a line."""
    usual = ("time", "who", "action")
    about = [", ".join(f"{name}: {_words(line[name])}" for name in line if name not in usual) for line in lines]
    told = {name: [short(str(line.get(name, "")), 200) for line in lines] for name in usual}
    return {**told, "time": [time[:19].replace("T", " ") for time in told["time"]], "about": about}


def _words(value: Any) -> str:
    several = [str(each) or _("nobody") for each in value] if isinstance(value, list) else [str(value)]
    words = " ".join(several[:5])
    if len(several) > 5:
        words = _("{some} and {count} more", some=words, count=len(several) - 5)
    return short(words, 200)
