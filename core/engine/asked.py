"""What people ask in plain arguments: a prompt or a list of messages, with pictures or a video, read once for all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.engine.run_options import RunOptions
from core.errors import InputError
from core.inputs.conversations.message_list import Message, read_messages
from core.inputs.pictures import GivenPicture, Picture
from core.inputs.videos.loading import VideoSource
from core.inputs.videos.video import Video
from core.schema.conversation import turns_of

Prompt = str | Sequence[Message]
"""The question; or messages, of which the user's last one ends with it."""


@dataclass(frozen=True, eq=False)
class Asked:
    """The same, ready to be made a request of.

    Attributes:
        pictures: all of the prompt's, or its video.
        prompt: the question.
        options: with what was said before the question.
    """

    pictures: tuple[Picture, ...] | Video
    prompt: str
    options: RunOptions


def read_asked(
    image: GivenPicture | Sequence[GivenPicture] | None,
    prompt: Prompt,
    options: RunOptions,
    video: VideoSource | None = None,
) -> Asked:
    """Reads pictures, or a video, and the prompt.

    Raises:
        InputError: one of them is missing or cannot be used, or messages say what options say, too.
    """
    if isinstance(prompt, list | tuple):
        found = read_messages(prompt, image, video)
        if turns_of(options.conversation):
            raise InputError("Messages hold all turns of a conversation. Leave conversation= out.")
        if options.picture_first is not True:
            raise InputError("In messages, pictures stand where they are put. Leave picture_first= out.")
        options = replace(options, conversation=found.conversation, picture_first=found.picture_first)
        image, video, prompt = list(found.pictures) or None, found.video, found.prompt
    return Asked(options.loaded(image, video), prompt, options)
