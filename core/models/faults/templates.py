"""Chat templates that know no pictures: written around, where it is known how a picture stands in a text."""

import json
from typing import Any

from jinja2 import TemplateError

from core.errors import ModelError
from core.models.chat import write_message

MARK = "where the text goes"
"""A text that no template writes of itself."""

_ADVICE = "Put the chat template of the model that it was made from into its folder."

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


def fault_of(processor: Any, template: str, name: str) -> ModelError | None:
    """What is wrong with a chat template for a picture and a text; None if nothing.

    Args:
        processor: whose `image_token` is what a template writes for a picture.
        name: what the sentence calls the model.
    """
    content = [{"type": "image"}, {"type": "text", "text": MARK}]
    try:
        written = write_message(processor, content, template)
    except (TemplateError, TypeError, ValueError, KeyError, AttributeError, IndexError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return ModelError(f"The chat template of {name} fails ({lines[0][:200]}). {_ADVICE}")
    places = written.count(processor.image_token)
    if not places:
        return ModelError(f"The chat template of {name} has no place for a picture. {_ADVICE}")
    if places > 1:
        return ModelError(f"The chat template of {name} writes {places} places for one picture. {_ADVICE}")
    return None if MARK in written else ModelError(f"The chat template of {name} leaves the question out. {_ADVICE}")


def usable_template(processor: Any, picture: str, name: str) -> tuple[str, bool]:
    """(the chat template to use, whether it is written around).

    Args:
        picture: how a picture stands in a text of this family; "" where that is not known.
        name: what the sentence calls the model.

    Raises:
        ModelError: saying what is wrong with it, and what to do.
    """
    own = processor.chat_template
    template = own.get("default", "") if isinstance(own, dict) else own
    fault = fault_of(processor, template, name)
    if fault is None:
        return template, False
    around = writing_pictures(template, picture)
    if not picture or fault_of(processor, around, name) is not None:
        raise fault
    return around, True
