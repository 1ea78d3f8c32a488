"""Values as the bytes of a JSON file, whatever text people and file systems have put into them."""

import json
from typing import Any


def json_bytes(value: Any) -> bytes:
    """In UTF-8; half a character, which that cannot hold, by its number."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, indent=1).encode()
