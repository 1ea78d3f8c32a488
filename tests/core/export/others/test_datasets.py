"""What each of the other programs is given, read as it reads it."""

import contextlib
import io
import json
import xml.etree.ElementTree as ElementTree
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from core.export.others.coco import to_coco
from core.export.others.datasets import PROGRAMS, dataset_files, packed
from core.export.others.entries import Entry, Threshold
from core.export.others.fiftyone import to_fiftyone
from core.export.others.label_studio import label_config, to_label_studio
from core.schema import Target
from tests.core.export.others.makers import SIZE, TEXT, entry_of, heat, result_of
from tests.core.export.others.test_run_lengths import unbrushed
from tests.some import some


@pytest.fixture
def entries():
    """Two results about one picture, and one about another with a hostile name."""
    text = "A red circle"
    return [
        entry_of(),
        entry_of(text=text, target=Target.words("red")),
        Entry(result_of(text, image="b" * 64), "b/../<ü>.png", (50, 40)),
    ]


@pytest.mark.parametrize("compress", [True, False])
def test_the_coco_api_reads_coco(entries, tmp_path, compress):
    coco_api = pytest.importorskip("pycocotools.coco")
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(to_coco(entries, compress=compress)), "utf-8")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = coco_api.COCO(str(path))
    assert [coco.imgs[number]["file_name"] for number in coco.getImgIds()] == ["cat.png", "b/../<ü>.png"]
    names = {each["name"] for each in coco.loadCats(coco.getCatIds())}
    assert names == {"answer", 'a "cat" <1>', "nose", "red", "A red circle"}
    every = coco.loadAnns(coco.getAnnIds())
    assert len(every) == 5 and all(each["attributes"]["prediction"] and 0 <= each["score"] <= 1 for each in every)
    region, cat, nose, red, _ = every
    mask = coco.annToMask(region)
    assert mask.shape == (200, 400) and mask.sum() == region["area"] == 12_000
    assert region["bbox"] == [0, 0, 240, 100] and mask[:50, :80].all() and not mask[60:, :80].any()
    assert cat["bbox"] == [0, 0, 200, 100] and coco.annToMask(cat).sum() == cat["area"] == 20_000
    assert nose["keypoints"] == [360, 180, 2] and nose["area"] == 1
    assert red["attributes"]["explained"] == 'the word "red"' and red["image_id"] == region["image_id"]
    with contextlib.redirect_stdout(io.StringIO()):
        assert len(coco.loadRes([each for each in every if "keypoints" not in each]).anns) == 4


def test_fiftyone_finds_maps_and_boxes(entries):
    files = to_fiftyone(entries)
    metadata, samples = json.loads(files["metadata.json"]), json.loads(files["samples.json"])["samples"]
    assert "version" not in metadata and metadata["media_type"] == "image"  # with a version, it is another format
    first, other = samples
    assert first["filepath"] == "data/cat.png" and other["filepath"] == "data/b/../<ü>.png"
    assert first["metadata"] == {"_cls": "ImageMetadata", "width": 400, "height": 200}
    assert first["heat"]["_cls"] == "Heatmap" and first["heat"]["range"] == [0, 65535]
    assert first["heat"]["maximum"] == 4 and first["heat_2"]["map_path"].startswith("fields/heat_2/")
    for sample in some(samples):
        for name, label in some([each for each in sample.items() if each[0].startswith("heat")]):
            assert label["map_path"].startswith(f"fields/{name}/")  # or its path is not taken to be relative
            with Image.open(io.BytesIO(files[label["map_path"]])) as image:
                assert np.abs(np.asarray(image, np.float64) / 65535 * 4 - heat()).max() < 1e-4
    (region,) = first["regions"]["detections"]
    assert region["bounding_box"] == [0, 0, 0.6, 0.5] and region["confidence"] == pytest.approx(0.9)
    assert first["boxes"]["detections"][0]["label"] == 'a "cat" <1>' and "boxes" not in other
    assert first["points"]["keypoints"][0]["points"] == [[0.9, 0.9]]
    assert (first["answer"], first["answer_2"], first["layer"]) == (TEXT, "A red circle", None)


def test_fiftyone_takes_pictures_from_where_they_are():
    files = to_fiftyone([entry_of(name="/photos/cat.png")])
    assert json.loads(files["samples.json"])["samples"][0]["filepath"] == "/photos/cat.png"


def test_label_studio_reads_brush_boxes_and_points(entries):
    first, other = to_label_studio(entries, prefix="https://x/")
    assert first["data"]["image"] == "https://x/cat.png" and other["data"]["image"] == "https://x/b/../%3C%C3%BC%3E.png"
    assert [each["model_version"] for each in first["predictions"]][1] == 'combined: the word "red"'
    region, cat, nose = first["predictions"][0]["result"]
    assert first["predictions"][0]["score"] == region["score"] == pytest.approx(0.9)
    pixels = np.array(unbrushed(region["value"]["rle"]), np.uint8).reshape(200, 400, 4)[..., 3]
    assert (pixels == 255).sum() == 12_000 and (pixels[:50, :80] == 255).all()
    box = {"x": 0, "y": 0, "width": 50, "height": 50, "rotation": 0}
    assert cat["value"] == box | {"rectanglelabels": ['a "cat" <1>']}
    assert (nose["value"]["x"], nose["value"]["y"], nose["value"]["keypointlabels"]) == (90, 90, ["nose"])
    # Each result belongs to a tag of the interface, and its label is one of that tag's.
    interface = ElementTree.fromstring(label_config(entries))
    tags = {tag.get("name"): tag for tag in interface}
    for prediction in some(first["predictions"] + other["predictions"]):
        for each in some(prediction["result"]):
            tag = tags[each["from_name"]]
            assert tag.tag.lower() == each["type"] and tag.get("toName") == each["to_name"] == "image"
            assert each["value"][each["type"]][0] in [label.get("value") for label in tag]
            assert (each["original_width"], each["original_height"]) in (SIZE, (50, 40))
    assert (
        {tags["image"].get("value"), tags["prompt"].get("value")}
        == {"$image", "$prompt"}
        <= {f"${name}" for name in first["data"]}
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_map_without_heat_has_no_region_and_half_characters_are_written(program):
    blank = result_of("\ud800 half", cells=np.zeros((4, 5), np.float32))
    files = dataset_files(program, [Entry(blank, "\udcff.png", SIZE)])
    told = b"".join(files.values())
    assert (
        (b"udcff.png" if program == "coco" else b"ud800 half") in told
        and b"NaN" not in told
        and b"brushlabels" not in told
    )
    with zipfile.ZipFile(io.BytesIO(packed(files))) as file:
        assert file.namelist() == list(files)


def test_the_threshold_reaches_every_program():
    low, high = Threshold(0.05), Threshold(0.9)
    for program in some(PROGRAMS):
        few, many = (dataset_files(program, [entry_of()], threshold) for threshold in (high, low))
        assert few != many, program


def test_what_cannot_be_written():
    with pytest.raises(InputError, match="coco, fiftyone, label-studio, not for 'yolo'"):
        dataset_files("yolo", [entry_of()])
    with pytest.raises(InputError, match="no result"):
        dataset_files("coco", [])
