"""The document that a browser is given at the address of a page: Streamlit's own, with the server's address in it.

Without that, Streamlit's script tries what the page's address begins with: at /compute it first looks for the server
below /compute, is told that nothing is there, and waits before it looks elsewhere.
"""

import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

PAGES = ("", "compute", "batch", "compare", "history", "tokens", "glossary")
"""The pages' names in addresses; "" is the first page."""

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# Whatever stands before the page's name is the server's, be it `server.baseUrlPath` or what a proxy has put there.
_ROOT = (
    "window.__streamlit = { ...window.__streamlit, BACKEND_BASE_URL: location.origin + "
    rf'location.pathname.replace(/\/(?:{"|".join(filter(None, PAGES))})?$/, "") }};'
)


@cache
def document() -> str:
    """The whole document. What says where the server is stands before every other script."""
    page = (Path(streamlit.__file__).with_name("static") / "index.html").read_text("utf-8")
    return page.replace("<script", f"<script>{_ROOT}</script>\n    <script", 1)


def inline_scripts() -> list[str]:
    """The few lines of script that stand in the document itself."""
    return _SCRIPT.findall(document())


def page_routes(base: str = "") -> list[Route]:
    """The addresses of the pages.

    Args:
        base: `server.baseUrlPath`.
    """

    async def show(_: Request) -> Response:
        return HTMLResponse(document(), headers={"Cache-Control": "no-cache"})

    root = f"/{base.strip('/')}" if base.strip("/") else ""
    return [Route(f"{root}/{name}", show) for name in PAGES]
