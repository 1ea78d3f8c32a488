"""How a model is to be loaded: "NAME;4bit;device_map=auto" -> its name and `ModelOptions`. No torch here.

The same words stand in the setting `SMOOTHCAM_MODELS`, on the command line and in stored runs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import ModelError, shown

Quantisation = Literal["4bit", "8bit"]
QUANTISATIONS: tuple[Quantisation, ...] = get_args(Quantisation)
BITS: dict[Quantisation, int] = {"4bit": 4, "8bit": 8}
PLACEMENTS = ("auto", "balanced", "balanced_low_0", "sequential", "cpu", "disk")
"""Words for where a model's layers lie: accelerate's own; and all of them on the CPU or on disk until they run."""

SEPARATOR = ";"
_WORDS = "4bit, 8bit, device_map=... and adapter=FOLDER"

DeviceMap = str | tuple[tuple[str, int | str], ...]


@dataclass(frozen=True)
class ModelOptions:
    """What is said of a model beside its name.

    Attributes:
        quantisation: to how many bits the weights of its linear layers are rounded as they are loaded; None: none.
        device_map: where its layers lie, if not all on one device: one of `PLACEMENTS`, the path of a JSON file, or
            that file's content, (module's name, number of a CUDA device or "cpu" or "disk") in a row.
        adapter: folder of the adapter that is merged into it; None: none.
    """

    quantisation: Quantisation | None = None
    device_map: DeviceMap | None = None
    adapter: str | None = None

    def __bool__(self) -> bool:
        return self != NO_OPTIONS

    def __str__(self) -> str:
        """As `parse` reads them, but that a given map's content is only counted."""
        placement = self.device_map
        if isinstance(placement, tuple):
            placement = f"<{len(placement)} modules>"
        named = (("device_map", placement), ("adapter", self.adapter))
        return SEPARATOR.join(
            [*([self.quantisation] if self.quantisation else []), *(f"{key}={value}" for key, value in named if value)]
        )

    @property
    def lasting(self) -> "ModelOptions":
        """Those alone that change what is computed: where a layer lies does not."""
        return ModelOptions(self.quantisation, adapter=self.adapter)

    def joined(self, other: "ModelOptions") -> "ModelOptions":
        """These with what `other` says besides.

        Raises:
            ModelError: both say something of the same kind, and not the same.
        """
        values = {}
        for field in fields(self):
            here, there = getattr(self, field.name), getattr(other, field.name)
            if here and there and here != there:
                raise ModelError(
                    f"The model's {field.name} is given twice: {shown(here)} and {shown(there)}. Give one."
                )
            values[field.name] = here or there
        return ModelOptions(**values)

    def placement(self) -> str | dict[str, int | str] | None:
        """The device map as accelerate takes it; a file's content in place of its path.

        Raises:
            ModelError: the file cannot be read, or holds no such map.
        """
        if self.device_map is None or self.device_map in PLACEMENTS:
            return self.device_map
        return dict(self.device_map) if isinstance(self.device_map, tuple) else _read_map(self.device_map)


NO_OPTIONS = ModelOptions()


def model_options(
    quantisation: str | None = None, device_map: str | Path | Mapping[str, int | str] | None = None, adapter: Any = None
) -> ModelOptions:
    """Options from a caller's arguments, checked.

    Args:
        quantisation: "4bit" or "8bit".
        device_map: one of `PLACEMENTS`, the path of a JSON file, or such a file's content.
        adapter: a folder.

    Raises:
        ModelError: one of them cannot be used.
    """
    if quantisation is not None and not (isinstance(quantisation, str) and quantisation in QUANTISATIONS):
        raise ModelError(f"There is no quantisation {shown(quantisation)}. Choose {' or '.join(QUANTISATIONS)}.")
    if isinstance(device_map, Mapping):
        device_map = tuple(sorted(_checked_map(device_map, "A device map").items()))
    elif device_map is not None:
        device_map = _checked_placement(device_map)
    if adapter is not None and not (isinstance(adapter, str | Path) and str(adapter).strip()):
        raise ModelError(f"An adapter is named by its folder, not by {shown(adapter)}.")
    return ModelOptions(quantisation, device_map, None if adapter is None else str(adapter))


def split_options(choice: str) -> tuple[str, ModelOptions]:
    """A name with options -> the name, and the options. A folder whose name holds a semicolon is given as a `Path`.

    Raises:
        ModelError: an option is not known, or is given twice; the sentence names it.
    """
    name, *words = (part.strip() for part in choice.split(SEPARATOR))
    options = NO_OPTIONS
    for word in filter(None, words):
        key, equals, value = word.partition("=")
        if word in QUANTISATIONS:
            one = model_options(quantisation=word)
        elif key.strip() in ("device_map", "adapter") and equals and value.strip():
            one = model_options(**{key.strip(): value.strip()})
        else:
            raise ModelError(f"The option {shown(word)} of the model {shown(name)} is not known. There are {_WORDS}.")
        options = options.joined(one)
    if words and not name:
        raise ModelError(f"The options {shown(choice)} have no model. Write its name before them: NAME;4bit.")
    return name, options


def with_options(name: str, options: ModelOptions) -> str:
    """What `split_options` takes apart."""
    return f"{name}{SEPARATOR}{options}" if options else name


def _checked_placement(device_map: Any) -> str:
    if isinstance(device_map, str) and device_map in PLACEMENTS:
        return device_map
    if not isinstance(device_map, str | Path) or Path(device_map).suffix != ".json":
        words = ", ".join(PLACEMENTS)
        raise ModelError(f"There is no device map {shown(device_map)}. Choose one of {words}, or give a .json file.")
    _read_map(str(device_map))
    return str(device_map)


def _read_map(path: str) -> dict[str, int | str]:
    try:
        content = json.loads(Path(path).expanduser().read_text("utf-8"))
    except (OSError, ValueError, RuntimeError):
        raise ModelError(f"The device map {shown(path)} cannot be read as JSON. Check its path and content.") from None
    return _checked_map(content, f"The device map {shown(path)}")


def _checked_map(content: Any, what: str) -> dict[str, int | str]:
    def names(place: Any) -> bool:
        return type(place) is int or (isinstance(place, str) and (place in ("cpu", "disk") or place.startswith("cuda")))

    if isinstance(content, Mapping) and content:
        if all(isinstance(module, str) and names(place) for module, place in content.items()):
            return dict(content)
    raise ModelError(f'{what} must name modules and where they lie, as {{"model": 0, "lm_head": "cpu"}} does.')
