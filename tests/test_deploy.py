"""What lies in docs/deploy names what there is."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit import config

from dashboard.server.app import routes
from dashboard.server.middleware import NUMBERS
from dashboard.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "deploy"
FILES = sorted(FOLDER.iterdir())
UNIT = FOLDER / "smooth-gradcam.service"
CONTAINER = FOLDER / "Containerfile"
PLACE = "/opt/smooth-gradcam"


def container_lines(word: str) -> list[str]:
    """The arguments of each such instruction."""
    text = CONTAINER.read_text("utf-8").replace("\\\n", " ")
    return [line.removeprefix(word).strip() for line in text.splitlines() if line.startswith(f"{word} ")]


def unit_lines(word: str) -> list[str]:
    return [
        line.removeprefix(f"{word}=") for line in UNIT.read_text("utf-8").splitlines() if line.startswith(f"{word}=")
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_real_settings_are_named(path):
    text = path.read_text("utf-8")
    assert set(re.findall(r"SMOOTHCAM_([A-Z_]+)", text)) <= {name.upper() for name in Settings.model_fields}
    options = re.findall(r"--(server\.\w+|browser\.\w+|client\.\w+)", text)
    assert set(options) <= set(config._config_options_template)


def test_every_file_is_pointed_to_from_the_documentation():
    page = (ROOT / "docs" / "operation.md").read_text("utf-8")
    assert FILES and all(f"(deploy/{path.name})" in page for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_addresses_that_exist_are_named(path):
    own = {route.path for route in routes(Settings())}
    named = set(re.findall(r"8501(/[\w/-]+)", path.read_text("utf-8")))
    named |= set(re.findall(r"location = (/\S+)", path.read_text("utf-8")))
    assert named <= own | set(NUMBERS)
    assert "/health" in named


def test_nginx_takes_what_the_dashboard_takes():
    (limit,) = re.findall(r"client_max_body_size (\d+)m;", (FOLDER / "nginx.conf").read_text("utf-8"))
    configured = re.search(r"^maxUploadSize = (\d+)$", (ROOT / ".streamlit/config.toml").read_text("utf-8"), re.M)
    assert int(limit) == int(configured[1]) + 1
    assert f"has {configured[1]} MB" in (FOLDER / "nginx.conf").read_text("utf-8")


def test_the_container_copies_all_that_is_installed_and_nothing_that_is_not_there():
    copied = {source for line in container_lines("COPY") for source in line.split()[:-1]}
    assert all((ROOT / source).exists() for source in copied)
    # The packages, what names them, and the settings that Streamlit reads.
    assert copied >= {"core", "cache", "dashboard", "pyproject.toml", "requirements.txt", "README.md", ".streamlit"}


def test_the_container_is_nobody_special_and_keeps_its_data_outside():
    (user,), (volume,) = container_lines("USER"), container_lines("VOLUME")
    (made,) = [line for line in container_lines("RUN") if "useradd" in line]
    assert user in made and user not in ("root", "0")
    assert f"SMOOTHCAM_DATA_FOLDER={volume}" in container_lines("ENV")[0] and f" {volume}" in made


def test_the_containers_command_and_health_check_are_ones():
    command = json.loads(container_lines("CMD")[-1])
    assert shutil.which(command[0], path=str(Path(sys.executable).parent)) and (ROOT / command[2]).is_file()
    (check,) = container_lines("HEALTHCHECK")
    program = json.loads(check.split("CMD", 1)[1])
    assert program[:2] == ["python", "-c"]
    compile(program[2], "health", "exec")
    assert any(f"--server.port={port}" in command for port in container_lines("EXPOSE"))


def test_the_units_command_is_one():
    (started,) = unit_lines("ExecStart")
    program, _, script, *_ = shlex.split(started)
    assert Path(program).name in {path.name for path in Path(sys.executable).parent.iterdir()}
    assert (ROOT / script).is_file()
    assert unit_lines("WorkingDirectory") == [PLACE]


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("There is no systemd-analyze: it comes with Debian's package systemd.")
    streamlit = Path(sys.executable).with_name("streamlit")
    written = tmp_path / UNIT.name
    text = UNIT.read_text("utf-8").replace(f"{PLACE}/.venv/bin/streamlit", str(streamlit)).replace(PLACE, str(ROOT))
    written.write_text(text.replace("/usr/bin/curl", shutil.which("curl") or sys.executable))
    found = subprocess.run([analyze, "verify", written], capture_output=True, text=True)
    assert (found.returncode, found.stderr) == (0, "")
