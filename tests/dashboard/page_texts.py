"""Every text that a page shows, whatever element shows it; and which of them are English."""

import json
import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

# Fields that hold no words for people: names, addresses, styles, what a widget is set to.
_SILENT_FIELDS = {
    *("id", "key", "icon", "color", "url", "css", "format", "form_id", "user_key", "element_id", "page_script_hash"),
    *("query_string", "mime_type", "data", "arrow_data", "session_id", "language", "html_content", "js_content"),
    *("css_content", "component_name", "mount_path", "isolation", "url_path", "query_param_key", "file_urls_json"),
    *("config", "spec", "columns", "json", "mixed", "bytes", "raw_data", "type", "variant", "value", "raw_values"),
}
_SILENT_ELEMENTS = {"code", "html", "iframe"}
# Of JSON for components and charts: what programs read.
_SILENT_KEYS = re.compile(
    r"id|key|type|font|family|mode|symbol|.*colou?rs?|.*colorscale|.*(?:ref|side|mode|anchor|dash|shape|format)|"
    r"url|src|uid|align|pattern|fill|position|orientation|[xy]axis|layer|legendgroup|name|dtype|bdata|.*Name|form_id"
)
# Three words of English after each other; what stands in code, in quotation marks and in names of files does not count.
_WORDS = re.compile(r"(?<![\w/.-])[A-Za-z][a-z'’-]+(?:[ ,;]+[A-Za-z][a-z'’-]*){2,}(?![\w/])")
_QUOTED = re.compile(
    r"`[^`]*`|\$[^$]*\$|:material/\w+:|https?://\S+|:[a-z-]+\[|python -m [\w. -]+|Smooth Grad-CAM for \S+"
)


def english_in(text: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """What in a text reads as English: three words or more in a row.

    Args:
        allowed: text of people, and names.
    """
    for each in sorted(allowed, key=len, reverse=True):
        text = text.replace(each, "·")
    return _WORDS.findall(_QUOTED.sub("·", text))


def texts(app: AppTest) -> Iterator[tuple[str, str]]:
    """(element, text) of all that a page shows."""
    yield from _in(app._tree)


def _in(block: Any) -> Iterator[tuple[str, str]]:
    for child in block.children.values():
        kind, proto = getattr(child, "type", "block"), getattr(child, "proto", None)
        if kind not in _SILENT_ELEMENTS and isinstance(proto, Message):
            yield from ((kind, text) for text in _shown(proto))
        if kind in ("arrow_data_frame", "dataframe", "table"):
            otherwise = _shown_otherwise(proto)
            yield from (("cell", text) for text in _cells(child.value) if text not in otherwise)
        if hasattr(child, "children"):
            yield from _in(child)


def _shown(proto: Message) -> Iterator[str]:
    for field, value in proto.ListFields():
        if field.name in ("columns", "spec", "json", "mixed", "bytes"):
            yield from _of_json(value)
        is_one = isinstance(value, str | Message | bytes) or not hasattr(value, "__len__")
        several = [value] if is_one else list(value)
        for each in several:
            if isinstance(each, Message):
                yield from _shown(each)
            elif isinstance(each, str) and field.name not in _SILENT_FIELDS:
                yield each
    # What a written element says stands in a field that means, of a widget, what it is set to.
    if proto.DESCRIPTOR.name in ("Text", "Markdown", "Alert", "Heading", "Metric"):
        yield from (getattr(proto, name) for name in ("body", "label") if hasattr(proto, name))


def _of_json(value: Any) -> Iterator[str]:
    if isinstance(value, Message):
        for _, part in value.ListFields():
            yield from _of_json(part)
        return
    if isinstance(value, bytes):  # a packet for the browser: a length, a head in JSON, then numbers
        head = value[4 : 4 + int.from_bytes(value[:4], "little")]
        value = head.decode("utf-8", "replace")
    try:
        found = json.loads(value)
    except (TypeError, ValueError):
        return
    yield from _leaves(found)


def _leaves(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        for each in found:
            yield from _leaves(each)
    elif isinstance(found, dict):
        for key, each in found.items():
            if key == "value" and "label" in found:
                continue  # an option is shown by its label
            if not _SILENT_KEYS.fullmatch(key):
                yield from _leaves(each)


def _shown_otherwise(proto: Message) -> set[str]:
    """The values of a table that its columns show by a label."""
    columns = json.loads(getattr(proto, "columns", "") or "{}").values()
    options = [each for column in columns for each in (column.get("type_config") or {}).get("options") or []]
    return {each["value"] for each in options if isinstance(each, dict) and each.get("label")}


def _cells(frame: Any) -> Iterator[str]:
    for column in frame:
        for cell in frame[column]:
            several = cell if isinstance(cell, list | tuple) or hasattr(cell, "tolist") else [cell]
            yield from (each for each in several if isinstance(each, str)) if not isinstance(several, str) else ()
