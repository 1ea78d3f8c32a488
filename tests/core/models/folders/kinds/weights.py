"""What may be wrong with files of weights."""

from pathlib import Path

from safetensors.torch import save_file

from tests.core.models.folders.making import change, cut, plain, same_maps, sharded, tensors_of
from tests.core.models.folders.table import Kind

TITLE = "Weights"

_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 7837800\n"


def _pointers(folder: Path, patch) -> Path:
    model = plain(folder)
    for name in ("model.safetensors", "tokenizer.json"):
        (model / name).write_text(_POINTER)
    return model


def _half_of_shard(folder: Path, patch) -> Path:
    model = sharded(folder)
    shard = model / "model-00002-of-00003.safetensors"
    cut(shard, shard.stat().st_size // 2)
    return model


def _without_shard(folder: Path, patch) -> Path:
    model = sharded(folder)
    (model / "model-00003-of-00003.safetensors").unlink()
    return model


def _without_index(folder: Path, patch) -> Path:
    model = sharded(folder)
    (model / "model.safetensors.index.json").unlink()
    return model


def _broken_index(folder: Path, patch) -> Path:
    model = sharded(folder)
    cut(model / "model.safetensors.index.json", 100)
    return model


def _other_name(folder: Path, patch) -> Path:
    model = plain(folder)
    (model / "model.safetensors").rename(model / "weights.safetensors")
    return model


def _with_bytes(content: bytes):
    def make(folder: Path, patch) -> Path:
        model = plain(folder)
        (model / "model.safetensors").write_bytes(content)
        return model

    return make


def _pickled(folder: Path, patch) -> Path:
    model = plain(folder)
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    (model / "training_args.bin").write_bytes(b"")
    return model


def _without_weights(folder: Path, patch) -> Path:
    model = plain(folder)
    (model / "model.safetensors").unlink()
    return model


def _gguf(folder: Path, patch) -> Path:
    model = folder / "my-model"
    model.mkdir()
    (model / "Qwen2.5-VL-3B-Instruct-Q4_K_M.gguf").write_bytes(b"GGUF\3\0\0\0")
    return model


def _embedding(folder: Path, patch) -> Path:
    model = plain(folder)

    tensors = {name: tensor for name, tensor in tensors_of(model).items() if not name.endswith("lm_head.weight")}
    save_file(tensors, model / "model.safetensors", {"format": "pt"})
    change(model / "config.json", architectures=["Qwen2_5_VLModel"])
    return model


KINDS = [
    Kind("one file of weights", lambda folder, patch: plain(folder), shown_as="my-model", check=same_maps),
    Kind(
        "weights in several files, with their index",
        lambda folder, patch: sharded(folder),
        shown_as="my-model",
        check=same_maps,
    ),
    Kind("Git LFS pointers in place of files (`git clone` without LFS)", _pointers, "is a Git LFS pointer"),
    Kind("a shard that was copied by half", _half_of_shard, "model-00002-of-00003.safetensors in FOLDER is not whole"),
    Kind("a shard that is missing", _without_shard, "lack model-00003-of-00003.safetensors"),
    Kind("shards without their index", _without_index, "are in 3 parts"),
    Kind("an index that was copied by half", _broken_index, "model.safetensors.index.json in FOLDER cannot be read"),
    Kind("weights under another name", _other_name, "there is weights.safetensors instead"),
    Kind("an empty file of weights", _with_bytes(b""), "is empty"),
    Kind("a page of HTML in place of weights", _with_bytes(b"<!DOCTYPE html><html>"), "no safetensors file"),
    Kind("pickled weights", _pickled, "are pickled (pytorch_model.bin)"),
    Kind("no weights at all", _without_weights, "holds no weights"),
    Kind("GGUF files of llama.cpp", _gguf, "are in GGUF"),
    Kind("a model for embeddings, without a head", _embedding, "has no head that says words"),
]
