"""What of the data folder was lost or cannot be read: said on pages until an administrator has acknowledged it."""

import streamlit as st

from dashboard import resources
from dashboard.auth import identity, permissions
from dashboard.formatting import literal
from dashboard.language import _, sentence
from dashboard.session import clicks, state


def damage_banner() -> bool:
    """The sentences, and for administrators the button that acknowledges them; returns whether there are any."""
    said = resources.storage().damage_in_words()
    if not said:
        return False
    with st.container(key="damage"):
        st.error("\n\n".join(literal(sentence(each)) for each in said), icon=":material/broken_image:")
        if identity.person().is_admin:
            st.button(
                _("I have seen this"),
                key="acknowledge-damage",
                help=_("Takes the message away for everybody. No file is deleted, and the audit log notes it."),
                on_click=_acknowledge,
            )
        else:
            st.caption(_("An administrator can take this message away here."))
    return True


@clicks.whole
def _acknowledge() -> None:
    with state.noting_problem():
        permissions.acknowledge_damage()
