"""What turns a question and a picture into a model's inputs: which of its files a folder lacks. No torch here."""

import json
from pathlib import Path

from core.errors import ModelError
from core.models.folders.files import listed

PROCESSOR_FILES = (("preprocessor_config.json", "processor_config.json"), ("tokenizer.json", "vocab.json"))
"""Names of the image processor's settings, and of the tokenizer; one of each is needed."""

_TEMPLATES = ("chat_template.jinja", "chat_template.json")
_WITH_TEMPLATE = ("tokenizer_config.json", "processor_config.json")


def check_processor(folder: Path) -> None:
    """Refuses a folder without image processor, tokenizer or chat template.

    Raises:
        ModelError: naming what is missing, and where it may be taken from.
        OSError: the folder cannot be read.
    """
    missing = [names[0] for names in PROCESSOR_FILES if not any((folder / name).is_file() for name in names)]
    if missing:
        raise ModelError(
            f"The folder {folder} lacks {listed(missing)}, as one does that a trainer saved without its processor. "
            "Copy the files of processor, tokenizer and chat template from the model that it was trained from."
        )
    if not _has_template(folder):
        raise ModelError(
            f"The folder {folder} holds no chat template, as folders saved before transformers 4.46 may lack one. Copy "
            "chat_template.json or chat_template.jinja from where the model comes from."
        )


def _has_template(folder: Path) -> bool:
    if any((folder / name).is_file() for name in _TEMPLATES) or any(folder.glob("additional_chat_templates/*.jinja")):
        return True
    for name in _WITH_TEMPLATE:
        try:
            if json.loads((folder / name).read_text("utf-8")).get("chat_template"):
                return True
        except (FileNotFoundError, ValueError, AttributeError, RecursionError):
            continue
    return False
