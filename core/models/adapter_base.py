"""A folder, and an adapter that may be named with it -> the model's own folder, and the adapter. No torch here."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from core.errors import ModelError, shown
from core.models.adapters import CONFIG, Adapter, adapters_inside, check_no_adapter, is_adapter, read_adapter
from core.models.folders.hub import is_valid, is_whole_here
from core.models.folders.hub_cache import current_snapshot, repository_folder
from core.models.options import split_options

Offered = Mapping[str, Path]
"""Name of a model (a hub id or a folder) -> its folder."""


def split_adapter(
    folder: Path, named: str | None, locate: Callable[[str], Path], offered: Callable[[], Offered]
) -> tuple[Path, Adapter | None]:
    """(the folder of the whole model, its adapter; None where there is none).

    Args:
        folder: of a whole model, or of an adapter alone.
        named: the adapter that is named with it, a folder or a hub id.
        locate: such a name -> its folder.
        offered: the models among which the base of an adapter is looked for by its name.

    Raises:
        ModelError: the adapter cannot be used, there are two of them, or its base is not here.
    """
    if is_adapter(folder) and named is not None:
        raise ModelError(
            f"The folder {folder} is an adapter, and another one is named with it. Merge one of them into the base "
            "with peft (merge_and_unload), save that, and name it as the model."
        )
    if is_adapter(folder):
        adapter = read_adapter(folder)
        return find_base(adapter, offered()), adapter
    check_no_adapter(folder)
    several = adapters_inside(folder)
    if several and not (folder / "config.json").is_file():
        raise ModelError(
            f"The folder {folder} holds {len(several)} adapter(s) in folders of their own ({', '.join(several)}). "
            "Name one of these."
        )
    return folder, None if named is None else read_adapter(locate(named))


def offered_folders(names: Iterable[str]) -> dict[str, Path]:
    """Where models lie, by their names; those that are not on this machine are left out."""
    found = {}
    for choice in names:
        name, _ = split_options(choice)
        folder = local_folder(name) or cached(name)
        if folder is not None:
            found[name] = folder
    return found


def find_base(adapter: Adapter, offered: Offered) -> Path:
    """The folder of an adapter's base.

    Looked for as its name is written, among the models that are offered, beside the adapter, and in the hub's cache.
    Nothing is fetched: a page that shows which models there are would wait for it.

    Raises:
        ModelError: it names none, it is not on this machine, or what it names is an adapter again.
    """
    if not adapter.base_name:
        raise ModelError(
            f"The adapter in {adapter.folder} does not say which model it belongs to (base_model_name_or_path in its "
            f"{CONFIG}). Name the model with the adapter after it: MODEL;adapter=FOLDER."
        )
    for folder in _places(adapter, offered):
        if folder.resolve() == adapter.folder.resolve():
            continue
        if is_adapter(folder):
            raise ModelError(
                f"The base of the adapter in {adapter.folder} is an adapter, too ({folder}). Merge that one into "
                "its own base with peft (merge_and_unload) and save it; then name it as the base."
            )
        return folder
    raise ModelError(
        f"The base of the adapter in {adapter.folder}, {shown(adapter.base_name)}, is not on this machine. Put its "
        "folder beside the adapter's, fetch it (hf download), or name it with the adapter after it: "
        "MODEL;adapter=FOLDER."
    )


def _places(adapter: Adapter, offered: Offered) -> Iterable[Path]:
    last = Path(adapter.base_name).name
    # A relative folder was one where the adapter was trained.
    is_relative = not (adapter.base_name.startswith("~") or Path(adapter.base_name).is_absolute())
    as_written = None if is_relative else local_folder(adapter.base_name)
    yield from filter(None, [offered.get(adapter.base_name), as_written])
    yield from (folder for name, folder in offered.items() if Path(name).name == last)
    beside = adapter.folder.resolve().parent / last
    if last and beside.is_dir():
        yield beside
    found = cached(adapter.base_name)
    if found is not None:
        yield found


def local_folder(name: str) -> Path | None:
    """The folder of that name on this machine, or None."""
    try:
        folder = Path(name).expanduser()
        return folder if folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):  # no name that a file system takes, or nobody's home
        return None


def cached(hub_id: str) -> Path | None:
    """The folder of a model of the hub of which nothing lacks on this machine, or None."""
    is_here = is_valid(hub_id) and "/" in hub_id and is_whole_here(hub_id)
    return current_snapshot(repository_folder(hub_id)) if is_here else None
