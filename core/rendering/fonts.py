"""Fonts of the system in which whatever people type can be drawn."""

from functools import cache

from PIL import ImageFont

_PLAIN_FONTS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "Helvetica.ttc")
# Pillow looks for a file of such a name in the system's font folders, as they are called on Linux, macOS and Windows.
CJK_FONTS = (
    "NotoSansCJK-Regular.ttc",
    "SourceHanSans-Regular.ttc",
    "NotoSerifCJK-Regular.ttc",
    "NotoSansCJK-Bold.ttc",
    "NotoSerifCJK-Bold.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "Arial Unicode.ttf",
    "msyh.ttc",
    "simsun.ttc",
    "meiryo.ttc",
    "malgun.ttf",
)


@cache
def has_cjk_font() -> bool:
    """Whether the system has a font with Chinese, Japanese and Korean characters; without one, boxes stand for them."""
    return any(_opens(name) for name in CJK_FONTS)


@cache
def find_font(size: int, cjk: bool = False) -> ImageFont.FreeTypeFont:
    """A font of the system with the characters that are needed; Pillow's own, which has few, where there is none."""
    for name in (*CJK_FONTS, *_PLAIN_FONTS) if cjk else _PLAIN_FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _opens(name: str) -> bool:
    try:
        return ImageFont.truetype(name, 12) is not None
    except OSError:
        return False
