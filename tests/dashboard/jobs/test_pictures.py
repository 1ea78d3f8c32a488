"""A picture of a question: given now, or read from the store when needed."""

import gc
from dataclasses import replace

import numpy as np
import pytest

from core import ImageError
from dashboard.batch.plan import ENDINGS
from dashboard.jobs.pictures import PREVIEW, TYPES, ChosenPicture, StoredPicture, expected_picture, joint_name


def test_one_picture_keeps_its_name_and_several_are_counted():
    assert joint_name(["a.png"]) == "a.png"
    assert joint_name(["a.png", "b.png"]) == "2 pictures: a.png, b.png"


def test_a_picture_must_be_the_one_that_is_expected(chosen, pictures):
    assert expected_picture(chosen.data, chosen.picture.digest, "").size == (84, 56)
    with pytest.raises(ImageError, match="It is another one."):
        expected_picture(pictures[1].data, chosen.picture.digest, "It is another one.")


def test_a_preview_is_made_once_and_no_larger_than_pages_need(chosen):
    large = ChosenPicture("", b"", replace(chosen.picture, pixels=np.zeros((1760, 880, 3), np.uint8)))
    assert large.preview.shape == (PREVIEW, PREVIEW // 2, 3) and large.preview is large.preview


def test_a_stored_picture_is_read_when_needed_and_let_go(chosen, storage, monkeypatch):
    stored = StoredPicture("a.png", chosen.picture.digest, storage)
    with pytest.raises(ImageError, match="no longer stored on this server"):
        _ = stored.picture
    storage.pictures.put(chosen.picture.digest, chosen.data)
    read, get = [], storage.pictures.get
    monkeypatch.setattr(storage.pictures, "get", lambda digest: read.append(digest) or get(digest))
    held = stored.picture
    assert np.array_equal(held.pixels, chosen.picture.pixels) and stored.picture is held and len(read) == 1
    del held
    gc.collect()
    assert stored.picture.digest == chosen.picture.digest and len(read) == 2


def test_a_damaged_picture_is_said(pictures, chosen, storage, monkeypatch):
    monkeypatch.setattr(storage.pictures, "get", lambda digest: pictures[1].data)
    with pytest.raises(ImageError, match="The stored picture is damaged"):
        _ = StoredPicture("a.png", chosen.picture.digest, storage).picture


def test_a_folder_holds_the_same_kinds_of_pictures_that_can_be_uploaded():
    assert ENDINGS == tuple(f".{kind}" for kind in TYPES) and ".png" in ENDINGS
