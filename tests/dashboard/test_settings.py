from pathlib import Path

import pytest

from core import InputError
from dashboard.settings import Settings, default_data_folder, read_settings


def test_the_embedded_model_is_always_offered_and_first(monkeypatch):
    assert Settings().choices == ("embedded",)
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/models/qwen, Qwen/Qwen2.5-VL-3B-Instruct,embedded,,/models/qwen")
    assert Settings().choices == ("embedded", "/models/qwen", "Qwen/Qwen2.5-VL-3B-Instruct")


def test_data_lives_in_the_users_data_folder_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.delenv("SMOOTHCAM_DATA_FOLDER")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().data_folder == tmp_path / "smooth-gradcam"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/not/allowed")
    assert default_data_folder() == Path.home() / ".local/share/smooth-gradcam"


def test_a_home_folder_in_a_setting_is_understood(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", "~/maps")
    assert Settings().data_folder == Path.home() / "maps"


@pytest.mark.parametrize(("name", "value"), [("STORE_GIGABYTES", "-1"), ("MAX_UPLOAD_MB", "many")])
def test_an_unusable_setting_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"SMOOTHCAM_{name}", value)
    with pytest.raises(InputError, match=f"SMOOTHCAM_{name}"):
        read_settings()


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())
