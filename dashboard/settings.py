"""What whoever runs the server decides: environment variables beginning with SMOOTHCAM_, or Streamlit's secrets file.

`SMOOTHCAM_MODELS` and `models` in the section `[smoothcam]` of `.streamlit/secrets.toml` are the same
setting; the environment wins. The file is read here, so that the command line needs no Streamlit.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ByteSize, Field, IPvAnyNetwork, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.errors import InputError, ModelError
from core.models.checkpoints import EMBEDDED
from core.models.options import split_options
from core.models.visual_token_count import FEWEST, USUAL_BUDGET

PREFIX = "SMOOTHCAM_"
SECTION = "smoothcam"


def default_data_folder() -> Path:
    """The user's data folder of this program, by the XDG convention."""
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
    return base / "smooth-gradcam"


def secrets_files() -> tuple[Path, ...]:
    """Where Streamlit looks for secrets: the user's file and that of the working folder, the stronger one last."""
    return tuple(folder / ".streamlit" / "secrets.toml" for folder in (Path.home(), Path.cwd()))


class Settings(BaseSettings):
    """Server-side settings; people at pages can change none of them.

    Attributes: see each field's description; `SMOOTHCAM_MODELS` sets `models`, and so on.

    Raises:
        InputError: a secrets file cannot be read.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    models: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Models that visitors may choose besides the embedded one: folders or hub ids, "
        "separated by commas. Visitors can load nothing else. Options follow a name: NAME;4bit, NAME;8bit, "
        "NAME;device_map=auto, NAME;adapter=FOLDER, or several of them.",
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
    store_days: float | None = Field(
        default=None,
        gt=0,
        le=36_500,
        description="Days after which a stored result is dropped (its row stays in the history); without it, none is.",
    )
    visual_tokens: Annotated[int, Field(ge=FEWEST, le=16_384)] | Literal["off"] = Field(
        default=USUAL_BUDGET,
        description="Visual tokens that the pictures of a prompt are kept to where they have more and nobody says "
        "otherwise, by models that take pictures in their own shape. off: the model's own limits.",
    )
    max_upload_mb: int = Field(default=200, ge=1, le=200, description="Largest file that can be uploaded.")
    upload_mb_per_visitor: int = Field(
        default=400,
        ge=1,
        le=1_000_000,
        description="Uploaded files, in MB, that the server holds for one visitor at most.",
    )
    upload_mb_in_all: int = Field(
        default=4096,
        ge=1,
        le=1_000_000,
        description="Uploaded files, in MB, that the server holds for everybody together at most.",
    )
    decoded_mb: int = Field(
        default=1024,
        ge=0,
        le=1_000_000,
        description="Decoded pictures, in MB, that the server keeps in memory at most; others are decoded again when "
        "they are needed.",
    )
    stored_frames: Literal["exact", "small"] = Field(
        default="exact",
        description="How a video's sampled frames are kept. exact: every pixel, so that a run can be asked again and "
        "gives the same numbers. small: a copy to look at, of about an eighth; to ask again, upload the video again.",
    )
    exact_frames_mb: int = Field(
        default=600,
        ge=0,
        le=100_000,
        description="Of videos whose sampled frames take more than so many MB in memory, a small copy is kept.",
    )
    models_in_memory: int = Field(
        default=8,
        ge=1,
        le=64,
        description="Models kept loaded at most; another one takes the place of the longest unused.",
    )
    models_bytes: ByteSize | None = Field(
        default=None,
        gt=0,
        description="Memory that these may take in each process that computes, such as 40GB; the longest unused make "
        "room. Without it, half of its device's or machine's memory, divided among the processes that share that.",
    )

    jobs_per_person: int = Field(
        default=50, ge=1, le=100_000, description="Runs that one person may have waiting or running at once."
    )
    jobs_in_all: int = Field(
        default=500, ge=1, le=100_000, description="Runs that may wait or run at once, of everybody's."
    )

    workers: Annotated[int, Field(ge=0, le=64)] | Literal["auto"] = Field(
        default="auto",
        description="Processes of this machine that compute; the samples of a run are spread over them. auto: one for "
        "each CUDA device, or one. 0: the server's own process does.",
    )
    preload: bool = Field(
        default=True,
        description="Whether these processes are started, and load the embedded model, as soon as the server starts, "
        "not when somebody first runs something. A server on which nothing was ever run also answers a sample "
        "question then, so that there is a run to look at.",
    )
    worker_devices: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Numbers of the CUDA devices for these processes, separated by commas; each sees one of them. "
        "Without it, those that SMOOTHCAM_DEVICE stands for; where there are none, they share the processor's cores.",
    )
    scheduler: str | None = Field(
        default=None,
        pattern=r"^(tls|tcp)://",
        description="Address of a Dask scheduler whose workers compute instead, such as tls://gpu-server:8786.",
    )
    tls_authority: Path | None = Field(default=None, description="Who signed that scheduler's certificate: a PEM file.")
    tls_certificate: Path | None = Field(default=None, description="This server's certificate for it: a PEM file.")
    tls_key: Path | None = Field(default=None, description="The key of that certificate: a PEM file.")

    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Names of those who may delete, stop and hide everybody's runs, separated by commas. A name counts "
        "only where it is proven by a sign-in.",
    )
    people: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Who is let in of those who can sign in: names, or @example.org for everybody there, separated by "
        "commas. Without it, everybody is.",
    )
    name_claim: str = Field(
        default="email",
        min_length=1,
        description="Which claim of the sign-in service is a person's name. An e-mail address must be verified; "
        "another claim is taken as it is.",
    )
    proxy_only: bool = Field(
        default=False,
        description="Whether nobody but the proxy that signs people in can reach this server, although it listens on "
        "other addresses than this machine's own.",
    )

    api: bool = Field(
        default=False,
        description="Whether programs may ask and read at /api/v1, with access tokens that people make on a page.",
    )

    log_format: Literal["text", "json"] = Field(
        default="text", description="What is written to standard error: text, or json for one JSON object per line."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="From which level on: DEBUG, INFO, WARNING or ERROR."
    )
    metrics_from: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = Field(
        default=("127.0.0.0/8", "::1/128"),
        validate_default=True,
        description="Networks whose machines may read /metrics and /_stcore/metrics without a proxy between, "
        "separated by commas. Everybody else is told that there is no such page.",
    )

    @field_validator("models", "worker_devices", "admins", "people", "metrics_from", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """ "a, b" -> ("a", "b"); the embedded model is always there and needs no naming."""
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, (list, tuple)):
            return names
        stripped = dict.fromkeys(str(name).strip() for name in names)
        return tuple(name for name in stripped if name and name != EMBEDDED)

    @field_validator("models")
    @classmethod
    def _with_known_options(cls, choices: tuple[str, ...]) -> tuple[str, ...]:
        for choice in choices:
            try:
                split_options(choice)
            except ModelError as error:
                raise ValueError(str(error)) from None
        return choices

    @field_validator("data_folder")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *, init_settings: Any, env_settings: Any, **_: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments before the environment before the secrets files."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=_read_secrets())

    @property
    def budget(self) -> int | None:
        """`visual_tokens`, or None for the models' own limits."""
        return None if self.visual_tokens == "off" else self.visual_tokens

    @property
    def choices(self) -> tuple[str, ...]:
        """Every model that can be chosen, the default first."""
        return (EMBEDDED, *self.models)


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        InputError: a setting or a secrets file cannot be used; the sentence names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{_setting_name(problem['loc'])}: {_sentence(problem['msg'])}" for problem in error.errors())
        raise InputError(f"The server's settings cannot be used. {wrong}.") from None


def _sentence(message: str) -> str:
    """What is wrong, without what pydantic puts before it and without its full stop."""
    return message.removeprefix("Value error, ").rstrip(".")


def _setting_name(location: tuple[int | str, ...]) -> str:
    """How people know a setting: the variable or, where that is not set, the file's entry."""
    name = str(location[0])
    variable = f"{PREFIX}{name}".upper()
    if variable in os.environ or not any(name in _read_section(path) for path in secrets_files()):
        return variable
    return f"{name} in [{SECTION}] of .streamlit/secrets.toml"


def _read_secrets() -> dict[str, Any]:
    return {name: value for path in secrets_files() for name, value in _read_section(path).items()}


def _read_section(path: Path) -> dict[str, Any]:
    try:
        section = tomllib.loads(path.read_text("utf-8")).get(SECTION, {})
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise InputError(f"The server's settings cannot be used. {path} cannot be read: {error.strerror}.") from None
    except ValueError as error:  # no TOML, or no text
        raise InputError(f"The server's settings cannot be used. {path} is no valid TOML: {error}.") from None
    if not isinstance(section, dict):
        raise InputError(f"The server's settings cannot be used. {path}: {SECTION} is a value; write [{SECTION}].")
    return section
