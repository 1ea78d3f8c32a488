"""Back from the sign-in service to the page that somebody wanted: Streamlit itself always leads to the first one.

The browser says where it comes from when it goes to sign in (`dashboard.server.middleware` lets it, on this site). That
address waits in a cookie of the browser's until the service sends it back.
"""

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.first_document import PAGES
from dashboard.session.keys import BATCH, RUN, RUNS, CompareKey, HistoryKey, ViewKey

PARAMETERS = frozenset((RUN, RUNS, BATCH, *ViewKey, *CompareKey, *HistoryKey))

COOKIE = "smooth_gradcam_wanted"
SECONDS = 600
"""How long somebody may take to sign in."""
_LONGEST = 3000
"""Characters of an address; browsers keep cookies of 4 KB."""


def own_address(address: str, base: str = "") -> str:
    """An address of this program as seen from its root, "compute?run=...", with known parameters alone.

    Args:
        address: any text.
        base: `server.baseUrlPath`, without slashes at its ends.

    Returns:
        "" for the first page, and for whatever is no page of this program.
    """
    try:
        parts = urlsplit(address)
        named = parse_qsl(parts.query, max_num_fields=100)
    except ValueError:
        return ""
    path = parts.path.strip("/")
    if base:
        path = "" if path == base else path.removeprefix(f"{base}/")
    if path not in PAGES:
        return ""
    query = urlencode([(name, value) for name, value in named if name in PARAMETERS])
    found = f"{path}?{query}" if query else path
    return found if len(quote(found, safe="")) <= _LONGEST else path


class SignInReturn:
    """Keeps the address from which somebody goes to sign in, and leads back there.

    Args:
        base: `server.baseUrlPath`.
    """

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self._app = app
        self._base = base.strip("/")
        self._root = f"/{self._base}/" if self._base else "/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        is_leaving = scope["type"] == "http" and scope["path"] == f"{self._root}auth/login"
        is_back = scope["type"] == "http" and scope["path"] == f"{self._root}oauth2callback"
        if not is_leaving and not is_back:
            return await self._app(scope, receive, send)

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
                headers = MutableHeaders(scope=message)
                if is_leaving:
                    headers.append("set-cookie", self._cookie(self._left(Headers(scope=scope))))
                else:
                    # Whoever could not be signed in, too, so that a second try leads to the same page.
                    headers["location"] = self._root + self._wanted(Request(scope))
                    headers.append("set-cookie", self._cookie(""))
            await send(message)

        await self._app(scope, receive, send_on)

    def _left(self, headers: Headers) -> str:
        """The page from which the browser comes."""
        came = headers.get("referer", "")
        try:
            is_here = urlsplit(came).netloc == headers.get("host")
        except ValueError:
            return ""
        return own_address(came, self._base) if is_here else ""

    def _wanted(self, request: Request) -> str:
        # Looked at again: another program on this host may have written the cookie.
        return own_address(self._root + unquote(request.cookies.get(COOKIE, "")), self._base)

    def _cookie(self, address: str) -> str:
        # Lax: the sign-in service is another site, and sends the browser back by a link.
        age = SECONDS if address else 0
        return f"{COOKIE}={quote(address, safe='')}; Path={self._root}; Max-Age={age}; HttpOnly; SameSite=Lax"
