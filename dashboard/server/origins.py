"""Which pages may talk to this server: those that it sent itself, and none of another host or port."""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.server.middleware import is_passed_on

REFUSED = "This server answers its own pages only. Open it at its own address."

_READING = ("GET", "HEAD", "OPTIONS")
_PORTS = {"http": 80, "https": 443}
_SECURE = ("https", "wss")


class SameOrigin:
    """Refuses web sockets, and requests that change something, of pages that come from anywhere else.

    Browsers say with `Origin` where a page came from. Streamlit trusts every port of localhost and of this machine's
    own addresses, where another user of the machine may have a web server. A request without an origin is no
    browser's page: a script, which carries nobody's cookies but its own.

    Args:
        public: origins under which a proxy shows this server although it passes on another host, such as
            "https://maps.example.org".
        local: whether nobody but this machine can reach the server, and no names are known that it has. Whoever owns a
            name can have it lead to this machine, and his page, sent by a server of his own before that, would pass
            for one of ours (DNS rebinding): then what no proxy passed on must name the machine itself.
    """

    def __init__(self, app: ASGIApp, public: Iterable[str] = (), local: bool = False) -> None:
        self._app, self._local = app, local
        self._public = frozenset(origin.strip().rstrip("/") for origin in public)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        changes = scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in _READING)
        if not changes or self._may(Headers(scope=scope), scope.get("scheme", "http")):
            return await self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})  # before it is accepted: answered with 403
        await PlainTextResponse(REFUSED, 403)(scope, receive, send)

    def _may(self, headers: Headers, scheme: str) -> bool:
        origins, hosts = headers.getlist("origin"), headers.getlist("host")
        if not origins:
            return True
        if len(origins) > 1 or len(hosts) != 1:
            return False
        if origins[0] in self._public:
            return True
        if self._local and not is_passed_on(headers) and not is_this_machine(_name_of(hosts[0])):
            return False
        return is_own(origins[0], hosts[0], secure=scheme in _SECURE)


def is_this_machine(name: str | None) -> bool:
    """Whether a host's name or address leads to the machine that looks it up, whoever that is."""
    if name is None or name == "localhost" or name.endswith(".localhost"):
        return name is not None
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_own(origin: str, host: str, *, secure: bool) -> bool:
    """Whether a page of that origin was sent by the server that is addressed: the same host, and the same port.

    Args:
        origin: as a browser sends it, such as "https://maps.example.org"; "null" is nobody's.
        host: as it stands in the request, such as "localhost:8501".
        secure: whether the request is known to have come by TLS; then the page must have, too.
    """
    try:
        page = urlsplit(origin)
        addressed = urlsplit(f"//{host}")
        if page.scheme not in _PORTS or (secure and page.scheme != "https"):
            return False
        if origin != f"{page.scheme}://{page.netloc}" or host != addressed.netloc or "@" in origin + host:
            return False
        # A proxy that ends TLS does not always say so: the page's own scheme tells which port may be left out.
        port = _PORTS[page.scheme]
        return bool(page.hostname) and (page.hostname, page.port or port) == (
            addressed.hostname,
            addressed.port or port,
        )
    except ValueError:  # a port that is no number, half an IPv6 address
        return False


def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
