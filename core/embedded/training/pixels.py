"""Pictures and clips as the patches that the vision tower reads."""

from collections.abc import Sequence

import torch
from transformers import BaseImageProcessor

from core.scenes.clips import FRAMES_PER_STEP, Clip

_CHANNELS = 3


def pixels_of(clips: Sequence[Clip], image_processor: BaseImageProcessor) -> tuple[torch.Tensor, tuple[int, int, int]]:
    """Patches of pictures, or of clips, of one size and length.

    The image processor shows a picture twice, as the two frames of one step. Of a clip's frames, the patches of every
    first frame keep their first half and those of every second one their second: that is how the video processor
    orders them, which would need torchvision.

    Returns:
        Patches, float [clips, T * patches, 3 * 2 * 14 * 14], and the grid (T, height, width) in patches.
    """
    frames = [frame for clip in clips for frame in clip.frames]
    pixels = image_processor(frames, return_tensors="pt", input_data_format="channels_last")
    _, height, width = pixels["image_grid_thw"][0].tolist()
    values = pixels["pixel_values"].unflatten(0, (len(frames), height * width))
    if clips[0].is_picture:
        return values, (1, height, width)
    steps = clips[0].steps
    # [clips, T, frame of the pair, patches, channel, half, pixels]
    halves = values.unflatten(0, (len(clips), steps, FRAMES_PER_STEP)).unflatten(-1, (_CHANNELS, FRAMES_PER_STEP, -1))
    # [clips, T, patches, channel, half, pixels]
    joined = torch.stack([halves[:, :, half, :, :, half] for half in range(FRAMES_PER_STEP)], 4)
    return joined.flatten(3).flatten(1, 2), (steps, height, width)
