"""What nobody can loosen, and whose files are believed."""

import pytest
from streamlit import config

from core.errors import InputError
from dashboard.server import options
from dashboard.server.options import HELD, hold


@pytest.fixture
def files(monkeypatch, tmp_path):
    """The files that Streamlit reads, as far as this test knows: one, in a folder of its own."""
    file = tmp_path / ".streamlit" / "config.toml"
    file.parent.mkdir()
    file.write_text('[server]\naddress = "localhost"\n')
    monkeypatch.setattr(config, "get_config_files", lambda name: [str(file)] if name == "config.toml" else [])
    yield file
    monkeypatch.undo()
    config.get_config_options(force_reparse=True)


def read(text: str, file) -> None:
    file.write_text(text)
    config.get_config_options(force_reparse=True)


def test_every_held_option_is_one_of_streamlits():
    assert set(HELD) <= set(config._config_options_template)


def test_what_was_loosened_is_held_and_stays_so_when_a_file_changes(files):
    read(
        '[client]\nshowErrorDetails = "full"\ndisableDataExport = false\n'
        "[browser]\ngatherUsageStats = true\n"
        "[runner]\nmagicEnabled = true\n"
        '[server]\naddress = "localhost"\nenableXsrfProtection = false\nenableCORS = false\nenableAgentApi = true\n',
        files,
    )
    hold()
    assert {name: config.get_option(name) for name in HELD} == HELD
    read('[client]\nshowErrorDetails = "full"\n[server]\naddress = "localhost"\nmaxUploadSize = 7\n', files)
    assert {name: config.get_option(name) for name in HELD} == HELD
    assert config.get_option("server.maxUploadSize") == 7


def test_a_server_that_would_listen_everywhere_does_not_start(files):
    read("", files)
    with pytest.raises(InputError, match="listen on every network.*--server.address=localhost"):
        hold()
    config.get_config_options(force_reparse=True, options_from_flags={"server.address": "0.0.0.0"})
    hold()  # somebody has said so


def test_a_file_that_somebody_else_can_have_written_is_not_believed(files, monkeypatch):
    hold()
    files.chmod(0o646)
    with pytest.raises(InputError, match="can have been written by somebody else"):
        hold()
    files.chmod(0o644)
    files.parent.chmod(0o777)
    with pytest.raises(InputError, match="Start the server from a folder of your own"):
        hold()
    files.parent.chmod(0o1777)  # as Kubernetes shows secrets: others can add to it, and replace nothing
    hold()
    monkeypatch.setattr(options, "_trusted", lambda: {files.stat().st_uid + 1})
    with pytest.raises(InputError, match="can have been written by somebody else"):
        hold()
