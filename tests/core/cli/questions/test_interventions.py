"""`python -m core what-if` and `reliance`."""

import json

import pytest
from PIL import Image

from core.cli.explain import main
from core.cli.questions.interventions import cells_of, region_of
from core.engine.explainer import Explainer
from core.errors import InputError
from core.interventions.reliance_report import Reliance
from core.interventions.report import FILLS, WhatIf
from core.scenes.scene import sample
from tests.some import some

SCENE = sample(1_900_003, kind="where", objects=3)
OUTSIDE = "lies outside of the picture, which has 100 x 50 pixels"


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "scene.png"
    SCENE.image.convert("RGBA").save(path)
    return str(path)


@pytest.fixture
def loaded_once(explainer, monkeypatch):
    """The embedded model that other tests have loaded already."""
    monkeypatch.setattr(Explainer, "from_pretrained", lambda *given, **options: explainer)


def box() -> str:
    """Around the object that is asked about, in pixels."""
    (top, bottom), (left, right) = (
        (int(line.argmax()) - 2, len(line) - int(line[::-1].argmax()) + 2)
        for line in (SCENE.masks[SCENE.answer].any(axis) for axis in (1, 0))
    )
    return f"{left},{top},{right},{bottom}"


def test_without_an_object(picture, loaded_once, capsys):
    arguments = ["what-if", "--image_path", picture, "--prompt", SCENE.question, "--region", box()]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert f"Answer: {SCENE.answer}" in printed and printed.count("changed") == len(FILLS)
    assert all(fill in printed for fill in some(FILLS))
    Image.open(picture).crop((-9, 0, *SCENE.image.size)).save(picture)  # with a margin that is transparent
    assert main([*arguments, "--keep", "--json", "--fills", "mean"]) == 0
    told = capsys.readouterr()
    found = WhatIf.from_dict(json.loads(told.out))
    assert "Transparent parts" in told.err
    assert (found.keep, len(found.interventions), [each.fill for each in found.interventions]) == (True, 1, ["mean"])


def test_what_it_rests_on(picture, loaded_once, capsys):
    arguments = ["reliance", "--image_path", picture, "--prompt", SCENE.question]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    rows = [line.split(maxsplit=4) for line in printed.splitlines()[3:]]
    assert [row[0] for row in rows] == SCENE.answer.split() and rows[0][4] == "rests on the picture"
    assert main([*arguments, "--json", "--text", "nowhere"]) == 0
    assert Reliance.from_dict(json.loads(capsys.readouterr().out)).answer == "nowhere"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--region", "0,0,5000,10"], "lies outside of the picture"),
        (["--region", "0,0,1,1"], "Nothing of the picture would be left"),
        (["--cells", "99,0"], "Row 99, column 0 is no cell"),
        (["--cells", "0,0", "--picture", "2"], "There is no picture number 2; the prompt has 1"),
        (["--cells", "0,0", "--fills", "black"], "There is no fill called 'black'"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(picture, loaded_once, capsys, options, sentence):
    assert main(["what-if", "--image_path", picture, "--prompt", "Where?", *options]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and sentence in said and said.count("\n") == 1


def test_a_part_has_to_be_named(picture):
    with pytest.raises(SystemExit):
        main(["what-if", "--image_path", picture, "--prompt", "Where?"])


def test_a_region_is_typed_in_pixels_or_in_parts():
    for text in some(["25,10,75,50", "0.25,0.2,0.75,1", "0.25, 0.2, 0.75, 1.0"]):
        assert region_of(text, (100, 50)).corners == ((0.25, 0.2), (0.75, 1.0))
    assert len(region_of("0,0;1,0;0,1", (100, 50)).corners) == 3
    assert cells_of("1,2;0,3") == [(1, 2), (0, 3)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1,2,3", "A box is written as"),
        ("a,b,c,d", "A box is written as"),
        ("0,0,101,50", OUTSIDE),
        ("0,0,100,51", OUTSIDE),
        ("-1,0,50,50", OUTSIDE),
        ("-0.1,0,1,1", "corners lie in the picture"),
        ("5,5,5,50", "needs an area"),
    ],
)
def test_what_is_no_region(text, sentence):
    with pytest.raises(InputError, match=sentence):
        region_of(text, (100, 50))


def test_what_is_no_cell():
    for text in some(["", "1", "1,2,3", "1,x", "0.5,1"]):
        with pytest.raises(InputError, match="Cells are written as ROW,COLUMN"):
            cells_of(text)
