"""Tables as spreadsheets write them, and rows that cannot be asked, each with its reason."""

import numpy as np
import pytest
from PIL import Image

from core import Brightness, InputError, load_picture
from core.models.checkpoints import describe_model
from core.schema import ExplainRequest
from dashboard.batch.plan import BatchDraft, FolderPictures, all_of, pictures_in, plan
from dashboard.batch.table import read_pairs
from tests.some import some

TEMPLATE = ExplainRequest(image="", prompt="-", model="m", layers=(0,))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "photos"
    (place / "sub").mkdir(parents=True)
    for name in ("p10.png", "p2.PNG", "sub/inner.png"):
        Image.new("RGB", (40, 30), (len(name), 0, 0)).save(place / name, "PNG")
    (place / "broken.jpg").write_bytes(b"no picture")
    (place / "notes.txt").write_text("x")
    (place / ".hidden.png").write_bytes(b"x")
    Image.new("RGB", (40, 30)).save(tmp_path / "outside.png")
    return place


def test_several_pictures_in_a_cell_are_refused_unless_a_file_is_called_so(folder):
    Image.new("RGB", (40, 30)).save(folder / "p2;p10.png")
    pairs = read_pairs(b"picture,prompt\np2.PNG;p10.png,what differs\np2;p10.png,what is it\n")
    several, odd = plan(pairs, "", FolderPictures(folder), TEMPLATE, 10)
    assert "A row of a batch is about one picture" in several.problem and not odd.problem


def test_a_folder_lists_its_pictures_in_the_order_that_people_count_in(folder):
    assert pictures_in(folder) == (["broken.jpg", "p2.PNG", "p10.png"], 1)
    with pytest.raises(InputError, match="cannot be read"):
        pictures_in(folder / "nowhere")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("p2.PNG", ""),
        ("sub/inner.png", ""),
        ("sub\\inner.png", ""),
        ("../outside.png", "leads out of the folder"),
        ("sub/../../outside.png", "leads out of the folder"),
        ("/etc/passwd", "leads out of the folder"),
        ("C:\\x.png", "leads out of the folder"),
        ("a\0b.png", "leads out of the folder"),
        ("gone.png", "no such file"),
        ("sub", "no such file"),
        ("broken.jpg", "not a picture"),
        ("", "names no picture"),
        ("x" * 300, "There is no such file"),  # longer than any system allows
        ("a/" * 3000, "There is no such file"),
        ("\ud800.png", "There is no such file"),
    ],
)
def test_a_row_is_found_or_says_why_not(folder, name, problem):
    (row,) = plan([*all_of([name])], "what?", FolderPictures(folder), TEMPLATE, 10)
    assert problem in row.problem and bool(row.problem) == bool(problem) == (not row.image)


def test_prompts_are_checked_for_each_row(folder):
    pairs = read_pairs(b"picture,prompt,phrase\np2.PNG,,\np2.PNG,mine,a word\n")
    rows = plan(pairs, "", FolderPictures(folder), TEMPLATE, 10)
    assert ["empty" in row.problem for row in rows] == [True, False]
    filled = plan(pairs, "for all", FolderPictures(folder), TEMPLATE, 10)
    assert [(row.prompt, row.phrase) for row in filled] == [("for all", ""), ("mine", "a word")]
    long = plan(pairs, "x" * 30_000, FolderPictures(folder), TEMPLATE, 10)
    assert "30,000" in long[0].problem or "30000" in long[0].problem


def test_too_many_rows_and_none_are_refused(folder):
    for pairs, words in ((all_of(["p2.PNG"] * 11), "too many"), ([], "no picture")):
        with pytest.raises(InputError, match=words):
            plan(pairs, "what?", FolderPictures(folder), TEMPLATE, 10)


def test_a_picture_of_several_rows_is_read_once(folder, monkeypatch):
    from dashboard.batch import plan as batch_plan

    looked = []
    monkeypatch.setattr(
        batch_plan, "load_picture", lambda path, brightness: looked.append(path.name) or load_picture(path, brightness)
    )
    plan(all_of(["p2.PNG"] * 5), "what?", FolderPictures(folder), TEMPLATE, 10)
    assert looked == ["p2.PNG"]


def test_uploads_are_found_by_name_and_never_elsewhere(folder):
    draft = BatchDraft({"a.png": "1", "one/b.png": "2", "one/c.png": "3", "two/c.png": "4"})
    assert draft.find("a.png")[0] == draft.find("C:\\photos\\a.png")[0] == draft.find("/data/a.png")[0] == "1"
    assert draft.find("b.png")[0] == "2" and draft.find("two/c.png")[0] == "4"
    for name, words in (("c.png", "Several"), (str(folder / "p2.PNG"), "No picture")):
        with pytest.raises(InputError, match=words):
            draft.find(name)


def test_the_command_asks_as_the_page_does(chosen):
    """The same defaults, hence the same runs."""
    from dashboard.cli import batch
    from dashboard.ui.form.draft import Draft, to_request
    from dashboard.ui.form.target_fields import TargetDraft

    card = describe_model(device="cpu")
    options = batch.build_parser().parse_args(["folder", "--prompt", "what?"])
    draft = Draft("what?", "all", "", TargetDraft(), 10, 0.15, 0, "gradient_deviation", "input", 128, None)
    assert batch._template(options, card) == to_request(draft, "", card)


def test_names_without_an_ending_are_taken_where_they_begin_as_pictures_do(folder):
    Image.new("RGB", (40, 30)).save(folder / "scan", "TIFF")
    (folder / "README").write_text("x")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "gone.png").symlink_to(folder / "nowhere")
    assert pictures_in(folder) == (["broken.jpg", "p2.PNG", "p10.png", "scan"], 2)


def test_brightness_is_part_of_which_picture_is_asked_about(folder):
    values = np.linspace(0, 4095, 1200).reshape(30, 40).astype(np.uint16)
    Image.fromarray(values).save(folder / "deep.png")
    names = ["deep.png", "p2.PNG"]
    automatic, full = (
        [row.image for row in plan(all_of(names), "what?", FolderPictures(folder, brightness=choice), TEMPLATE, 10)]
        for choice in (Brightness(), Brightness("range", 0, 2000))
    )
    assert automatic[0] != full[0] and automatic[1] == full[1]
    assert full[0] == load_picture(folder / "deep.png", Brightness("range", 0, 2000)).digest


def test_the_largest_picture_is_known(folder):
    find = FolderPictures(folder)
    assert find.largest is None
    Image.new("RGB", (400, 3)).save(folder / "wide.png")
    for name, largest in some((("p2.PNG", (40, 30)), ("wide.png", (40, 30)), ("p10.png", (40, 30)))):
        find(name)
        assert find.largest == largest
    draft = BatchDraft(pictures={"a": "1", "b": "2"}, sizes={"1": (30, 20), "2": (4, 300), "3": (999, 999)})
    assert draft.largest == (4, 300) and BatchDraft().largest is None
