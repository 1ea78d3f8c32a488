"""Message lists, as transformers takes them, become a question with what was said before it."""

import pytest

from core import InputError
from core.inputs.conversations.message_list import read_messages
from core.schema.conversation import Turn


def text(said):
    return {"type": "text", "text": said}


def image(source=None):
    return {"type": "image"} | ({} if source is None else {"image": source})


def message(role, *parts):
    return {"role": role, "content": list(parts)}


EARLIER = [
    {"role": "system", "content": "You are terse."},
    message("user", image("a.png"), text("What is left?")),
    message("assistant", text("A square.")),
]


def test_a_conversation_with_a_picture_in_an_earlier_turn():
    found = read_messages([*EARLIER, message("user", text("And right?"))])
    assert found.prompt == "And right?" and found.pictures == ("a.png",) and found.video is None
    assert found.conversation == (
        Turn("system", ("You are terse.",)),
        Turn("user", (0, "What is left?")),
        Turn("assistant", ("A square.",)),
    )


LAST = {
    "plain text": ("And right?", (), True, ()),
    "one text": ([text("And right?")], (), True, ()),
    "a picture before": ([image("b"), text("And right?")], (), True, ("b",)),
    "a picture after": ([text("And right?"), image("b")], (), False, ("b",)),
    "pictures on both sides": ([image("b"), text("And right?"), image("c")], (0,), False, ("b", "c")),
    "texts between": ([image("b"), text("Look."), image("c"), text("And right?")], (0, "Look."), True, ("b", "c")),
    "two texts": ([text("Look."), text("And right?")], ("Look.",), True, ()),
    "an empty text": ([image("b"), text(""), text("And right?")], (), True, ("b",)),
}


@pytest.mark.parametrize("case", LAST)
def test_the_last_message_is_the_question_and_what_it_begins_with(case):
    content, begun, picture_first, pictures = LAST[case]
    found = read_messages([{"role": "user", "content": content}])
    assert (found.prompt, found.picture_first, found.pictures) == ("And right?", picture_first, pictures)
    assert found.conversation == ((Turn("user", begun),) if begun else ())


def test_pictures_given_beside_the_messages_fill_their_places_in_order():
    asked = [
        message("user", image(), text("One?")),
        message("assistant", text("a")),
        message("user", image(), text("?")),
    ]
    assert read_messages(asked, ["x", "y"]).pictures == ("x", "y")
    asked[0]["content"][0] = image("own")
    assert read_messages(asked, "y").pictures == ("own", "y")
    plain = read_messages([*EARLIER[:1], message("user", text("What?"))], ["x", "y"])
    assert plain.pictures == ("x", "y") and plain.picture_first and len(plain.conversation) == 1


def test_a_path_is_a_picture_and_a_video_is_one():
    assert read_messages([message("user", {"type": "image", "path": "a.png"}, text("?"))]).pictures == ("a.png",)
    assert read_messages([message("user", image("file:///a.png"), text("?"))]).pictures == ("/a.png",)
    found = read_messages([message("user", {"type": "video", "video": "f.mp4"}, text("?"))])
    assert found.video == "f.mp4" and found.pictures == ()
    assert read_messages([message("user", {"type": "video"}, text("?"))], video="f.mp4").video == "f.mp4"
    assert read_messages([message("user", text("?"))], video="f.mp4").video == "f.mp4"


ASK = message("user", text("What?"))
WRONG = {
    "nothing": ([], "list of messages is empty"),
    "no list": (5, "Messages cannot be 5"),
    "no message": (["What?"], "A message must be a mapping"),
    "no role": ([{"content": "What?"}], "one of them is missing"),
    "more than that": ([ASK | {"tool_calls": []}], "'tool_calls' cannot be read"),
    "another role": ([message("tool", text("x"))], "no role called 'tool'"),
    "the assistant's last": ([ASK, message("assistant", text("x"))], "last message is the assistant's"),
    "no content": ([{"role": "user", "content": None}], "text, or a list of parts"),
    "a part that is none": ([message("user", "What?")], "A part of a message must be a mapping"),
    "a part of another type": ([message("user", {"type": "audio"})], "type of a message's part called 'audio'"),
    "a part without a type": ([message("user", {"text": "x"})], "type of a message's part called None"),
    "as others write it": (
        [message("user", {"type": "image_url"})],
        "Write the type image, and the image under that name",
    ),
    "an address": ([message("user", {"type": "image", "url": "https://a/b.png"})], "Nothing is fetched"),
    "twice the source": ([message("user", image("a") | {"path": "b"})], 'Leave "path" out'),
    "no text in it": ([message("user", {"type": "text"})], "The text of a message's part must be text"),
    "a question without words": ([message("user", image("a"))], "The last message holds no text"),
    "a place without a picture": ([message("user", image(), text("?"))], "1 places .* and 0 were given"),
    "two videos": ([message("user", *[{"type": "video", "video": "a"}] * 2, text("?"))], "not both"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_message_list_is_refused_in_a_sentence(wrong):
    messages, told = WRONG[wrong]
    with pytest.raises(InputError, match=told):
        read_messages(messages)


def test_more_pictures_than_places_are_refused():
    with pytest.raises(InputError, match="1 places .* and 2 were given"):
        read_messages([message("user", image(), text("?"))], ["a", "b"])
