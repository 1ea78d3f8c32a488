"""Tables as spreadsheets write them, and rows that cannot be asked, each with its reason."""

from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from core import Brightness, InputError, load_picture
from core.inputs.videos.sampling import Sampling
from core.models.checkpoints import describe_model
from core.schema import ExplainRequest
from dashboard.batch import folder as batch_folder
from dashboard.batch.folder import FolderPictures, pictures_in
from dashboard.batch.plan import BatchDraft, all_of, plan
from dashboard.batch.runner import picture_of
from dashboard.batch.table import read_pairs
from tests.core.inputs.documents.pdfs import document
from tests.some import some

needs_pdf = pytest.mark.skipif(not find_spec("pypdfium2"), reason="pypdfium2, which draws PDF pages, is not installed")
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
    looked = []
    monkeypatch.setattr(
        batch_folder, "load_picture", lambda path, *how: looked.append(path.name) or load_picture(path, *how)
    )
    plan(all_of(["p2.PNG"] * 5), "what?", FolderPictures(folder), TEMPLATE, 10)
    assert looked == ["p2.PNG"]


def test_uploads_are_found_by_name_and_never_elsewhere(folder):
    draft = BatchDraft({"a.png": "1", "one/b.png": "2", "one/c.png": "3", "two/c.png": "4"})
    assert {draft.find(name).image for name in ("a.png", "C:\\photos\\a.png", "/data/a.png")} == {"1"}
    assert draft.find("b.png").image == "2" and draft.find("two/c.png").image == "4"
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


@needs_pdf
def test_each_page_of_a_document_is_a_row(folder):
    pages = [b"1 0 0 rg 0 0 99 99 re f", b"0 0 1 rg 0 0 99 99 re f"]
    (folder / "paper.pdf").write_bytes(document(*pages, size=(20, 20)))
    (folder / "letter").write_bytes(document(pages[0], size=(20, 20)))
    (folder / "cut.pdf").write_bytes(document(*pages)[:200])
    names, _ = pictures_in(folder)
    assert names == ["broken.jpg", "cut.pdf", "letter", "p2.PNG", "p10.png", "paper.pdf#page=1", "paper.pdf#page=2"]
    rows = {row.name: row for row in plan(all_of(names), "what?", FolderPictures(folder), TEMPLATE, 10)}
    assert "damaged" in rows["cut.pdf"].problem
    second = load_picture(folder / "paper.pdf", page=2)
    assert rows["paper.pdf#page=2"].image == second.digest and rows["paper.pdf#page=1"].image == rows["letter"].image
    assert picture_of(rows["paper.pdf#page=2"], Brightness()).checked().picture.digest == second.digest
    table = all_of(["paper.pdf", "paper.pdf#page=2", "paper.pdf#page=3", "p2.PNG#page=2"])
    said = plan(table, "what?", FolderPictures(folder), TEMPLATE, 10)
    assert [row.page for row in said[:2]] == [1, 2]
    assert "there is no page 3" in said[2].problem and "no PDF document" in said[3].problem


def test_a_document_that_was_uploaded_is_found_by_the_name_of_its_file():
    draft = BatchDraft({"paper.pdf#page=1": "1", "paper.pdf#page=2": "2", "in/other.pdf#page=1": "3"})
    assert [draft.find(name).image for name in ("paper.pdf", "C:\\a\\paper.pdf#page=2", "other.pdf")] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("cells", "sampling"),
    [
        (",,,", Sampling()),
        ("4,,,", Sampling(fps=4.0)),
        (",8,0.5,2", Sampling(count=8, start=0.5, end=2.0)),
        ('"1,5",,,', Sampling(fps=1.5)),
    ],
)
def test_a_table_says_how_videos_are_sampled(cells, sampling):
    (pair,) = read_pairs(f"picture,prompt,fps,frames,start,end\nwalk.mp4,what?,{cells}\n".encode())
    assert pair.sampling == sampling and not pair.problem


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("many,,,", "The column fps holds 'many', which is not a number."),
        (",2.5,,", "The column frames holds '2.5', which is not a whole number."),
        (",0,,", "count is how many frames are sampled"),
        (",,3,1", "start (3 s) must be before end (1 s)."),
        ("nan,,,", "fps is how many frames a second are sampled"),
    ],
)
def test_what_a_table_says_wrong_of_sampling_costs_its_row(folder, cells, said):
    table = f"picture,prompt,fps,frames,start,end\np2.PNG,what?,{cells}\np2.PNG,what?,,,,\n"
    wrong, right = plan(read_pairs(table.encode()), "", FolderPictures(folder), TEMPLATE, 10)
    assert said in wrong.problem and not right.problem


def test_pictures_are_not_sampled(folder):
    table = b"picture,prompt,fps\np2.PNG,what?,2\n"
    (row,) = plan(read_pairs(table), "", FolderPictures(folder), TEMPLATE, 10)
    assert row.problem == "The columns fps, frames, start and end are for videos, and this is a picture."
    draft = BatchDraft({"a.png": "1"})
    with pytest.raises(InputError, match="are for videos"):
        draft.find("a.png", Sampling(fps=2))
