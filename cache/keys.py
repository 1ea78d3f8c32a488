"""Names of stored things: canonical JSON of what changes the numbers -> "cam2:" + sha256.

The tag is the version of the algorithm, not of the program: raise it when the same request would
give other numbers, and everything stored before becomes a miss. A field added to `ExplainRequest`
changes every key as well, unless its `to_dict` leaves it out where it says nothing new.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.schema import ExplainRequest
from core.schema.methods import COMBINED

VERSION = "cam2"

_ANSWER_FIELDS = (
    *("image", "images", "frames", "prompt", "picture_first", "model", "max_new_tokens", "max_pixels", "origin"),
    *("temperature", "top_p", "answer_seed", "conversation"),
)


def canonical(value: Any) -> Any:
    """`value` in the one form that equal values share: whole floats as integers, -0.0 as 0."""
    if isinstance(value, float):
        # Beyond 2**53 a float no longer names one integer.
        return int(value) if value.is_integer() and abs(value) < 2**53 else float(value)
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def digest(kind: str, values: dict[str, Any]) -> str:
    """The key of `values`; `kind` keeps entries of different kinds apart.

    Raises:
        TypeError, ValueError: a value has no JSON form (an array, a NaN).
    """
    return _name(hashlib.sha256(_written({"kind": kind, **values})))


def digests(kind: str, values: dict[str, Any], name: str, each: Iterable[Any]) -> list[str]:
    """`digest` of `values` with one more, `name`, for each of what that can be; what they share is worked out once.

    Args:
        name: sorts after "kind", so that something is written before it.

    Raises:
        TypeError, ValueError: a value has no JSON form.
    """
    shared = {"kind": kind, **values}
    before = _written({key: value for key, value in shared.items() if key < name})
    after = _written({key: value for key, value in shared.items() if key > name})
    begun = hashlib.sha256(before[:-1] + b"," + _written(name) + b":")
    rest = b"," + after[1:] if len(after) > 2 else b"}"
    found = []
    for value in each:
        one = begun.copy()
        one.update(_written(value) + rest)
        found.append(_name(one))
    return found


def short(key: str) -> int:
    """The first 64 bits of a key, as a number that SQLite takes; hardly ever that of another."""
    return int.from_bytes(bytes.fromhex(key.rpartition(":")[2][:16]), "big", signed=True)


def run_key(request: ExplainRequest) -> str:
    """The key of the request as asked, layers included."""
    return digest("run", request.to_dict())


def run_id(request: ExplainRequest) -> str:
    """A short stable name for addresses: the first 16 hex digits of the run key.

    A question about several pictures is one run, whichever of them a map is of.
    """
    return run_key(request.of_picture(0)).removeprefix(f"{VERSION}:")[:16]


def pass_key(request: ExplainRequest) -> str:
    """The key of what one pass tells whichever layers are read: answer, grid, timings."""
    return digest("pass", _of_one_pass(request))


def map_key(request: ExplainRequest, layer: int | None) -> str:
    """The key of one layer's map (None: the one map there is), the same whichever layers are asked for with it."""
    return digest("layer", {**_of_one_pass(request), "layer": layer})


def map_keys(request: ExplainRequest) -> dict[int | None, str]:
    """`map_key` of each map of `request`, in its order; the request is unfolded only once."""
    maps = request.maps
    return dict(zip(maps, digests("layer", _of_one_pass(request), "layer", maps), strict=True))


def counts_key(request: ExplainRequest) -> str:
    """The key of the list of sample counts with which the request's pass is stored, the same for all of them."""
    values = _of_one_pass(request)
    del values["num_samples"]
    return digest("counts", values)


def report_key(name: str, request: ExplainRequest) -> str:
    """The key of what was found out about a request under `name`."""
    return digest("report", {"name": name, **_of_its_method(request)})


def model_report_key(name: str, model: str, study: str) -> str:
    """The key of what was found out under `name` about a model as a whole, whichever run it was asked from.

    It is that of a report about a question without a picture whose prompt is the study's name, since this is how it
    was stored at first: the values below are part of the name, and no default of `ExplainRequest` changes them.
    """
    target = {
        "kind": "answer",
        "start": 0,
        "stop": None,
        "phrase": None,
        "occurrence": 1,
        "position": None,
        "instead": None,
        "sentence": None,
        "score": "logit",
    }
    values = {
        "image": "",
        "prompt": study,
        "model": model,
        "layers": [],
        "method": "combined",
        "tap": "input",
        "target": target,
        "num_samples": 1,
        "noise_std": 0,
        "seed": 0,
        "max_new_tokens": 128,
        "max_pixels": None,
    }
    return digest("report", {"name": name, **values})


def reading_key(name: str, request: ExplainRequest, layer: int | None) -> str:
    """The key of what was read of one layer under `name`, heads or a logit lens (None: what its layers share).

    Args:
        request: whose layers do not matter; see `heads_request` and `lens_request` in `core.schema.readings`.
    """
    return digest(name, {**_of_one_pass(request), "layer": layer})


HEADS, LENS = "heads", "lens"
"""Names of what is read layer by layer beside maps."""

TRUST = "trust"
"""Name of the reports about how far a map can be trusted."""

WHAT_IF, RELIANCE = "what-if", "reliance"
"""Names of the reports about a question whose picture lacks a part, and about what its answer rests on."""


def interventions_key(name: str, request: ExplainRequest) -> str:
    """The key of what an intervention found: the same for all runs of one question, however their maps are made.

    Args:
        name: `RELIANCE`, or `WHAT_IF` with what was removed.
    """
    return report_key(name, replace(request.shared(), num_samples=1, noise_std=0.0, seed=0))


PROMPT_WORDS = "prompt-words"
"""Name of the reports about the heat of a prompt's words; of `core.schema.readings.prompt_heat.prompt_request`."""


def answer_key(request: ExplainRequest) -> str:
    """The key of the answer, shared by every method, tap, noise, sample count and part of it that is explained.

    A sentence that stands in for the model's answer is another answer.
    """
    values = request.of_picture(0).to_dict()
    chosen = {name: values[name] for name in _ANSWER_FIELDS if name in values}
    return digest("answer", {**chosen, "sentence": request.target.sentence})


def _written(value: Any) -> bytes:
    text = json.dumps(canonical(value), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    # surrogatepass: half a surrogate pair in a prompt is still a name of its own, not a crash.
    return text.encode("utf-8", "surrogatepass")


def _name(hashed: "hashlib._Hash") -> str:
    return f"{VERSION}:{hashed.hexdigest()}"


def _of_its_method(request: ExplainRequest) -> dict[str, Any]:
    """The request, without what is said of the combined map where it is of another method."""
    values = request.to_dict()
    if request.method != COMBINED:
        values.pop("formula", None)
    return values


def _of_one_pass(request: ExplainRequest) -> dict[str, Any]:
    values = _of_its_method(request)
    del values["layers"]
    if request.noise_std == 0:
        # Without noise every sample is the same picture: seed and count change nothing.
        values.update(seed=0, num_samples=1)
    return values
