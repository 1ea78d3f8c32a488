"""Patches of pictures are the image processor's, those of clips hold both frames of a step."""

import numpy as np
import torch
from PIL import Image

from core.embedded.training.pixels import pixels_of
from core.scenes.clips import compose_clip, still
from core.scenes.drawing import compose
from tests.core.embedded.training.grids import WIDE


def test_a_picture_is_what_the_image_processor_makes_of_it(untrained):
    pictures = [compose(seed, grid=WIDE) for seed in range(2)]
    values, grid = pixels_of([still(picture) for picture in pictures], untrained.image_processor)
    stock = untrained.image_processor([picture.image for picture in pictures], return_tensors="pt")
    assert grid == (1, 14, 20) and torch.equal(values.flatten(0, 1), stock["pixel_values"])


def test_each_patch_of_a_clip_holds_its_pixels_of_both_frames(untrained):
    """Against a walk through time, blocks of four patches, patches, channels, frames and pixels."""
    clip = compose_clip(1, objects=3, steps=2, grid=(6, 6))
    (values,), grid = pixels_of([clip], untrained.image_processor)
    processor = untrained.image_processor
    mean, std = np.array(processor.image_mean), np.array(processor.image_std)
    normal = (clip.frames / 255 - mean) / std
    assert grid == (2, 12, 12) and values.shape == (2 * 144, 3 * 2 * 14 * 14)
    expected = []
    for step in range(2):
        for block in np.ndindex(6, 6, 2, 2):
            top, left = (2 * block[0] + block[2]) * 14, (2 * block[1] + block[3]) * 14
            both = normal[2 * step : 2 * step + 2, top : top + 14, left : left + 14]
            expected.append(both.transpose(3, 0, 1, 2).ravel())
    np.testing.assert_allclose(values.numpy(), np.stack(expected), atol=1e-5)


def test_a_frame_shown_twice_is_a_picture(untrained):
    clip = compose_clip(1, steps=2, grid=(6, 6))
    frames = np.repeat(clip.frames[:1], 4, 0)
    values, _ = pixels_of([type(clip)(frames, 2.0, ())], untrained.image_processor)
    stock = untrained.image_processor([Image.fromarray(frames[0])], return_tensors="pt")["pixel_values"]
    assert torch.equal(values[0, :144], stock) and torch.equal(values[0, 144:], stock)
