"""matplotlib's SVG -> one that needs nothing beside it: its fonts inside, its size in millimetres, no address."""

import base64
import xml.etree.ElementTree as ElementTree

from core.rendering.paper.fonts import Face
from core.rendering.paper.sheet import Sheet
from core.rendering.paper.small_fonts import small_font

_SVG, _LINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_DRAWN_AS_CELLS = "image-rendering:crisp-edges;image-rendering:pixelated"


def finished(svg: bytes, sheet: Sheet) -> bytes:
    """The file as it is handed out; what read its document type from the network has none any more."""
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    root = ElementTree.fromstring(svg)
    root.set("width", f"{sheet.width:g}mm")
    root.set("height", f"{sheet.height:g}mm")
    names = {face.family: face.name for face in sheet.font.faces}
    texts = []
    for element in root.iter():
        style = element.get("style", "")
        if element.tag == f"{{{_SVG}}}text":
            texts.append(element.text or "")
            for family, name in names.items():
                style = style.replace(f"'{family}'", f"'{name}'")
        # A photo is drawn smoothly at any size.
        element.attrib.update({"style": style.replace(_DRAWN_AS_CELLS, "")} if style else {})
    fonts = ElementTree.Element(f"{{{_SVG}}}style", type="text/css")
    fonts.text = "".join(_font_face(face, "".join(texts)) for face in sheet.font.faces)
    root.insert(0, fonts)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "utf-8")


def _font_face(face: Face, text: str) -> str:
    characters = face.characters & set(text)
    if not characters:
        return ""
    font = small_font(face.path, face.number, characters, face.name, packed=True)
    data = base64.b64encode(font).decode()
    codes = ",".join(f"U+{ord(character):X}" for character in sorted(characters))
    return (
        f"@font-face{{font-family:'{_quoted(face.name)}';src:url(data:font/woff;base64,{data}) format('woff');"
        f"unicode-range:{codes}}}"
    )


def _quoted(name: str) -> str:
    return name.replace("\\", "").replace("'", "")
