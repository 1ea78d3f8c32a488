"""Pictures and text as a message of the user, after others, written by the chat template and encoded."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from torch import Tensor

Content = Sequence[Mapping[str, Any]]
"""Pictures and texts in their order, as transformers' processors take them."""

Messages = Sequence[Mapping[str, Any]]
"""Each with a role and a `Content`."""


def encode_message(
    processor: Any,
    content: Content,
    template: str | None,
    options: Mapping[str, Any] = MappingProxyType({}),
    before: Messages = (),
    **variables: Any,
) -> Mapping[str, Tensor]:
    """Inputs of a model: ids of the whole conversation up to the answer, pixels, and what goes with them.

    Control tokens in the texts are encoded as the characters they are written with. What the tokenizer was saved with
    to cut texts off or to fill them up (`truncation`, `padding`) is not done.

    Args:
        template: the chat template; None for the processor's own.
        options: of the image processor, beside its own settings.
        before: what was said before the message.
        variables: of the chat template.

    Raises:
        ValueError, TypeError, KeyError: the processor cannot; they are not made for people.
    """
    return processor.apply_chat_template(
        _messages(before, content),
        chat_template=template,
        tokenize=True,
        add_generation_prompt=True,
        return_dict=True,
        return_tensors="pt",
        sanitize_control_tokens=True,
        **variables,
        # The layout is stated because a picture one pixel high would be taken for channels-first.
        processor_kwargs={
            "images_kwargs": {"input_data_format": "channels_last", **options},
            "text_kwargs": {"truncation": False, "padding": False},
            "add_special_tokens": False,  # see `core.inputs.prompt`, which puts the first one there
        },
    )


def write_message(processor: Any, content: Content, template: str | None, before: Messages = ()) -> str:
    """The same as text, up to the answer."""
    return processor.apply_chat_template(
        _messages(before, content), chat_template=template, tokenize=False, add_generation_prompt=True
    )


def _messages(before: Messages, content: Content) -> list[dict[str, Any]]:
    return [*map(dict, before), {"role": "user", "content": list(content)}]
