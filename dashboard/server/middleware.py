"""What stands between the network and every page: which headers answers carry, and who may read the numbers."""

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.first_document import inline_scripts

NUMBERS = ("/metrics", "/_stcore/metrics")
"""Pages that say how much is going on here, and ask for no sign-in."""


def allowed_scripts() -> list[str]:
    """What allows the few lines of script that stand in the pages' own document, and no others."""
    return [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in inline_scripts()]


def is_passed_on(headers: Headers) -> bool:
    """Whether a proxy says that a request came through it."""
    return any(name in headers for name in ("forwarded", "x-forwarded-for", "via"))


POLICY = "; ".join(
    (
        "default-src 'self'",
        # Scripts of components come as blobs.
        " ".join(["script-src 'self' blob:", *allowed_scripts()]),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "connect-src 'self' data: blob:",  # what is in the page already
        "frame-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
"""Nothing is fetched from, or sent to, any other server, and no other site shows these pages in a frame."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    # Addresses name runs, which are nobody's business elsewhere.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Adds `HEADERS` to every answer that has not got them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class MetricsGuard:
    """Answers 404 at `NUMBERS` to whoever is outside some networks or comes through a proxy.

    Behind a proxy, everybody would seem to come from the proxy's own address.

    Args:
        networks: whose machines may read.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(NUMBERS) and not self._may_read(scope):
            return await PlainTextResponse("Not Found", 404)(scope, receive, send)
        await self._app(scope, receive, send)

    def _may_read(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if scope["client"] is None or is_passed_on(headers):
            return False
        try:
            address = ip_address(scope["client"][0])
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._networks)
