"""The folder of a small random Qwen2.5-VL, for whoever tests adapters of it."""

import pytest

from tests.core.models.families.checkpoints import build


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """It; nobody writes there."""
    folder = tmp_path_factory.mktemp("bases") / "tiny-base"
    folder.mkdir()
    build("qwen2_5_vl", folder)
    return folder
