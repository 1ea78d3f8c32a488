"""Processors from their parts, which the families put together without torchvision.

The PIL image processor everywhere, whether torchvision is there or not, so that the same picture gives the
same numbers on every machine.
"""

from pathlib import Path
from typing import Any

from transformers import AutoImageProcessor, AutoTokenizer
from transformers.processing_utils import ProcessorMixin


def load_components(folder: str) -> tuple[Any, Any, str | None, dict[str, Any]]:
    """(image processor, tokenizer, chat template, further settings of the processor) of a folder.

    Raises:
        ValueError: there is no tokenizer in it.
    """
    if not any((Path(folder) / name).is_file() for name in ("tokenizer.json", "vocab.json")):
        raise ValueError("its tokenizer (tokenizer.json) is missing.")  # transformers would make one up
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    image_processor = AutoImageProcessor.from_pretrained(folder, local_files_only=True, backend="pil")
    settings = dict(ProcessorMixin.get_processor_dict(folder, local_files_only=True)[0])
    # Older folders keep the template in chat_template.json, newer ones in chat_template.jinja.
    template = settings.pop("chat_template", None) or tokenizer.chat_template
    plain = {name: value for name, value in settings.items() if isinstance(value, int | float | str | None)}
    plain.pop("processor_class", None)
    return image_processor, tokenizer, template, plain
