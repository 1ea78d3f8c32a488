"""Folders of small random checkpoints, each built once."""

import pytest

from tests.core.models.families.checkpoints import build


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory):
    """Type -> the folder of its checkpoint; nobody writes there."""
    made = {}

    def folder(name):
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name) / f"tiny-{name}"
            made[name].mkdir()
            build(name, made[name])
        return made[name]

    return folder


@pytest.fixture(scope="session")
def base(folder_of):
    """That of a Qwen2.5-VL."""
    return folder_of("qwen2_5_vl")
