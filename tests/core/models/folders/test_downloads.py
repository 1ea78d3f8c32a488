"""What is fetched of the hub, how far it is, and that it can be stopped."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from core.errors import Cancelled, ModelError
from core.models.checkpoints import describe_model
from core.models.folders import downloads
from core.models.folders.hub import is_whole_here
from core.schema.progress import Progress
from tests.core.models.folders.hub_server import COMMIT, serving
from tests.core.models.folders.making import HUB_ID, plain, sharded
from tests.some import some


@pytest.fixture
def hub(tmp_path, monkeypatch):
    with serving(monkeypatch, tmp_path / "cache") as hub:
        (tmp_path / "there").mkdir()
        hub.folders[HUB_ID] = sharded(tmp_path / "there")
        yield hub


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "cache" / f"models--{HUB_ID.replace('/', '--')}"


def files_in(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.rglob(pattern))


def test_a_model_is_fetched_once_and_told_in_bytes(hub, root):
    told = []
    (hub.folders[HUB_ID] / "notes.md").write_text("not needed")
    (hub.folders[HUB_ID] / "consolidated.safetensors").write_bytes(b"another export")
    assert not is_whole_here(HUB_ID)
    card = describe_model(HUB_ID, device="cpu", on_progress=told.append)
    assert card.name == HUB_ID and card.folder == root / "snapshots" / COMMIT and is_whole_here(HUB_ID)
    assert not {"notes.md", "README.md", "consolidated.safetensors"} & set(hub.fetched)
    size = sum(path.stat().st_size for path in card.folder.iterdir())
    assert told[-1] == Progress("fetch", size, size) and {each.total for each in told} == {size}
    assert [each.done for each in told] == sorted(each.done for each in told)
    fetched = list(hub.fetched)
    assert describe_model(HUB_ID, device="cpu").fingerprint == card.fingerprint and hub.fetched == fetched


@pytest.mark.parametrize("lost", ["model-00002-of-00003.safetensors", "tokenizer.json", "model.safetensors.index.json"])
@pytest.mark.parametrize("knows_the_list", [False, True])
def test_what_is_missing_is_fetched_and_nothing_else(hub, root, lost, knows_the_list):
    card = describe_model(HUB_ID, device="cpu")
    if not knows_the_list:
        for path in (root / "trees").glob("*"):  # older versions of huggingface_hub keep no list of files
            path.unlink()
    link = card.folder / lost
    link.resolve().unlink()
    if knows_the_list:
        link.unlink()  # else the link leads nowhere
    hub.fetched.clear()
    assert not is_whole_here(HUB_ID)
    told = []
    again = describe_model(HUB_ID, device="cpu", on_progress=told.append)
    assert again.fingerprint == card.fingerprint
    assert hub.fetched == [lost] and told[-1].total == link.stat().st_size


def test_fetching_is_stopped_within_a_second_and_goes_on_later(hub, root):
    hub.pace.clear()
    began = []

    def stop(progress: Progress) -> None:
        began.append(time.monotonic())
        if len(began) > 2:
            raise Cancelled("The run was stopped.")

    with pytest.raises(Cancelled):
        describe_model(HUB_ID, device="cpu", on_progress=stop)
    assert time.monotonic() - began[-1] < downloads._SECONDS_TO_STOP
    assert files_in(root, "*.incomplete") == []  # nothing that was only begun is left
    whole = [name for name in files_in(root / "snapshots", "*") if name.endswith(".json")]
    assert whole  # small files had come
    hub.pace.set()
    hub.fetched.clear()
    assert describe_model(HUB_ID, device="cpu").name == HUB_ID
    assert not set(whole) & set(hub.fetched)


def test_a_process_that_dies_is_a_sentence(hub, monkeypatch, tmp_path):
    script = tmp_path / "dies.py"
    script.write_text("import sys; print('a warning'); sys.exit('killed in the middle')")
    monkeypatch.setattr(downloads, "_SCRIPT", script)
    with pytest.raises(ModelError, match=rf"{HUB_ID} could not be fetched from the hub \(killed in the middle\)"):
        describe_model(HUB_ID)


def test_a_model_that_does_not_fit_the_disk(hub, monkeypatch, tmp_path):
    script = tmp_path / "full.py"
    source = downloads._SCRIPT.read_text("utf-8")
    full = "type('Usage', (), {'free': 1_200_000_000})"
    assert "shutil.disk_usage(" in source
    source = source.replace("shutil.disk_usage(", f"(lambda path: {full})(").replace("needed > free", "True")
    script.write_text(source)
    monkeypatch.setattr(downloads, "_SCRIPT", script)
    with pytest.raises(ModelError, match=r"takes 0\.0 GB more, and 1\.2 GB are free in .*cache\. Make room"):
        describe_model(HUB_ID)


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "GatedRepo", "is given only to those who have accepted its licence. Accept it on http"),
        (401, "GatedRepo", "or set HF_TOKEN there"),
        (401, "RepoNotFound", "Check the id's spelling; if it is private, log in with `hf auth login`"),
        (404, "RevisionNotFound", "has no files on the hub yet"),
    ],
)
def test_who_is_refused_hears_what_to_do(hub, status, code, sentence):
    hub.refused[HUB_ID] = status, code
    with pytest.raises(ModelError) as told:
        describe_model(HUB_ID)
    assert sentence in str(told.value) and HUB_ID in str(told.value) and "Client Error" not in str(told.value)


def test_a_hub_in_trouble(hub):
    hub.status = 503
    with pytest.raises(ModelError, match=r"cannot give the model somebody/some-model now \(HTTP 503\)\. Try again"):
        describe_model(HUB_ID)


def test_weights_of_other_formats_are_refused_before_they_are_fetched(hub, tmp_path):
    (tmp_path / "pickled").mkdir()
    model = hub.folders[HUB_ID] = plain(tmp_path / "pickled")
    (model / "model.safetensors").rename(model / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"has no weights in safetensors on the hub, but pytorch_model\.bin\."):
        describe_model(HUB_ID)
    assert hub.fetched == []


def test_names_that_the_hub_cannot_have_are_not_asked_for(hub):
    for name in some(["a b/c", "a/b--c", "-a/b.."]):
        with pytest.raises(ModelError, match="There is no model folder"):
            describe_model(name)
    assert hub.fetched == []


def test_a_program_that_is_killed_leaves_no_process_that_fetches(hub, root):
    hub.pace.clear()
    code = f"from core.models.checkpoints import describe_model; describe_model({HUB_ID!r}, on_progress=print)"
    environment = os.environ | {"HF_HUB_CACHE": str(root.parent)}
    program = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    assert "fetch" in program.stdout.readline()
    (fetching,) = psutil.Process(program.pid).children()
    assert "fetch_process.py" in " ".join(fetching.cmdline())
    program.kill()
    program.wait()
    fetching.wait(10)
    assert not fetching.is_running() and files_in(root, "*.incomplete") == []
