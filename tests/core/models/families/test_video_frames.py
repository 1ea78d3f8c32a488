"""Pixels of frames, against Pillow, a slow loop over patches, and transformers' own cutting into patches."""

import ast
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from core.models.families.video_frames import frame_rate, prepare_frames
from core.models.video_size import QWEN2
from tests.some import some

MEAN, STD = [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]
PROCESSOR = SimpleNamespace(patch_size=14, merge_size=2, rescale_factor=1 / 255, image_mean=MEAN, image_std=STD)
SETTINGS = {"size": {"shortest_edge": 16 * 28**2, "longest_edge": 20 * 28**2}}


@pytest.fixture(scope="module")
def frames():
    noise = np.random.default_rng(0).integers(0, 256, (3, 90, 130, 3), dtype=np.uint8)
    noise[1] = np.arange(130, dtype=np.uint8)[None, :, None]
    return noise


@pytest.fixture(scope="module")
def prepared(frames):
    return prepare_frames(frames, [0.0, 0.5, 1.0], QWEN2, SETTINGS, PROCESSOR)


def test_patches_lie_as_the_slow_loop_lays_them(frames, prepared):
    steps, rows, columns = prepared.grid[0].tolist()
    size = columns * 14, rows * 14
    seen = [np.array(Image.fromarray(frame).resize(size, Image.BICUBIC)) for frame in (*frames, frames[-1])]
    wanted = []
    for step in range(steps):
        for row, column in np.ndindex(rows // 2, columns // 2):
            for down, across in np.ndindex(2, 2):
                top, left = (2 * row + down) * 14, (2 * column + across) * 14
                for channel in range(3):
                    for frame in seen[2 * step : 2 * step + 2]:
                        block = frame[top : top + 14, left : left + 14, channel] / 255
                        wanted.append((block - MEAN[channel]) / STD[channel])
    wanted = np.reshape(wanted, prepared.pixels.shape)
    # Pillow rounds between its two directions as torch does, but for a level of 255 here and there.
    assert np.abs(prepared.pixels.numpy() - wanted).max() < 1.01 / 255 / min(STD)
    assert steps == 2 and rows * columns == len(prepared.pixels) / 2


def test_patches_are_those_of_transformers(frames, prepared):
    """Its method is taken out of the source: the module does not load without torchvision."""
    folder = Path(next(iter(find_spec("transformers").submodule_search_locations)))
    source = (folder / "models/qwen2_vl/video_processing_qwen2_vl.py").read_text("utf-8")
    (found,) = (each for each in ast.walk(ast.parse(source)) if getattr(each, "name", "") == "patchify")
    scope = {"torch": torch}
    exec(compile(ast.Module([found], []), "patchify", "exec"), scope)
    steps, rows, columns = prepared.grid[0].tolist()
    images = torch.from_numpy(frames).permute(0, 3, 1, 2)
    images = torch.nn.functional.interpolate(images, (rows * 14, columns * 14), mode="bicubic", antialias=True).float()
    mean, std = (torch.tensor(each).view(-1, 1, 1) * 255 for each in (MEAN, STD))
    patches, *grid = scope["patchify"](None, ((images - mean) / std)[None], 14, 2, 2)
    assert grid == [steps, rows, columns]
    torch.testing.assert_close(prepared.pixels, patches[0], rtol=0, atol=1e-6)


def test_frames_of_the_right_size_are_left_as_they_are():
    frames = np.random.default_rng(1).integers(0, 256, (2, 112, 112, 3), dtype=np.uint8)
    prepared = prepare_frames(frames, [0.0, 1.0], QWEN2, SETTINGS, PROCESSOR)
    first = prepared.pixels[0].reshape(3, 2, 14, 14)
    for channel, frame in some(np.ndindex(3, 2)):
        wanted = (frames[frame, :14, :14, channel] / 255 - MEAN[channel]) / STD[channel]
        np.testing.assert_allclose(first[channel, frame], wanted, atol=1e-5)


def test_the_rate_is_that_of_the_sampled_frames():
    assert frame_rate([0.0, 0.5, 1.0]) == 2 and frame_rate([3.0]) == 2 and frame_rate([0.0, 4.0]) == 0.25


def test_settings_of_the_folder_come_before_the_image_processors(frames):
    settings = SETTINGS | {"image_mean": [0.0, 0.0, 0.0], "image_std": [1.0, 1.0, 1.0], "patch_size": 7}
    prepared = prepare_frames(frames, [0.0, 0.5, 1.0], QWEN2, settings, PROCESSOR)
    assert prepared.pixels.shape[1] == 3 * 2 * 7 * 7 and 0 <= prepared.pixels.min() and prepared.pixels.max() <= 1
