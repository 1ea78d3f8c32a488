"""A video and a prompt as one message of the user: what the published processors make of it, without torchvision."""

import copy
from collections.abc import Mapping

import numpy as np
from torch import Tensor

from core.errors import InputError
from core.inputs.conversations.chat import Chat
from core.inputs.videos.video import Video
from core.models.chat import encode_message, write_message
from core.models.dimensions import FRAMES
from core.models.families.video_frames import PreparedFrames, prepare_frames, token_grid
from core.models.loading import LoadedModel
from core.models.video_size import steps_of
from core.schema.time_steps import TimeStep

_PLACE = np.zeros((1, 1, 1, 3), np.uint8)
"""Stands for the video while the text is written; its pixels are prepared before."""


def time_steps(video: Video) -> tuple[TimeStep, ...]:
    """What each pair of frames covers: from its first frame until the next pair begins, of the last until it ends."""
    starts = [float(time) for time in video.times[::FRAMES]]
    return tuple(map(TimeStep, starts, [*starts[1:], float(video.ends[-1])]))


def encode_video(
    loaded: LoadedModel, video: Video, chat: Chat, max_pixels: int | None, thinks: bool
) -> Mapping[str, Tensor]:
    """Inputs of the model, as `core.models.chat.encode_message` gives them for pictures.

    Raises:
        InputError: the model sees no video, or not one of so many frames and pixels.
    """
    frames = _frames(loaded, video, max_pixels)
    processor = copy.copy(loaded.processor)
    processor.video_processor = frames
    before, content = chat.messages([{"type": "video", "video": _PLACE}])
    try:
        template = video_template(loaded)
        switch = {} if thinks else {"enable_thinking": False}
        return encode_message(processor, content, template, {}, before, **switch)
    except ValueError as error:
        raise InputError(f"This video and prompt cannot be prepared for the model: {error}") from error


def _frames(loaded: LoadedModel, video: Video, max_pixels: int | None) -> PreparedFrames:
    rule, processor = loaded.family.video, loaded.processor
    if rule is None:
        raise InputError(f"{loaded.family.title} sees no video here. Give some of its frames as pictures.")
    settings = getattr(processor, "video_settings", None)
    if settings is None:  # a processor that the caller has loaded
        own = getattr(processor, "video_processor", None)
        settings = {} if own is None else own.to_dict()
    try:
        grid = token_grid(video.size, len(video), rule, settings, processor.image_processor, max_pixels)
    except ValueError as error:
        raise InputError(f"This video cannot be prepared for the model: {error}.") from error
    tokens = steps_of(len(video)) * grid[0] * grid[1]
    most = getattr(loaded.model.config.get_text_config(), "max_position_embeddings", None)
    if isinstance(most, int) and tokens > most:
        raise InputError(
            f"{len(video)} frames of this size are {tokens:,} visual tokens, and {loaded.name} has room for {most:,} "
            "tokens in all. Sample fewer frames, or set a pixel budget."
        )
    return prepare_frames(video.frames, video.times.tolist(), rule, settings, processor.image_processor, max_pixels)


def video_template(loaded: LoadedModel) -> str | None:
    """The chat template; where it writes no video, one that writes a video as it writes a picture.

    Raises:
        InputError: it cannot be made to.
    """
    processor, template = loaded.processor, loaded.chat_template
    if processor.video_token in write_message(processor, [{"type": "video"}], template):
        return template
    chosen = template or processor.chat_template
    changed = chosen.replace("'image'", "'video'").replace('"image"', '"video"')
    changed = changed.replace(processor.image_token, processor.video_token)
    if processor.video_token not in write_message(processor, [{"type": "video"}], changed):
        raise InputError(f"The chat template of {loaded.name} has no place for a video. Give its frames as pictures.")
    return changed
