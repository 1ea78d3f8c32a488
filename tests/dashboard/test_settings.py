import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core import InputError
from dashboard.settings import Settings, default_data_folder, read_settings
from dashboard.storage.data_folder import open_storage


def test_the_embedded_model_is_always_offered_and_first(monkeypatch):
    assert Settings().choices == ("embedded",)
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/models/qwen, Qwen/Qwen2.5-VL-3B-Instruct,embedded,,/models/qwen")
    assert Settings().choices == ("embedded", "/models/qwen", "Qwen/Qwen2.5-VL-3B-Instruct")


def test_models_may_have_options_and_a_wrong_one_stops_the_start(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/models/qwen;4bit,/models/qwen")
    assert read_settings().choices == ("embedded", "/models/qwen;4bit", "/models/qwen")
    monkeypatch.setenv("SMOOTHCAM_MODELS", "/models/qwen;4bits")
    wrong = "SMOOTHCAM_MODELS: The option '4bits' of the model '/models/qwen' is not known. There are 4bit, 8bit"
    with pytest.raises(InputError, match=wrong) as error:
        read_settings()
    assert "Value error" not in str(error.value) and ".." not in str(error.value).replace("...", "")


def test_data_lives_in_the_users_data_folder_unless_told_otherwise(monkeypatch, tmp_path):
    monkeypatch.delenv("SMOOTHCAM_DATA_FOLDER")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().data_folder == tmp_path / "smooth-gradcam"
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/not/allowed")
    assert default_data_folder() == Path.home() / ".local/share/smooth-gradcam"


def test_a_home_folder_in_a_setting_is_understood(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", "~/maps")
    assert Settings().data_folder == Path.home() / "maps"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("STORE_GIGABYTES", "-1"), ("MAX_UPLOAD_MB", "many"), ("MODELS_BYTES", "a lot")),
        *(("VISUAL_TOKENS", "3"), ("VISUAL_TOKENS", "none"), ("VISUAL_TOKENS", "16385")),
    ],
)
def test_an_unusable_setting_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"SMOOTHCAM_{name}", value)
    with pytest.raises(InputError, match=f"SMOOTHCAM_{name}"):
        read_settings()


def test_pictures_are_kept_to_a_number_of_visual_tokens_unless_that_is_off(monkeypatch):
    assert Settings().budget == 1_280
    for value, budget in (("4000", 4_000), ("off", None)):
        monkeypatch.setenv("SMOOTHCAM_VISUAL_TOKENS", value)
        assert read_settings().budget == budget


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())


@pytest.fixture
def secrets(tmp_path):
    """Writes the secrets file."""
    return (tmp_path / "secrets.toml").write_text


def test_every_setting_may_stand_in_the_secrets_file_and_the_environment_wins(secrets, monkeypatch, tmp_path):
    monkeypatch.delenv("SMOOTHCAM_DATA_FOLDER")
    secrets(
        f"""
        [database]
        store_days = "of somebody else"
        [smoothcam]
        models = ["/models/qwen", "Qwen/Qwen2.5-VL-3B-Instruct"]
        device = "cpu"
        data_folder = "{tmp_path}/here"
        store_gigabytes = 2.5
        store_days = 90
        max_upload_mb = 20
        models_in_memory = 2
        """
    )
    monkeypatch.setenv("SMOOTHCAM_MAX_UPLOAD_MB", "30")
    settings = read_settings()
    assert settings.models == ("/models/qwen", "Qwen/Qwen2.5-VL-3B-Instruct") and settings.device == "cpu"
    assert (settings.data_folder, settings.store_gigabytes, settings.store_days) == (tmp_path / "here", 2.5, 90)
    assert (settings.max_upload_mb, settings.models_in_memory) == (30, 2)


def test_models_may_be_one_text_in_the_secrets_file_too(secrets):
    secrets('[smoothcam]\nmodels = "a, b"')
    assert read_settings().models == ("a", "b")


def test_no_file_and_a_file_without_the_section_change_nothing(secrets):
    bare = read_settings()
    assert bare.store_days is None
    secrets('[passwords]\nadmin = "x"')
    assert read_settings() == bare


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[smoothcam\nstore_days = 1", r"secrets.toml is no valid TOML: .*line 1"),
        ("smoothcam = 3", r"secrets.toml: smoothcam is a value; write \[smoothcam\]"),
        ("[smoothcam]\nstore_days = -1", r"store_days in \[smoothcam\] of .streamlit/secrets.toml: .*greater than 0"),
        ("[smoothcam]\nstore_daze = 1", r"store_daze in \[smoothcam\] of .streamlit/secrets.toml: Extra"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(secrets, text, sentence):
    secrets(text)
    with pytest.raises(InputError, match=sentence) as caught:
        read_settings()
    assert "\n" not in str(caught.value)


def test_the_working_folders_file_wins_over_the_users(tmp_path):
    code = "from dashboard.settings import *; import sys; s = Settings(); print(s.store_days, s.device)"
    for name, lines in (("home", "store_days = 1\ndevice = 'cpu'"), ("work", "store_days = 2")):
        folder = tmp_path / name / ".streamlit"
        folder.mkdir(parents=True)
        (folder / "secrets.toml").write_text(f"[smoothcam]\n{lines}")
    done = subprocess.run(
        [sys.executable, "-c", code + "; assert 'streamlit' not in sys.modules"],
        cwd=tmp_path / "work",
        env={"HOME": str(tmp_path / "home"), "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["2.0", "cpu"]


def test_results_get_the_age_limit(monkeypatch, ask, explain):
    monkeypatch.setenv("SMOOTHCAM_STORE_DAYS", "2")
    results = open_storage(read_settings()).results
    results.put(explain(ask().request))
    with closing(sqlite3.connect(results.folder / "cache.db")) as connection:
        ages = connection.execute("SELECT DISTINCT round(expire_time - store_time) FROM Cache").fetchall()
    assert ages == [(2 * 24 * 3600,)]
