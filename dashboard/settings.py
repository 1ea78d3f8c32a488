"""What whoever runs the server decides: environment variables beginning with SMOOTHCAM_."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.checkpoints import EMBEDDED
from core.errors import InputError


def default_data_folder() -> Path:
    """The user's data folder of this program, by the XDG convention."""
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
    return base / "smooth-gradcam"


class Settings(BaseSettings):
    """Server-side settings; visitors can change none of them.

    Attributes: see each field's description; `SMOOTHCAM_MODELS` sets `models`, and so on.
    """

    model_config = SettingsConfigDict(env_prefix="SMOOTHCAM_", frozen=True)

    models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Models that visitors may choose besides the embedded one: folders or hub ids, "
        "separated by commas. Visitors can load nothing else.",
    )
    device: str = Field(default="auto", description="Where models run: auto, cpu, cuda or cuda:N.")
    data_folder: Path = Field(
        default_factory=default_data_folder,
        description="Folder of stored results, pictures and history. On a local disk, not a network share.",
    )
    store_gigabytes: float = Field(
        default=5.0,
        gt=0,
        le=10_000,
        description="Size limit of the stored results; beyond it, the longest stored ones are dropped "
        "(their rows stay in the history and can be computed again).",
    )
    max_upload_mb: int = Field(default=200, ge=1, le=200, description="Largest picture file that can be uploaded.")
    models_in_memory: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Models kept loaded; another one takes the place of the longest unused.",
    )

    @field_validator("models", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """ "a, b" -> ("a", "b"); the embedded model is always there and needs no naming."""
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, (list, tuple)):
            return names
        stripped = dict.fromkeys(str(name).strip() for name in names)
        return tuple(name for name in stripped if name and name != EMBEDDED)

    @field_validator("data_folder")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def choices(self) -> tuple[str, ...]:
        """Every model that can be chosen, the default first."""
        return (EMBEDDED, *self.models)


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        InputError: an environment variable cannot be used; the sentence names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"SMOOTHCAM_{'_'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors()
        )
        raise InputError(f"The server's settings cannot be used. {wrong}.") from None
