"""The body of a question: a form of files and fields, or JSON alone. Files of any size are held on disk."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from core.errors import InputError, shown
from core.export.strict_json import NotJson, read_json
from core.schema import MAX_PICTURES
from dashboard.api.options import RunOptions
from dashboard.api.refusals import LATER, Refused, again_in, checked
from dashboard.uploads.arriving import Arriving
from dashboard.uploads.files import ArrivedFile
from dashboard.uploads.room import MB, UploadRefused, UploadRoom

FORM, JSON = "multipart/form-data", "application/json"
PICTURE, VIDEO, PROMPT, OPTIONS = "picture", "video", "prompt", "options"
"""Parts of a form: files, of which there may be several pictures, and texts."""
MOST_TEXT = MB
"""Bytes of one field of a form, and of JSON alone."""
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Given:
    """A file of a question.

    Attributes:
        name: as people know it, without folders.
        file: its bytes.
        moves: whether it is given as a video, so that all of a moving picture is meant.
    """

    name: str
    file: ArrivedFile
    moves: bool


@dataclass(frozen=True)
class Body:
    """What a question says."""

    options: RunOptions
    files: Sequence[Given] = ()


async def read_body(request: Request, room: UploadRoom, visitor: str) -> Body:
    """The question.

    Args:
        visitor: in whose quota its files are counted.

    Raises:
        Refused, UploadRefused: it is too large, too slow, none that can be read, or says what cannot be used.
        InputError: its form holds something else.
        ClientDisconnect: the rest will not come.
    """
    kind = parse_options_header(request.headers.get("content-type", ""))[0].decode("latin-1").strip().lower()
    if kind not in (FORM, JSON):
        raise Refused(415, f"Send a question as {FORM} or as {JSON}.")
    most = room.limits.per_visitor if kind == FORM else MOST_TEXT
    arriving = Arriving(room, visitor, request.receive, most=most)
    try:
        arriving.announce(request.headers.get("content-length", ""))
        if kind == JSON:
            return Body(_options(await _all_of(arriving)))
        form = await _form(request.headers, arriving)
        try:
            return _body(form, visitor, room.limits.single)
        except Exception:
            for _, value in form:
                if isinstance(value, UploadFile):
                    value.file.close()
            raise
    finally:
        arriving.end()


async def _pieces(arriving: Arriving) -> AsyncGenerator[bytes, None]:
    more = True
    while more:
        message = await arriving.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect()
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _all_of(arriving: Arriving) -> bytes:
    data = bytearray()
    async for piece in _pieces(arriving):
        data += piece
        if len(data) > MOST_TEXT:
            raise Refused(413, f"The JSON is larger than {MOST_TEXT // MB} MB. Upload pictures as files of a form.")
    return bytes(data)


async def _form(headers: Headers, arriving: Arriving) -> list[tuple[str, str | UploadFile]]:
    parser = MultiPartParser(headers, _pieces(arriving), max_files=MAX_PICTURES, max_fields=8, max_part_size=MOST_TEXT)
    try:
        return (await parser.parse()).multi_items()
    except UploadRefused:
        raise
    except OSError as error:
        raise Refused(503, f"What was uploaded could not be kept: {error.strerror}.", again_in(LATER)) from error
    except MultiPartException as error:
        raise Refused(400, f"The form cannot be read: {error.message}") from None
    except UnicodeError:
        raise Refused(400, "The form cannot be read: its texts are not in the character set that it names.") from None


def _body(form: Sequence[tuple[str, str | UploadFile]], visitor: str, single: int) -> Body:
    texts: dict[str, str] = {}
    files = []
    for name, value in form:
        is_file = isinstance(value, UploadFile)
        if name not in ((PICTURE, VIDEO) if is_file else (PROMPT, OPTIONS)):
            raise InputError(
                f"The form holds a {'file' if is_file else 'text'} called {shown(name)}. Files are called "
                f"{PICTURE} or {VIDEO}, texts {PROMPT} or {OPTIONS}."
            )
        if not is_file:
            if name in texts:
                raise InputError(f"The form holds {name} twice.")
            texts[name] = value
            continue
        size = value.size or 0
        if size > single:
            raise Refused(413, f"The file is larger than {single // MB:,} MB, the most that can be uploaded here.")
        files.append(Given(_name(value.filename), ArrivedFile(visitor, value.file, size), name == VIDEO))
    return Body(_options(texts.get(OPTIONS, "{}"), texts.get(PROMPT)), files)


def _options(text: str | bytes, prompt: str | None = None) -> RunOptions:
    try:
        told = read_json(text)
    except NotJson as error:
        raise Refused(400, f"The options cannot be read: {error}.") from None
    if not isinstance(told, dict):
        raise Refused(400, "The options cannot be read: they are no JSON object.")
    if prompt is not None:
        if "prompt" in told:
            raise InputError("The prompt is said twice, by itself and among the options.")
        told = told | {"prompt": prompt}
    return checked(RunOptions, told)


def _name(given: str | None) -> str:
    last = PurePosixPath((given or "").replace("\\", "/").replace("\0", "")).name
    return last[:_LONGEST_NAME].strip() or "picture"
