"""A sign-in service and a signing-in proxy, as small as they can be, for tests.

The service speaks OpenID Connect: discovery, authorisation code with PKCE, signed tokens, sign-out. It asks nobody for
a password: whoever comes is whom the test says. And it can be told to lie.
"""

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, PASSWORD = "smooth-gradcam", "a-secret-of-the-client"
COOKIE_SECRET = secrets.token_hex(32)


class Provider(ThreadingHTTPServer):
    """The service.

    Attributes:
        claims: whom it signs in; may overwrite any claim of its tokens.
        signs_with: its key, or another one.
        state: what it sends back instead of the state that it was given.
        visited: the paths that were asked for.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        self.issuer = f"http://localhost:{self.server_port}"
        self.codes: dict[str, dict[str, str]] = {}
        self.visited: list[str] = []
        self.behave()

    def behave(self, email: str = "ada@example.org", **claims: Any) -> None:
        """From now on everybody is signed in as this, truthfully but for the claims that are given."""
        self.claims = {"sub": email, "email": email, "email_verified": True, "name": "Somebody", **claims}
        self.signs_with, self.state = self.key, None
        self.visited.clear()

    def token(self, asked: dict[str, str]) -> str:
        """A signed identity token for whoever asked for authorisation so."""
        now = int(time.time())
        told = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": asked["nonce"]}
        header = {"alg": "RS256", "kid": self.key.kid}
        return jwt.encode(header, {**told, **self.claims}, self.signs_with)


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:  # noqa: N802 - names that http.server calls
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.server.visited.append(address.path)
        if address.path == "/.well-known/openid-configuration":
            self._json(self._about())
        elif address.path == "/keys":
            self._json(KeySet([self.server.key]).as_dict(private=False))
        elif address.path == "/authorize":
            assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
            assert "openid" in asked["scope"] and asked["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe()
            self.server.codes[code] = asked
            state = asked["state"] if self.server.state is None else self.server.state
            self._redirect(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': state})}")
        elif address.path == "/leave":
            self._redirect(asked["post_logout_redirect_uri"])
        else:
            self.send_error(404)

    def do_POST(self) -> None:  # noqa: N802
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.visited.append(self.path)
        asked = self.server.codes.pop(body["code"][0], None)  # each holds once
        client = base64.b64decode(self.headers.get("Authorization", " ").split()[1]).decode()
        verifier = hashlib.sha256(body["code_verifier"][0].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if asked is None or client != f"{CLIENT}:{PASSWORD}" or challenge != asked["code_challenge"]:
            self.send_error(400)
            return
        self._json({"access_token": "x", "token_type": "Bearer", "id_token": self.server.token(asked)})

    def _about(self) -> dict[str, Any]:
        here = self.server.issuer
        return {
            "issuer": here,
            "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token",
            "jwks_uri": f"{here}/keys",
            "end_session_endpoint": f"{here}/leave",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _json(self, value: Any) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def provider() -> Iterator[Provider]:
    """A sign-in service on a port of this machine."""
    service = Provider()
    threading.Thread(target=service.serve_forever, daemon=True).start()
    try:
        yield service
    finally:
        service.shutdown()
        service.server_close()


def secrets_for(service: Provider, **settings: str) -> str:
    """A secrets file that makes a server sign people in with the service."""
    own = "\n".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    return f"""
[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "{COOKIE_SECRET}"
client_id = "{CLIENT}"
client_secret = "{PASSWORD}"
server_metadata_url = "{service.issuer}/.well-known/openid-configuration"

[smoothcam]
{own}
"""


@contextmanager
def signing_proxy(port: int, header: str, name: str) -> Iterator[str]:
    """The address of a proxy that writes a name into a header of every request, in the place of what is there."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=relay, args=(listening.accept()[0],), daemon=True).start()

    def relay(browser: socket.socket) -> None:
        with suppress(OSError), browser, socket.create_connection(("127.0.0.1", port)) as behind:
            head = b""
            while b"\r\n\r\n" not in head:
                part = browser.recv(65536)
                if not part:
                    return
                head += part
            head, _, rest = head.partition(b"\r\n\r\n")
            first, *lines = head.split(b"\r\n")
            lines = [line for line in lines if line.split(b":")[0].strip().lower() != header.lower().encode()]
            if not any(line.lower().startswith(b"upgrade:") for line in lines):
                # One request a connection, so that no later one passes without the header.
                lines = [line for line in lines if not line.lower().startswith(b"connection:")]
                lines.append(b"Connection: close")
            behind.sendall(b"\r\n".join([first, f"{header}: {name}".encode(), *lines, b"", rest]))
            back = threading.Thread(target=pump, args=(behind, browser), daemon=True)
            back.start()
            pump(browser, behind)
            back.join()

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while part := source.recv(65536):
                target.sendall(part)
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://localhost:{listening.getsockname()[1]}"
    finally:
        listening.close()
