"""The header of a safetensors file, against the library's own reader."""

import json
import random

import pytest
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from core.errors import ModelError
from core.models.folders.safetensors_header import StoredTensor, is_lfs_pointer, read_header
from tests.some import some


@pytest.fixture
def path(tmp_path):
    tensors = {
        "a.weight": torch.ones(3, 5, dtype=torch.bfloat16),
        "b": torch.zeros(7),
        "scalar": torch.tensor(1.0),
        "ids": torch.arange(4, dtype=torch.int32),
        "nothing": torch.ones(0, 4),
    }
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    return tmp_path / "model.safetensors"


def is_read_by_the_library(path) -> bool:
    try:
        with safe_open(path, "pt") as file:
            return bool(file.keys())
    except SafetensorError:
        return False


def test_every_tensor_is_told_with_type_and_shape(path):
    found = read_header(path)
    assert found["a.weight"] == StoredTensor("BF16", (3, 5)) and found["ids"] == StoredTensor("I32", (4,))
    with safe_open(path, "pt") as file:
        slices = {name: file.get_slice(name) for name in found}
        assert set(found) == set(file.keys())
    assert found == {name: StoredTensor(each.get_dtype(), tuple(each.get_shape())) for name, each in slices.items()}


def test_every_beginning_of_a_file_is_refused(path):
    data = path.read_bytes()
    for length in some(range(len(data))):
        path.write_bytes(data[:length])
        with pytest.raises(ModelError, match=r"model\.safetensors in .* is (empty|not whole|no safetensors)"):
            read_header(path)


def test_more_than_the_header_tells_of_is_refused_as_by_the_library(path):
    path.write_bytes(path.read_bytes() + b"more")
    assert not is_read_by_the_library(path)
    with pytest.raises(ModelError, match="no safetensors file, or a damaged one"):
        read_header(path)


def test_damaged_headers_are_sentences_and_what_the_library_reads_is_read(path):
    data, chance, read = path.read_bytes(), random.Random(0), 0
    length = 8 + int.from_bytes(data[:8], "little")
    for _ in range(1500):
        spoilt = bytearray(data)
        for _ in range(chance.choice([1, 1, 2, 5])):
            spoilt[chance.randrange(length)] = chance.randrange(256)
        path.write_bytes(spoilt)
        try:
            assert read_header(path)
            read += 1
        except ModelError as error:
            assert "Copy it again" in str(error) and not is_read_by_the_library(path)
    assert 0 < read < 1500


@pytest.mark.parametrize(
    "header",
    [b"[]", b"{}", b"null", b'{"a": 1}', b'{"a": {"dtype": "F32", "shape": 3, "data_offsets": [0, 4]}}', b"[" * 9],
)
def test_headers_of_another_form(path, header):
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    if header == b"{}":  # of no tensor, which the format allows
        assert read_header(path) == {}
        return
    with pytest.raises(ModelError, match="no safetensors file"):
        read_header(path)


def test_git_lfs_pointers(tmp_path):
    pointer, text = tmp_path / "pointer", tmp_path / "text"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    text.write_text(json.dumps({"version": "https://git-lfs"}))
    assert is_lfs_pointer(pointer) and not is_lfs_pointer(text)
    text.write_text(pointer.read_text() + 2000 * " ")
    assert not is_lfs_pointer(text)
