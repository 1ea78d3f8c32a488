"""Models of the hub, by id, by their folder in its cache, and while there is no network."""

from pathlib import Path

from tests.core.models.folders import hub_server
from tests.core.models.folders.making import COMMIT, HUB_ID, cached, cut, plain, same_maps, sharded
from tests.core.models.folders.table import Kind

TITLE = "Models of the hub"

_NOWHERE = "http://127.0.0.1:9"  # the port of discard, where nothing listens


def _served(folder: Path, patch, model: Path) -> hub_server.Hub:
    hub = hub_server.shared()
    hub.folders, hub.refused, hub.status = {HUB_ID: model}, {}, None
    hub_server.ask(hub.address, patch, folder / "cache")
    return hub


def _fetched(folder: Path, patch) -> str:
    _served(folder, patch, sharded(folder))
    return HUB_ID


def _interrupted(folder: Path, patch) -> str:
    model = sharded(folder)
    _served(folder, patch, model)
    root = cached(folder, model, patch, commit=hub_server.COMMIT)
    lost = root / "snapshots" / hub_server.COMMIT / "model-00002-of-00003.safetensors"
    lost.resolve().unlink()
    return HUB_ID


def _refused(status: int, code: str):
    def make(folder: Path, patch) -> str:
        _served(folder, patch, plain(folder)).refused[HUB_ID] = status, code
        return HUB_ID

    return make


def _unknown(folder: Path, patch) -> str:
    _served(folder, patch, plain(folder)).folders = {}
    return HUB_ID


def _other_formats(folder: Path, patch) -> str:
    model = plain(folder)
    (model / "model.safetensors").rename(model / "model-Q4_K_M.gguf")
    _served(folder, patch, model)
    return HUB_ID


def _no_network(folder: Path, patch) -> str:
    hub_server.ask(_NOWHERE, patch, folder / "cache")
    return HUB_ID


def _part_without_network(folder: Path, patch) -> str:
    hub_server.ask(_NOWHERE, patch, folder / "cache")
    return _part(folder, patch)


def _part(folder: Path, patch) -> str:
    root = cached(folder, sharded(folder), patch)
    (root / "snapshots" / COMMIT / "model-00002-of-00003.safetensors").unlink()
    return HUB_ID


def _offline(folder: Path, patch) -> str:
    cached(folder, plain(folder), patch)
    return HUB_ID


def _not_there_offline(folder: Path, patch) -> str:
    cached(folder, plain(folder), patch)
    return "somebody/another-model"


def _snapshot(folder: Path, patch) -> Path:
    return cached(folder, plain(folder), patch) / "snapshots" / COMMIT


def _root(folder: Path, patch) -> Path:
    return cached(folder, plain(folder), patch)


def _root_of_several(folder: Path, patch) -> Path:
    root = cached(folder, plain(folder), patch)
    (root / "refs" / "main").unlink()
    (root / "snapshots" / ("f" * 40)).mkdir()
    return root


def _half_in_cache(folder: Path, patch) -> str:
    snapshot = _snapshot(folder, patch)
    cut(snapshot / "model.safetensors", 5_000_000)
    return HUB_ID


def _incomplete_snapshot(folder: Path, patch) -> Path:
    _part(folder, patch)
    return folder / "hub" / "models--somebody--some-model" / "snapshots" / COMMIT


def _whole_cache(folder: Path, patch) -> Path:
    return cached(folder, plain(folder), patch).parent


KINDS = [
    Kind("a hub id that is fetched", _fetched, shown_as=HUB_ID, check=same_maps),
    Kind("a hub id whose download was interrupted", _interrupted, shown_as=HUB_ID, check=same_maps),
    Kind("a hub id, offline, all of it in the cache", _offline, shown_as=HUB_ID, check=same_maps),
    Kind("a hub id, offline, not in the cache", _not_there_offline, "HF_HUB_OFFLINE forbids fetching it"),
    Kind("a hub id, offline, a part of it in the cache", _part, "model-00002-of-00003.safetensors is missing"),
    Kind("a hub id, no network", _no_network, "the hub cannot be reached"),
    Kind("a hub id, no network, a part of it in the cache", _part_without_network, "the rest is fetched then"),
    Kind("a gated model", _refused(403, "GatedRepo"), "who have accepted its licence"),
    Kind("a hub id that is mistyped, or of a private model", _unknown, "Check the id's spelling"),
    Kind("a hub id of GGUF files", _other_formats, "has no weights in safetensors on the hub"),
    Kind("a snapshot's folder in the hub's cache, all links", _snapshot, shown_as=HUB_ID, check=same_maps),
    Kind("the hub's cache of one model (models--OWNER--NAME)", _root, shown_as=HUB_ID, check=same_maps),
    Kind("the hub's cache of one model, with several snapshots and no current one", _root_of_several, "Give one of"),
    Kind("a snapshot's folder that lacks a shard", _incomplete_snapshot, "Give the model's hub id instead"),
    Kind("a damaged file in the hub's cache", _half_in_cache, "it is fetched again"),
    Kind("the hub's cache of all models", _whole_cache, "is the hub's cache of all models"),
]
