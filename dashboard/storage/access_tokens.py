"""Access tokens: what programs show in place of a sign-in. Of each its hash is kept, and never the token itself.

A token is "smoothcam_", the name by which its row is found, "_", and 256 random bits. The bits are hashed once with
SHA-256: nobody guesses them, so that there is nothing that a slow hash would protect.
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache.files.folders import absolute
from cache.files.shared_connection import SharedConnection
from cache.files.sqlite import open_file, storable
from core.errors import InputError

MOST = 20
"""Tokens that one person may have."""
LONGEST_LABEL = 80
USED = 60.0
"""Seconds within which a further use is not written down."""

_WHAT = "The list of access tokens"
_TIMEOUT = 5.0
_PREFIX = "smoothcam"
_TEXT = re.compile(rf"{_PREFIX}_([0-9a-f]{{16}})_([A-Za-z0-9_-]{{43}})")
_NOBODYS = bytes(32)

MIGRATIONS = (
    (
        """
        CREATE TABLE tokens (
            name TEXT PRIMARY KEY,
            hash BLOB NOT NULL,
            label TEXT NOT NULL,
            person TEXT NOT NULL,
            mode TEXT NOT NULL,
            made REAL NOT NULL,
            expires REAL NOT NULL,
            used REAL
        )
        """,
    ),
)


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What is known of a token.

    Attributes:
        name: which it is; no secret.
        label: what its owner calls it.
        person: who made it, whom it stands for.
        mode: how they had proven who they are: `dashboard.auth.identity.Mode`.
        made, expires: seconds since 1970 (UTC).
        used: when it was last shown, to about a minute; None for never.
    """

    name: str
    label: str
    person: str
    mode: str
    made: float
    expires: float
    used: float | None = None


class AccessTokens:
    """The tokens in a SQLite file, which the threads of a server and several servers share.

    Args:
        path: the file, in a folder of its own that is created with mode 0700.

    Raises:
        StoreError: here and in every method, when the file cannot be used.
    """

    def __init__(self, path: str | Path) -> None:
        file = absolute(path)
        self._shared = SharedConnection(file, _WHAT, lambda: open_file(file, _WHAT, "tokens", MIGRATIONS, _TIMEOUT))

    def make(self, person: str, mode: str, label: str, seconds: float) -> tuple[AccessToken, str]:
        """A new token, and its text, which nothing gives a second time.

        Args:
            seconds: for how long it is to be good.

        Raises:
            InputError: the label is empty or too long, or this person has as many tokens as are allowed.
        """
        label = storable(" ".join(label.split()))
        if not label or len(label) > LONGEST_LABEL:
            raise InputError(f"Say in 1 to {LONGEST_LABEL} characters what the access token is for.")
        name, secret, now = secrets.token_hex(8), secrets.token_urlsafe(32), time.time()
        token = AccessToken(name=name, label=label, person=storable(person), mode=mode, made=now, expires=now + seconds)
        with self._shared.transaction() as connection:
            connection.execute("DELETE FROM tokens WHERE expires <= ?", (now,))
            mine = "SELECT COUNT(*) FROM tokens WHERE person = ? AND mode = ?"
            if connection.execute(mine, (token.person, mode)).fetchone()[0] >= MOST:
                raise InputError(f"There are {MOST} access tokens already. Withdraw one that is not needed any more.")
            connection.execute(
                "INSERT INTO tokens (name, hash, label, person, mode, made, expires) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (name, _hash(secret), label, token.person, mode, now, token.expires),
            )
        return token, f"{_PREFIX}_{name}_{secret}"

    def find(self, text: str, mode: str) -> AccessToken | None:
        """The token of that text, if it is good now; that it was used is written down.

        Args:
            mode: how people prove now who they are: what was made otherwise is not good any more.
        """
        parts = _TEXT.fullmatch(text)
        name, secret = parts.groups() if parts else ("", "")
        with self._shared.statements() as connection:
            row = connection.execute("SELECT * FROM tokens WHERE name = ?", (name,)).fetchone()
        # Compared where there is no such row, too, and in constant time.
        is_it = hmac.compare_digest(_NOBODYS if row is None else bytes(row["hash"]), _hash(secret))
        if row is None or not is_it:
            return None
        token, now = _token(row), time.time()
        if token.mode != mode or now >= token.expires:
            return None
        if token.used is None or not 0 <= now - token.used < USED:
            with self._shared.statements() as connection:
                connection.execute("UPDATE tokens SET used = ? WHERE name = ?", (now, name))
        return token

    def is_good(self, name: str) -> bool:
        """Whether the token of that name can still be used."""
        with self._shared.statements() as connection:
            row = connection.execute("SELECT expires FROM tokens WHERE name = ?", (name,)).fetchone()
        return row is not None and time.time() < row["expires"]

    def listed(self, mode: str, person: str | None = None) -> Sequence[AccessToken]:
        """The tokens that are good, the latest first.

        Args:
            person: whose; None for everybody's.
        """
        query, values = "mode = ? AND expires > ?", [mode, time.time()]
        if person is not None:
            query, values = f"{query} AND person = ?", [*values, storable(person)]
        with self._shared.statements() as connection:
            rows = connection.execute(f"SELECT * FROM tokens WHERE {query} ORDER BY made DESC, name", values)
            return [_token(row) for row in rows]

    def withdraw(self, name: str) -> bool:
        """Makes a token useless from now on; returns whether it was there."""
        with self._shared.statements() as connection:
            return connection.execute("DELETE FROM tokens WHERE name = ?", (storable(name),)).rowcount > 0

    def close(self) -> None:
        """Closes the file."""
        self._shared.close()


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()


def _token(row: Any) -> AccessToken:
    return AccessToken(**{name: row[name] for name in AccessToken.__dataclass_fields__})
