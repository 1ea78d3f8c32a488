"""A model's processor alone, as this program builds it: for code that loads the model itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.embedded import CHECKPOINT
from core.errors import ModelError
from core.models.adapter_base import split_adapter
from core.models.checkpoints import EMBEDDED
from core.models.families import FAMILIES
from core.models.folders.configuration import read_configuration
from core.models.folders.downloads import OnProgress
from core.models.folders.files import unreadable
from core.models.folders.locating import locate
from core.models.folders.processor_files import check_processor
from core.models.options import split_options
from core.schema.checks import check_instance


def load_processor(model: str | Path | None = None, *, on_progress: OnProgress | None = None) -> Any:
    """The processor of a model: text and pictures to tensors.

    Unlike `AutoProcessor` of transformers it needs no torchvision, and prepares pictures by PIL on every machine, so
    that the same picture gives the same numbers. Of videos it knows what the models here need.

    Args:
        model: a folder or a hub id, with or without options after its name; None for the embedded checkpoint. The
            weights need not be there.
        on_progress: hears in bytes how far a model of the hub is fetched; what it raises stops that.

    Raises:
        ModelError: there is no such model, none of a supported kind, or its processor cannot be read.
    """
    check_instance("A model", model, str | Path | None, "a folder, a hub id or None")
    check_instance("on_progress", on_progress, Callable | None, "a function of one argument, or None")
    name = split_options(model)[0] if isinstance(model, str) else model
    is_own = name is None or (isinstance(name, str) and name == EMBEDDED)
    given = CHECKPOINT if is_own else locate(name, on_progress)
    try:
        folder = split_adapter(given, None, locate, lambda: {EMBEDDED: CHECKPOINT})[0]
        family = FAMILIES[read_configuration(folder).model_type]
        check_processor(folder)
    except OSError as error:
        raise unreadable(given, error) from error
    try:
        return family.load_processor(str(folder))
    except Exception as error:  # transformers raises many kinds; people need one sentence
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelError(f"The processor in {folder} could not be loaded: {first}") from error
