"""Bodies of questions: forms and JSON, hostile ones among them; what is refused leaves nothing behind."""

import json

from dashboard.uploads.files import held_by_visitor
from dashboard.uploads.room import MB
from tests.core.inputs.videos.films import film
from tests.dashboard.people import ADA
from tests.dashboard.uploading import png
from tests.some import some

FILE = b'--b\r\ncontent-disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'


def form(*parts: bytes, boundary: bytes = b"b", kind: str = "multipart/form-data; boundary=b"):
    body = b"".join(parts) + b"--" + boundary + b"--\r\n"
    return {"content": body, "headers": {"content-type": kind}}


def field(name: str, value: bytes) -> bytes:
    return b'--b\r\ncontent-disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"


BAD = {
    "no type": ({"content": b"x"}, 415),
    "a text": ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415),
    "fields of an address": (
        {"content": b"prompt=x", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        415,
    ),
    "no boundary": (form(kind="multipart/form-data"), 400),
    "another boundary": (form(field("prompt", b"x"), kind="multipart/form-data; boundary=c"), 400),
    "a form cut off": ({"content": FILE + b"xx", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 422),
    "a part without a name": (form(b"--b\r\ncontent-disposition: form-data\r\n\r\nx\r\n"), 400),
    "a header without an end": (form(b"--b\r\n" + b"x" * 100_000), 400),
    "many headers": (form(b"--b\r\n" + b"a: b\r\n" * 10_000 + b"\r\nx\r\n"), 400),
    "many fields": (form(*[field("prompt", b"x")] * 50), 400),
    "many files": (form(*[FILE + b"x\r\n"] * 50), 400),
    "an odd character set": (
        form(field("prompt", b"x"), kind="multipart/form-data; boundary=b; charset=undefined"),
        400,
    ),
    "a field twice": (form(field("prompt", b"x"), field("prompt", b"y")), 422),
    "a field that is none": (form(field("promt", b"x")), 422),
    "a file that is called otherwise": (form(FILE.replace(b"picture", b"image") + b"x\r\n"), 422),
    "a prompt twice": (form(field("prompt", b"x"), field("options", b'{"prompt": "y"}')), 422),
    "a long field": (form(field("prompt", b"x" * (MB + 1))), 400),
    "a long prompt": (form(field("prompt", b"x" * 20_001)), 422),
    "no prompt": (form(FILE + png(1_600_000) + b"\r\n"), 422),
    "no picture": (form(field("prompt", b"x")), 422),
    "no picture file": (form(FILE + b"Dear diary\r\n", field("prompt", b"x")), 422),
    "an empty file": (form(FILE + b"\r\n", field("prompt", b"x")), 422),
    "options that are none": (form(field("options", b"[]")), 400),
    "options that are no JSON": (form(field("options", b"{")), 400),
    "nested options": (form(field("options", b"[" * 100_000)), 400),
    "a key twice": (form(field("options", b'{"seed": 1, "seed": 2}')), 400),
    "half a character": (form(field("options", b'{"prompt": "\\ud800"}')), 400),
    "no number": (form(field("options", b'{"noise": NaN}')), 400),
    "a large number": (form(field("options", b'{"noise": 1e999}')), 400),
}


def held() -> int:
    """Bytes of files that have come and are held, whatever Python has yet to clear away."""
    return held_by_visitor().total()


def test_a_body_that_cannot_be_used_is_a_sentence_and_leaves_nothing(program, room):
    one = program()
    for name, (sent, status) in some(BAD.items()):
        answer = one("POST", "/runs", **sent)
        assert answer.status_code == status, f"{name}: {answer.status_code} {answer.text}"
        assert answer.json()["error"].endswith("."), name
    assert held() == 0 and not room._on_their_way


OPTIONS = [
    ({"seed": "7"}, "seed"),
    ({"samples": 0}, "samples"),
    ({"samples": True}, "samples"),
    ({"noise": -1}, "noise"),
    ({"unknown": 1}, "unknown"),
    ({"layers": [99]}, "layer"),
    ({"layers": "deep"}, "layers"),
    ({"method": "magic"}, "magic"),
    ({"tap": "output", "method": "tam"}, "tap"),
    ({"part": "tower", "method": "tam"}, "not the vision tower"),
    ({"layers": "all", "method": "combined"}, "Leave the layers out"),
    ({"target": {"kind": "words"}}, "phrase"),
    ({"target": {"kind": "answer", "start": 3}}, "no use for"),
    ({"model": "gpt"}, "not offered"),
    ({"fps": 2}, "video"),
    ({"brightness": "dark"}, "dark"),
    ({"private": True}, "people sign in"),
    ({"run": "0123456789abcdef"}, "in one way"),
    ({"max_new_tokens": 10**9}, "max_new_tokens"),
]


def test_an_option_that_cannot_be_used_is_named(program):
    one, files = program(), {"picture": ("a.png", png(1_600_000))}
    for options, says in some(OPTIONS):
        answer = one("POST", "/runs", files=files, data={"prompt": "Where?", "options": json.dumps(options)})
        assert answer.status_code == 422 and says in answer.json()["error"], f"{options}: {answer.text}"


def test_json_alone_is_bounded(program, room):
    large = json.dumps({"prompt": "x" * MB})
    headers = {"content-type": "application/json; charset=utf-8"}
    answer = program()("POST", "/runs", content=large, headers=headers)
    assert answer.status_code == 413 and "1 MB" in answer.json()["error"]
    pieces = (b" " * 65_536 for _ in range(64))
    assert program()("POST", "/runs", content=pieces, headers=headers).status_code == 413
    assert not room._on_their_way


def test_files_are_bounded_each_and_together(program, room, signed_in):
    one = program(ADA)
    answer = one("POST", "/runs", files={"picture": ("a.png", b"x" * (4 * MB))})
    assert answer.status_code == 413 and "3 MB" in answer.json()["error"]
    several = [("picture", (f"{number}.png", b"x" * (2 * MB))) for number in range(4)]
    answer = one("POST", "/runs", files=several)
    assert answer.status_code in (413, 429)
    room.take(f"person {ADA}", 5 * MB)  # their page is uploading, too
    answer = one("POST", "/runs", files={"picture": ("a.png", b"x" * (2 * MB))})
    assert answer.status_code == 429 and "You may have 6 MB" in answer.json()["error"]
    assert int(answer.headers["retry-after"]) > 0
    room.give_back(f"person {ADA}", 5 * MB)
    assert not room._on_their_way and held() == 0


def test_one_question_is_about_pictures_or_about_one_video(program):
    one, ask = program(), {"data": {"prompt": "What moves?"}}
    both = [("picture", ("a.png", png(1_600_000))), ("video", ("walk.mp4", film()))]
    assert "one video alone" in one("POST", "/runs", files=both, **ask).json()["error"]
    twice = [("picture", ("a.png", png(1_600_000)))] * 2
    assert "twice" in one("POST", "/runs", files=twice, **ask).json()["error"]
    assert "video" in one("POST", "/runs", files={"video": ("a.mp4", png(1_600_000))}, **ask).json()["error"].lower()
