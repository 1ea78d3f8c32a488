"""Why a model could not be fetched from the hub, in sentences that say what to do. No torch here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.models.folders.files import listed

_LOG_IN = "log in with `hf auth login` on the machine that fetches it, or set HF_TOKEN there"


def refusal(hub_id: str, told: Mapping[str, Any], cache: Path, missing: list[str]) -> ModelError:
    """What to tell people.

    Args:
        told: what `core.models.folders.fetch_process` says of the failure: its kind as "error", and "detail".
        cache: the hub's cache on this machine.
        missing: what is known to be missing of a snapshot that is there in part.
    """
    from huggingface_hub import constants

    kind, detail, page = told["error"], str(told.get("detail", "")), f"{constants.ENDPOINT}/{hub_id}"
    if kind in ("offline", "away"):
        return _out_of_reach(hub_id, kind, detail, cache, missing)
    if kind == "gated":
        return ModelError(
            f"The model {hub_id} is given only to those who have accepted its licence. Accept it on {page}, then "
            f"{_LOG_IN}."
        )
    if kind == "unknown":
        return ModelError(
            f"The model {hub_id} is neither a folder here nor a model that the hub shows you. Check the id's spelling; "
            f"if it is private, {_LOG_IN}."
        )
    if kind == "token":
        return ModelError(
            f"The hub does not accept the token that {hub_id} is asked for with: it may be mistyped or have expired. "
            "Make another one, then run `hf auth login` on the machine that fetches it, or set HF_TOKEN there."
        )
    if kind == "disabled":
        return ModelError(f"The model {hub_id} has been taken off the hub. Take another one.")
    if kind == "revision":
        return ModelError(f"The model {hub_id} has no files on the hub yet. Check the id's spelling.")
    if kind == "weights":
        return ModelError(
            f"The model {hub_id} has no weights in safetensors on the hub, but {detail or 'none at all'}. Take another "
            "upload of it: weights of other formats are not loaded here."
        )
    if kind == "room":
        return ModelError(
            f"The model {hub_id} takes {told['needed'] / 1e9:.1f} GB more, and {told['free'] / 1e9:.1f} GB are free in "
            f"{cache}. Make room there, or let HF_HOME name a folder on a larger disk."
        )
    if kind == "folder":
        return ModelError(
            f"The model {hub_id} cannot be written to {cache} ({detail}). See to its permissions and its room, or let "
            "HF_HOME name another folder."
        )
    if kind == "hub":
        return ModelError(f"The hub cannot give the model {hub_id} now ({detail}). Try again later.")
    return ModelError(f"The model {hub_id} could not be fetched from the hub ({detail}). Try again.")


def _out_of_reach(hub_id: str, kind: str, detail: str, cache: Path, missing: list[str]) -> ModelError:
    if missing:
        lacking = listed(missing)
        if kind == "offline":
            return ModelError(
                f"The model {hub_id} is here in part: {lacking} is missing, and HF_HUB_OFFLINE forbids fetching it. "
                "Take that setting away once, and the rest is fetched."
            )
        return ModelError(
            f"The model {hub_id} is here in part: {lacking} is missing, and the hub cannot be reached ({detail}). "
            "See to the network and try again: the rest is fetched then."
        )
    if kind == "offline":
        return ModelError(
            f"The model {hub_id} is neither a folder here nor in the hub's cache {cache}, and HF_HUB_OFFLINE forbids "
            "fetching it. Take that setting away once, or copy the model here and give its folder."
        )
    return ModelError(
        f"The model {hub_id} is neither a folder here nor in the hub's cache {cache}, and the hub cannot be reached "
        f"({detail}). See to the network and try again, or copy the model here and give its folder."
    )
