"""Modules come from no folder in which others may have put some."""

import os
import subprocess
import sys

from core import import_path
from core.import_path import forget_within, forget_working_folder
from tests.waiting import PATIENCE


def test_nothing_is_imported_from_the_working_folder(tmp_path):
    (tmp_path / "planted_module.py").write_text("print('planted code ran')")
    code = (
        "import sys, core.import_path as own; own.forget_working_folder()\n"
        "assert '' not in sys.path\n"
        "import planted_module"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1 and "No module named 'planted_module'" in done.stderr and done.stdout == ""


def test_that_of_the_project_itself_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(import_path._ROOT)
    monkeypatch.setattr(sys, "path", ["", import_path._ROOT, "/usr/lib/python3"])
    forget_working_folder()
    assert sys.path == ["", import_path._ROOT, "/usr/lib/python3"]
    monkeypatch.chdir(tmp_path)
    sys.path += [str(tmp_path), str(tmp_path / "below")]
    forget_working_folder()
    assert sys.path == [import_path._ROOT, "/usr/lib/python3", str(tmp_path / "below")]


def test_a_folder_goes_with_all_that_is_in_it(tmp_path, monkeypatch):
    link = tmp_path / "link"
    (tmp_path / "scratch" / "worker").mkdir(parents=True)
    link.symlink_to(tmp_path / "scratch")
    kept = [str(tmp_path), str(tmp_path / "scratches"), os.sep]
    away = [str(tmp_path / "scratch"), str(tmp_path / "scratch" / "worker"), str(link / "worker")]
    monkeypatch.setattr(sys, "path", [*away, *kept])
    forget_within(link)
    assert sys.path == kept
