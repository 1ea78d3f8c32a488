"""The stages and the film as files."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from dashboard.services.open import open_run
from dashboard.ui.compare.image_files import PACE, film_file, stages_png, stages_zip
from dashboard.ui.compare.measures import lettered


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_the_film_is_taken_away_as_one_file_that_plays_every_layer(storage, stored, kind):
    runs = lettered([open_run(stored()), open_run(stored(prompt="few", layers=(2, 5)))])
    film = Image.open(io.BytesIO(film_file(runs, False, kind)))
    assert (film.format, film.n_frames, film.info["loop"]) == (kind.upper(), 8, 0)
    seen = []
    for frame in range(film.n_frames):
        film.seek(frame)
        film.load()
        seen.append(np.asarray(film.convert("RGB")).astype(int))
        assert film.info["duration"] == PACE
    assert all(np.abs(one - other).max() > 50 for one, other in zip(seen, seen[1:], strict=False))


def test_a_film_of_one_map_alone_is_a_file_too(storage, stored):
    film = Image.open(io.BytesIO(film_file(lettered([open_run(stored(layers=(3,)))]), True, "webp")))
    assert getattr(film, "n_frames", 1) == 1


def test_stages_are_taken_away_on_one_page_and_one_by_one(storage, stored):
    runs = lettered([open_run(stored()), open_run(stored(prompt="again?"))])
    strip = Image.open(io.BytesIO(stages_png(runs)))
    assert strip.format == "PNG" and strip.width > 3 * 400 and strip.height > 2 * 250
    with zipfile.ZipFile(io.BytesIO(stages_zip(runs))) as file:
        names = file.namelist()
        sizes = {Image.open(io.BytesIO(file.read(name))).size for name in names}
    stages = ("early", "middle", "late")
    assert names == [f"{each.letter}_{each.run.id}_{stage}.png" for each in runs for stage in stages]
    assert sizes == {(84, 56)}
