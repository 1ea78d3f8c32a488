"""A small random checkpoint of each family, built and loaded once."""

import json
import shutil

import pytest

from core import Explainer
from core.inputs.pictures import load_picture
from core.models.families import FAMILIES
from tests.conftest import gradient_picture
from tests.core.models.families.checkpoints import random_model
from tests.core.models.families.slow import Slow


@pytest.fixture(scope="session")
def explainer_of(folder_of):
    """Type -> its explainer; tests that change it must put it back."""
    loaded = {}

    def explainer(name):
        if name not in loaded:
            loaded[name] = Explainer.from_pretrained(folder_of(name), device="cpu")
        return loaded[name]

    return explainer


@pytest.fixture
def altered(folder_of, tmp_path):
    """(type, file=changes to that JSON file, ...) -> an explainer of a copy with them, and new weights if asked."""

    def explainer(name, weights=False, **changes):
        folder = shutil.copytree(folder_of(name), tmp_path / f"altered-{name}")
        for file, change in changes.items():
            path = folder / f"{file}.json"
            path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
        if weights:
            config = (folder / "config.json").read_text("utf-8")
            random_model(name, folder).save_pretrained(folder)
            (folder / "config.json").write_text(config, "utf-8")
        return Explainer.from_pretrained(folder, device="cpu")

    return explainer


@pytest.fixture(scope="session", params=list(FAMILIES))
def name(request):
    """Every family's type in turn."""
    return request.param


@pytest.fixture(scope="session")
def family(name, explainer_of):
    """Its explainer."""
    return explainer_of(name)


@pytest.fixture(scope="session")
def picture():
    """Wider than high, and no multiple of anything."""
    return load_picture(gradient_picture(130, 203))


@pytest.fixture(scope="session")
def pictures(picture):
    """With a second one that is higher than wide."""
    return [picture, load_picture(gradient_picture(90, 61).rotate(180))]


@pytest.fixture(scope="session")
def slow(family, picture):
    """One picture and a sentence through the model's own forward."""
    return Slow.of(family.loaded, picture)
