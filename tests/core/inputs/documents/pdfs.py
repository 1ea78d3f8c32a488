"""Small PDF files, written by hand."""

import hashlib

TEXT = b"BT /F1 10 Tf 72 700 Td (hello) Tj ET"
"""A word of ten points."""
_FIRST_PAGE = 4
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def document(
    *contents: bytes,
    size: tuple[float, float] = (612, 792),
    catalogue: bytes = b"",
    page: bytes = b"",
    more: tuple[bytes, ...] = (),
    password: bytes = b"",
) -> bytes:
    """A file of so many pages.

    Args:
        contents: what each page draws.
        size: of each in points.
        catalogue, page: entries of the document's and of each page's dictionary.
        more: objects that these refer to; the first has the number 4 + 2 * pages.
        password: without which it cannot be read.
    """
    names = [b"%d 0 R" % (_FIRST_PAGE + 2 * number) for number in range(len(contents))]
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalogue,
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(names), len(contents)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R %s >>" % (*size, _FIRST_PAGE + 2 * number + 1, page)
        )
        objects.append(stream(content))
    objects += more
    trailer = b"/Root 1 0 R"
    if password:
        objects.append(_lock(password))
        trailer += b" /Encrypt %d 0 R /ID [<00> <00>]" % len(objects)
    data, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size_of = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (size_of, table, size_of, trailer, len(data))
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """An object that holds bytes."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def _lock(password: bytes) -> bytes:
    """The dictionary of a file that is locked as PDF 1.1 did it; its contents stay as they are."""
    padded = (password + _PADDING)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + b"\xff\xff\xff\xff" + b"\0").digest()[:5]
    user = _rc4(key, _PADDING)
    return b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -1 >>" % (owner.hex().encode(), user.hex().encode())


def _rc4(key: bytes, data: bytes) -> bytes:
    box, other = list(range(256)), 0
    for index in range(256):
        other = (other + box[index] + key[index % len(key)]) % 256
        box[index], box[other] = box[other], box[index]
    first, other, out = 0, 0, bytearray()
    for byte in data:
        first = (first + 1) % 256
        other = (other + box[first]) % 256
        box[first], box[other] = box[other], box[first]
        out.append(byte ^ box[(box[first] + box[other]) % 256])
    return bytes(out)
