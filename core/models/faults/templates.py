"""Chat templates that know no pictures: written around, where it is known how a picture stands in a text."""

import json
from typing import Any

from jinja2 import TemplateError

from core.models.chat import write_message

MARK = "where the text goes"
"""A text that no template writes of itself."""

# Before the template: messages whose content is a list become ones whose content is a text.
_AS_TEXT = """\
{%- set written = namespace(messages=[]) -%}
{%- for message in messages -%}
{%- set content = namespace(text='') -%}
{%- if message['content'] is string -%}
{%- set content.text = message['content'] -%}
{%- else -%}
{%- for part in message['content'] -%}
{%- if part['type'] == 'image' -%}
{%- set content.text = content.text + PICTURE -%}
{%- elif part['type'] == 'text' -%}
{%- set content.text = content.text + part['text'] -%}
{%- endif -%}
{%- endfor -%}
{%- endif -%}
{%- set written.messages = written.messages + [{'role': message['role'], 'content': content.text}] -%}
{%- endfor -%}
{%- set messages = written.messages -%}
"""


def writing_pictures(template: str, picture: str) -> str:
    """A template that is given texts alone, in which `picture` stands for each picture."""
    return _AS_TEXT.replace("PICTURE", json.dumps(picture)) + template


def fault_of(processor: Any, template: str) -> str | None:
    """What is wrong with a chat template for a picture and a text; None if nothing.

    Args:
        processor: whose `image_token` is what a template writes for a picture.
    """
    content = [{"type": "image"}, {"type": "text", "text": MARK}]
    try:
        written = write_message(processor, content, template)
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        lines = str(error).strip().splitlines()
        return f"it fails ({lines[0][:200] if lines else type(error).__name__})"
    places = written.count(processor.image_token)
    if places != 1:
        return f"it writes {places} places for one picture" if places else "it has no place for a picture"
    return None if MARK in written else "it leaves the question out"


def usable_template(processor: Any, picture: str) -> tuple[str, bool]:
    """(the chat template to use, whether it is written around).

    Args:
        picture: how a picture stands in a text of this family; "" where that is not known.

    Raises:
        ValueError: saying what is wrong with it.
    """
    own = processor.chat_template
    template = own.get("default", "") if isinstance(own, dict) else own
    fault = fault_of(processor, template)
    if fault is None:
        return template, False
    around = writing_pictures(template, picture)
    if not picture or fault_of(processor, around) is not None:
        raise ValueError(fault)
    return around, True
