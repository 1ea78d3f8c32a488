"""`--format pdf` and `svg` of the command line."""

import pytest

from core.cli.explain import main
from tests.conftest import encode, gradient_picture


@pytest.fixture
def ask(tmp_path, capsys):
    """Asks about a picture; gives exit code, folder and what was printed."""
    path = tmp_path / "picture.png"
    path.write_bytes(encode(gradient_picture(60, 90), "PNG"))

    def run(*options, prompt="Where?"):
        base = ["--image_path", str(path), "--prompt", prompt, "--num_samples", "1", "--max_new_tokens", "3"]
        code = main([*base, "--output_dir", str(tmp_path / "out"), *options])
        said = capsys.readouterr()
        return code, tmp_path / "out", said.out + said.err

    return run


def test_figures_stand_in_place_of_sheets_with_their_latex(ask):
    code, folder, said = ask(
        "--mode", "multi", "--layers", "1", "4", "--format", "pdf", "--word_strip", "--text", "at the left"
    )
    assert code == 0, said
    files = {path.name for path in (folder / "multi").iterdir()}
    figures = {f"{kind}.{ending}" for kind in ("overlay", "grid", "depth", "words") for ending in ("pdf", "tex")}
    assert files == figures | {"references.bib", "result.npz", "result.json"}
    assert all((folder / "multi" / name).read_bytes()[:5] == b"%PDF-" for name in files if name.endswith("pdf"))
    tex = (folder / "multi" / "overlay.tex").read_text("utf-8")
    assert "Model: embedded." in tex and "``Where?''" in tex and "{overlay.pdf}" in tex
    assert "layers 1, 4 of 8" in (folder / "multi" / "grid.tex").read_text("utf-8")
    assert "smilkov2017smoothgrad" in (folder / "multi" / "references.bib").read_text("utf-8")


def test_one_layer_as_svg_and_what_no_font_has(ask, monkeypatch):
    from core.rendering.paper import fonts

    monkeypatch.setattr(fonts.font_manager, "findSystemFonts", lambda: [])
    code, folder, said = ask("--mode", "single", "--layer", "3", "--format", "svg", "--width", "120", prompt="在哪里？")
    assert code == 0 and "Prompt and answer are left out of the figures. No font on this machine" in said
    assert {path.suffix for path in (folder / "single").iterdir()} == {".svg", ".tex", ".bib", ".npz", ".json"}
    assert b'width="120mm"' in (folder / "single" / "overlay.svg").read_bytes()
    assert "layer 3 of 8" in (folder / "single" / "overlay.tex").read_text("utf-8")


@pytest.mark.parametrize("options", [("--width", "3", "--format", "pdf"), ("--width", "page"), ("--word_strip",)])
def test_what_cannot_be_drawn_is_said_before_anything_is_computed(ask, options):
    code, folder, said = ask(*options)
    assert code == 2 and "error: " in said and not folder.exists()
