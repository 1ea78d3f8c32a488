"""Which snapshot of the hub's cache is meant, and what a snapshot's folder is called."""

from pathlib import Path

import pytest

from core.errors import ModelError
from core.models.checkpoints import describe_model
from core.models.folders.hub import is_whole_here, missing_files
from core.models.folders.hub_cache import current_snapshot, hub_id_of, is_repository, repository_folder, snapshot_of
from tests.core.models.folders.making import COMMIT, HUB_ID, cached, plain, sharded

OTHER = "f" * 40


@pytest.fixture
def root(tmp_path, monkeypatch):
    return cached(tmp_path, plain(tmp_path), monkeypatch)


def test_the_snapshot_that_main_names_is_taken(root):
    (root / "snapshots" / OTHER).mkdir()
    assert is_repository(root) and not is_repository(root / "snapshots" / COMMIT)
    assert repository_folder(HUB_ID) == root
    assert current_snapshot(root) == snapshot_of(root) == root / "snapshots" / COMMIT
    (root / "refs" / "main").write_text(f"{OTHER}\n")
    assert current_snapshot(root) == root / "snapshots" / OTHER


@pytest.mark.parametrize("named", ["", "../..", "/", "0" * 40, "\0", "main"])
def test_what_main_cannot_mean_leaves_the_only_one(root, named):
    (root / "refs" / "main").write_text(named)
    assert current_snapshot(root) == root / "snapshots" / COMMIT
    (root / "refs" / "main").write_bytes(b"\xff\xfe")
    assert current_snapshot(root) == root / "snapshots" / COMMIT
    (root / "refs" / "main").unlink()
    assert current_snapshot(root) == root / "snapshots" / COMMIT


def test_several_without_main_are_told_and_none_is_told(root):
    (root / "refs" / "main").unlink()
    (root / "snapshots" / OTHER).mkdir()
    assert current_snapshot(root) is None
    with pytest.raises(ModelError, match=f"several snapshots.*{COMMIT}, {OTHER}"):
        describe_model(root)
    empty = root.parent / "models--nobody--nothing"
    (empty / "snapshots").mkdir(parents=True)
    with pytest.raises(ModelError, match="holds no snapshot"):
        describe_model(empty)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        (f"/cache/models--Qwen--Qwen2.5-VL-3B-Instruct/snapshots/{COMMIT}", "Qwen/Qwen2.5-VL-3B-Instruct"),
        (f"/cache/models--a--b--c/snapshots/{COMMIT}", "a/b--c"),
        (f"/models/snapshots/{COMMIT}", None),
        ("/models/qwen", None),
        ("/", None),
    ],
)
def test_the_name_of_a_snapshot(folder, name):
    assert hub_id_of(Path(folder)) == name


def test_a_card_is_called_by_the_hub_id_whatever_was_given(root, monkeypatch):
    given = [HUB_ID, root, root / "snapshots" / COMMIT, str(root)]
    cards = [describe_model(each, device="cpu") for each in given]
    assert {card.name for card in cards} == {HUB_ID} and len({card.fingerprint for card in cards}) == 1
    monkeypatch.chdir(root / "snapshots")
    assert describe_model(Path(COMMIT), device="cpu").name == HUB_ID


@pytest.mark.parametrize("lost", ["config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"])
def test_what_a_snapshot_lacks(root, lost):
    snapshot = root / "snapshots" / COMMIT
    assert missing_files(snapshot) == [] and is_whole_here(HUB_ID)
    (snapshot / lost).resolve().unlink()  # a link that leads nowhere is no file
    assert missing_files(snapshot) == [lost] and not is_whole_here(HUB_ID)


def test_what_a_snapshot_in_shards_lacks(tmp_path):
    model = sharded(tmp_path)
    assert missing_files(model) == []
    (model / "model-00003-of-00003.safetensors").unlink()
    assert missing_files(model) == ["model-00003-of-00003.safetensors"]
    (model / "model.safetensors.index.json").unlink()
    assert missing_files(model) == ["model.safetensors.index.json"]


def test_an_adapter_needs_its_own_files_alone(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    assert missing_files(tmp_path) == ["adapter_model.safetensors"]
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    assert missing_files(tmp_path) == []
