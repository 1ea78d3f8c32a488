"""Which models stay loaded: the longest unused make room, by number and by memory."""

import errno
import os
import shutil
from dataclasses import replace
from functools import partial
from weakref import WeakSet

import pytest

from core import ModelError
from core.embedded import CHECKPOINT
from core.engine.model_pool import ModelPool, load_described
from core.engine.second_try import passes
from core.memory.budget import Budget, actual_bytes
from core.models.checkpoints import describe_model
from core.models.families import FAMILIES
from core.models.options import ModelOptions

SIZES = {"a": 30, "b": 30, "c": 50, "huge": 150}


class Stand:
    """In the place of an explainer."""

    def __init__(self, name: str) -> None:
        self.name = name


class Place:
    """Memory of 200 bytes, in which `ModelPool` loads stand-ins of the sizes above."""

    def __init__(self, monkeypatch, keep: int = 9, budget: int = 100) -> None:
        self.others, self.loads, self.there = 0, [], WeakSet()
        self.card = describe_model(device="cpu")
        self.models = ModelPool(keep, load=self.load, budget=Budget(budget))
        monkeypatch.setattr("core.engine.model_pool.expected_bytes", lambda card: SIZES[card.name])
        monkeypatch.setattr("core.engine.model_pool.memory_of", lambda device: (200 - self.others - self.taken(), 200))

    def load(self, card):
        self.loads.append(card.name)
        loaded = Stand(card.name)
        self.there.add(loaded)
        return loaded

    def taken(self) -> int:
        return sum(SIZES[each.name] for each in self.there)

    def get(self, name: str, device: str = "cpu") -> Stand:
        return self.models.get(replace(self.card, name=name, fingerprint=name, device=device))


def test_the_longest_unused_model_makes_room(monkeypatch):
    place = Place(monkeypatch, keep=2, budget=1000)
    for name in ("a", "b", "a", "c", "a", "b"):
        place.get(name)
    assert place.loads == ["a", "b", "c", "b"]


def test_as_many_as_are_needed_make_room(monkeypatch):
    place = Place(monkeypatch)
    for name in ("a", "b", "a", "c"):  # 30 + 30 + 50 are too much, 30 + 50 are not
        place.get(name)
    assert place.taken() == 80
    place.get("a")
    assert place.loads == ["a", "b", "c"]
    place.get("huge")
    assert place.taken() == 150 and place.loads[-1] == "huge"


def test_one_that_no_budget_holds_is_loaded_alone_if_it_fits_what_is_free(monkeypatch):
    place = Place(monkeypatch)
    place.get("a")
    place.get("huge")
    place.get("huge")
    assert place.loads == ["a", "huge"] and place.taken() == 150
    place.get("b")  # for which the large one goes
    assert place.taken() == 30
    place.others = 80
    with pytest.raises(ModelError, match=r"The model huge takes .* GB of memory, and .* are free"):
        place.get("huge")
    assert "huge" not in place.loads[2:]


def test_models_go_where_others_take_the_memory_too(monkeypatch):
    place = Place(monkeypatch)
    place.get("a")
    place.others = 140
    place.get("c")
    assert place.taken() == 50


def test_what_a_run_holds_is_not_taken_for_free(monkeypatch):
    place = Place(monkeypatch)
    run = place.get("c")
    place.get("a")
    place.get("b")  # 50 in use and 30: the other one goes as well
    assert place.taken() == 80 and place.loads == ["c", "a", "b"]
    assert place.get("c") is run and place.loads == ["c", "a", "b"]  # it was never gone, so it is not loaded twice
    place.others = 1
    with pytest.raises(ModelError, match="huge"):
        place.get("huge")  # were it not for the run, 150 would be free
    assert run.name == "c" and place.taken() == 50
    del run
    assert place.get("huge").name == "huge"


def test_one_that_is_spread_need_not_fit_one_device(monkeypatch):
    place = Place(monkeypatch)
    place.others = 120
    spread = replace(place.card, name="huge", fingerprint="spread", options=ModelOptions(device_map="auto"))
    assert place.models.get(spread).name == "huge"
    with pytest.raises(ModelError, match="huge"):  # what else lies on disk must fit all the same, as far as it is here
        place.models.get(replace(spread, fingerprint="offloaded", options=ModelOptions(device_map="disk")))


def test_a_quantised_model_takes_what_it_takes():
    models = ModelPool(4)
    for name in (None, "embedded;8bit", "embedded;4bit"):
        models.get(describe_model(name, device="cpu"))
    plain, eight, four = models._bytes.values()
    assert four < eight < 0.6 * plain


def test_each_device_has_its_own_budget(monkeypatch):
    place = Place(monkeypatch)
    for device in ("cuda:0", "cuda:1"):
        place.get("c", device)
        place.get("a", device)
    assert len(place.loads) == 4 and place.taken() == 160


def test_a_loaded_model_counts_as_what_it_really_takes(monkeypatch):
    card = describe_model(device="cpu")
    size = actual_bytes(load_described(card).loaded.model)
    monkeypatch.setattr("core.engine.model_pool.expected_bytes", lambda card: 1)
    models = ModelPool(9, budget=Budget(size + 1))
    first = models.get(card)
    assert models.get(card) is first
    assert list(models._bytes.values()) == [size]


def test_a_damaged_model_is_not_kept(tmp_path):
    models = ModelPool(1)
    with pytest.raises(ModelError):
        models.get(replace(describe_model(device="cpu"), folder=tmp_path, is_embedded=False))
    assert not models._explainers


@pytest.fixture
def folder(tmp_path):
    """A copy of the embedded model."""
    return shutil.copytree(CHECKPOINT, tmp_path / "copy")


@pytest.fixture
def no_pause(monkeypatch):
    """The pause before a second try is none."""
    monkeypatch.setattr("core.engine.second_try.PAUSE", 0.0)


def spoil(monkeypatch, *spoils) -> list[int]:
    """Before each load of weights, one of these happens; with the list of loads."""
    loads, left = [], list(spoils)
    original = FAMILIES["qwen2_5_vl"].model_class.from_pretrained

    def load(*arguments, **options):
        loads.append(len(loads))
        if left:
            left.pop(0)()
        return original(*arguments, **options)

    monkeypatch.setattr(FAMILIES["qwen2_5_vl"].model_class, "from_pretrained", load)
    return loads


def fail(*numbers: int):
    """What raises errors of the system, one a call."""

    def raising(number: int) -> None:
        raise OSError(number, os.strerror(number))

    return [partial(raising, number) for number in numbers]


def test_a_load_that_fails_once_for_a_passing_reason_succeeds(folder, no_pause, monkeypatch):
    loads = spoil(monkeypatch, *fail(errno.EMFILE))
    card = describe_model(folder, device="cpu")
    assert ModelPool(1).get(card).loaded.fingerprint == card.fingerprint
    assert len(loads) == 2


def test_a_load_that_fails_twice_is_one_sentence_and_the_next_job_tries_again(folder, no_pause, monkeypatch):
    loads = spoil(monkeypatch, *fail(errno.EIO, errno.EIO))
    models, card = ModelPool(1), describe_model(folder, device="cpu")
    with pytest.raises(ModelError, match="could not be loaded: .*Input/output error"):
        models.get(card)
    assert len(loads) == 2
    assert models.get(card).loaded.fingerprint == card.fingerprint and len(loads) == 3


def test_a_load_that_fails_for_a_lasting_reason_is_tried_once(folder, no_pause, monkeypatch):
    loads = spoil(monkeypatch, *fail(errno.EACCES))
    with pytest.raises(ModelError, match="could not be loaded: .*Permission denied"):
        ModelPool(1).get(describe_model(folder, device="cpu"))
    assert len(loads) == 1


def test_a_file_that_is_touched_while_it_is_read_is_read_again(folder, no_pause, monkeypatch):
    loads = spoil(monkeypatch, lambda: os.utime(folder / "model.safetensors"))
    card = describe_model(folder, device="cpu")
    assert ModelPool(1).get(card).loaded.fingerprint == card.fingerprint and len(loads) == 2


def test_another_model_that_is_copied_over_it_meanwhile_is_never_taken_for_it(folder, no_pause, monkeypatch):
    def replace_it() -> None:
        settings = folder / "generation_config.json"
        settings.write_text(settings.read_text() + "\n")

    loads = spoil(monkeypatch, replace_it)
    with pytest.raises(ModelError, match="is another one now"):
        ModelPool(1).get(describe_model(folder, device="cpu"))
    assert len(loads) == 1


def test_files_that_go_on_changing_are_said(folder, no_pause, monkeypatch):
    touch = partial(os.utime, folder / "model.safetensors")
    loads = spoil(monkeypatch, touch, touch)
    with pytest.raises(ModelError, match="changed while they were read. Wait until they are copied"):
        ModelPool(1).get(describe_model(folder, device="cpu"))
    assert len(loads) == 2


def test_files_that_cannot_be_read_for_a_moment_are_a_sentence(folder, monkeypatch):
    def vanish(folder) -> tuple:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    monkeypatch.setattr("core.models.checkpoints.file_state", vanish)
    with pytest.raises(ModelError, match=r"cannot be read \(Stale file handle\)") as told:
        describe_model(folder, device="cpu")
    assert passes(told.value)
