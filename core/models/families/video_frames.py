"""Frames of a video as Qwen's video processors prepare them, without torchvision.

Frames are resized in whole numbers by torch's bicubic filter with antialiasing, which is what torchvision calls; it is
within one level of 255 of Pillow's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.models.dimensions import CHANNELS, FRAMES
from core.models.video_size import VideoRule, fitted_frames

_READ = ("patch_size", "merge_size", "rescale_factor", "image_mean", "image_std")
_TOGETHER = 16
"""Frames that are resized at once."""


@dataclass(frozen=True, eq=False)
class PreparedFrames:
    """A video as a model takes it, and as transformers' processors of text want to hear of it.

    Attributes:
        pixels: float32 [patches, values], normalised.
        grid: int64 [1, 3], steps and (rows, columns) of patches.
        times: seconds at which each frame stands.
        merge_size: patches on a visual token's side.
    """

    pixels: Tensor
    grid: Tensor
    times: tuple[float, ...]
    merge_size: int
    temporal_patch_size: int = FRAMES

    def __call__(self, videos: Any, **_: Any) -> dict[str, Any]:
        """What a video processor returns; stands in for one."""
        metadata = _Metadata(list(self.times), frame_rate(self.times))
        return {"pixel_values_videos": self.pixels, "video_grid_thw": self.grid, "video_metadata": [metadata]}


@dataclass(frozen=True)
class _Metadata:
    """What processors read of it. Frames are numbered by their times, at one a second, so that times are exact."""

    frames_indices: list[float]
    sampled_fps: float
    fps: float = 1.0


def frame_rate(times: Sequence[float]) -> float:
    """Sampled frames a second, in the mean; a single one is taken for one of two a second."""
    return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 2.0


def prepare_frames(
    frames: np.ndarray,
    times: Sequence[float],
    rule: VideoRule,
    settings: Mapping[str, Any],
    processor: Any,
    budget: int | None = None,
) -> PreparedFrames:
    """Resized, normalised and cut into patches.

    Args:
        frames: uint8 [frames, height, width, 3].
        settings: of the video processor; what they leave unsaid is the image processor's.
        processor: the image processor.
        budget: see `core.models.video_size.fitted_frames`.

    Raises:
        ValueError: frames of this shape are not taken.
    """

    patch, merge, scale, mean, std = (_setting(name, settings, processor) for name in _READ)
    height, width = frames.shape[1:3]
    columns, rows = token_grid((width, height), len(frames), rule, settings, processor, budget)
    size = rows * patch * merge, columns * patch * merge
    mean, std = (torch.tensor(each).mul(1 / scale).view(-1, 1, 1) for each in (mean, std))
    parts = [_resized(frames[first : first + _TOGETHER], size) for first in range(0, len(frames), _TOGETHER)]
    pixels = torch.cat(parts).float().sub_(mean).div_(std)
    if missing := -len(pixels) % FRAMES:
        pixels = torch.cat([pixels, pixels[-1:].expand(missing, -1, -1, -1)])
    steps = len(pixels) // FRAMES
    patches = pixels.view(steps, FRAMES, CHANNELS, rows, merge, patch, columns, merge, patch)
    # step, row, column, row in the token, column in it, channel, frame, y, x
    patches = patches.permute(0, 3, 6, 4, 7, 2, 1, 5, 8).reshape(-1, CHANNELS * FRAMES * patch**2)
    grid = torch.tensor([[steps, rows * merge, columns * merge]])
    return PreparedFrames(patches, grid, tuple(times), merge)


def token_grid(
    size: tuple[int, int],
    frames: int,
    rule: VideoRule,
    settings: Mapping[str, Any],
    processor: Any,
    budget: int | None = None,
) -> tuple[int, int]:
    """(columns, rows) of visual tokens of each step, for frames of (width, height) pixels; the rest as `prepare_frames`."""
    patch, merge, *_ = (_setting(name, settings, processor) for name in _READ)
    return fitted_frames(size, frames, rule, settings, patch * merge, budget)


def _setting(name: str, settings: Mapping[str, Any], processor: Any) -> Any:
    return settings[name] if settings.get(name) is not None else getattr(processor, name)


def _resized(frames: np.ndarray, size: tuple[int, int]) -> Tensor:
    """uint8 [frames, 3, height, width]."""
    images = torch.from_numpy(np.array(frames)).permute(0, 3, 1, 2).contiguous()
    if tuple(images.shape[-2:]) == size:
        return images
    return functional.interpolate(images, size=size, mode="bicubic", antialias=True)
