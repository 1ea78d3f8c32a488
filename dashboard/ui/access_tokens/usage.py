"""What programs may do with an access token, and the first request that one can try."""

import re

import streamlit as st

from dashboard.language import _

_EXAMPLE = """curl {address}/runs \\
  -H "Authorization: Bearer $TOKEN" \\
  -F picture=@photo.png -F prompt="$QUESTION"
"""


def usage() -> None:
    """Draws it."""
    address = api_address(st.context.url or "")
    st.markdown(
        _(
            "Programs ask here as people do on the pages: same queue, same store, same limits. They show an **access "
            "token** in place of a sign-in, and may then do and see what you may. Give each program one of its own, "
            "and keep it as you keep a password."
        )
    )
    st.code(_EXAMPLE.format(address=address), language="bash", wrap_lines=True)
    document = f"`{address}/openapi.json`"
    st.caption(_("All that can be asked, in the form of OpenAPI: {address}", address=document))


def api_address(page: str) -> str:
    """Where the API is, from the address of the page on which that is said."""
    return f"{re.sub(r'/(tokens/?)?([?#].*)?$', '', page)}/api/v1"
