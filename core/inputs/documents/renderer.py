"""Draws pages of a PDF with pdfium; run as a script of its own, so that whatever a file does ends with this process.

On standard input: a line of JSON, what is asked (see `documents.process`), and then the file. On standard output: a
line of JSON for the file, and for each page a line of JSON with its pixels behind it. Nothing of this project is
imported here: Python starts this file alone, without the modules of the folder it lies in.
"""

import json
import math
import sys
from typing import Any

USUAL = 200
"""Dots per inch of a page that holds no text of its own, such as a scan: what most scanners and readers take."""
LEAST, MOST = 150, 300
"""Dots per inch between which a page's text decides."""
PRINT = 24
"""Pixels that the size of a page's small print is to be: with the space between lines, a line of it is then as high as
what Qwen2.5-VL sees as one visual token, 28 pixels."""
SAMPLED = 2_000
"""Characters of a page whose size is looked at."""


def dots_per_inch(width: float, height: float, small_print: float, most_pixels: int) -> float:
    """At how many dots per inch a page is drawn: so that its small print can be read, within so many pixels.

    Args:
        width, height: of the page in points, 1/72 inch.
        small_print: size of its small print in points; 0 where it holds no text.
    """
    wanted = min(max(72 * PRINT / small_print, LEAST), MOST) if small_print > 0 else USUAL
    most = 72 * math.sqrt(most_pixels / (width * height))
    return wanted if wanted <= most else most * (1 - 1e-6)  # rounded up, it would be a pixel too large


def pixel_size(width: float, height: float, scale: float) -> tuple[int, int]:
    """(width, height) in pixels of a page that is so many points large, at so many pixels a point."""
    return max(1, round(width * scale)), max(1, round(height * scale))


def main() -> None:
    """Answers the one question that this process was started for."""
    stream = sys.stdin.buffer
    asked = json.loads(stream.readline())
    _limit(asked["memory"], asked["seconds"])
    sys.path.append(asked["packages"])
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(stream.read())
        if "V8" not in pypdfium2.PDFIUM_INFO.flags:  # what is filled in is drawn, and no script of the file is run
            document.init_forms()
        count = len(document)
    except pypdfium2.PdfiumError as error:
        return _say({"error": "password" if _is_locked(error) else "damaged"})
    _say({"count": count})
    for number in asked["pages"]:
        try:
            _draw(pypdfium2, document[number - 1], asked)
        except (pypdfium2.PdfiumError, ValueError, OverflowError, ZeroDivisionError):
            _say({"error": "damaged"})


def _draw(pypdfium2: Any, page: Any, asked: dict[str, Any]) -> None:
    """Says how large a page is and at how many dots per inch, and then its pixels, row by row."""
    width, height = page.get_size()
    if not (0 < width < math.inf and 0 < height < math.inf):
        return _say({"error": "size"})
    if max(width, height) > asked["aspect"] * min(width, height):
        return _say({"error": "thin"})
    if asked["longest"]:
        small, scale = 0.0, asked["longest"] / max(width, height)
    else:
        small = _small_print(pypdfium2, page)
        scale = dots_per_inch(width, height, small, asked["pixels"]) / 72
    columns, rows = pixel_size(width, height, scale)
    raw = pypdfium2.raw
    bitmap = pypdfium2.PdfBitmap.new_native(columns, rows, raw.FPDFBitmap_BGR, rev_byteorder=True)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, columns, rows)
    flags = raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER | raw.FPDF_RENDER_LIMITEDIMAGECACHE
    placed = (bitmap, page, 0, 0, columns, rows, 0, flags)
    raw.FPDF_RenderPageBitmap(*placed)
    if page.formenv:
        raw.FPDF_FFLDraw(page.formenv, *placed)
    _say({"width": columns, "height": rows, "dpi": 72 * scale, "small_print": small * scale})
    sys.stdout.buffer.write(bitmap.buffer)
    sys.stdout.buffer.flush()


def _small_print(pypdfium2: Any, page: Any) -> float:
    """Size in points that a tenth of the page's characters stay under, as they are drawn; 0 where it has none."""
    raw, text = pypdfium2.raw, page.get_textpage()
    count, matrix, sizes = text.count_chars(), raw.FS_MATRIX(), []
    for index in range(0, count, -(-count // SAMPLED)) if count > 0 else ():
        is_blank = raw.FPDFText_GetUnicode(text, index) <= 32
        if not is_blank and raw.FPDFText_GetMatrix(text, index, matrix):
            sizes.append(raw.FPDFText_GetFontSize(text, index) * math.hypot(matrix.c, matrix.d))
    sizes = sorted(size for size in sizes if 0 < size < math.inf)
    return sizes[len(sizes) // 10] if sizes else 0.0


def _is_locked(error: Exception) -> bool:
    import pypdfium2.raw

    return error.err_code in (pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY)


def _limit(memory: int, seconds: int) -> None:
    """What this process may take at most; it writes no file and starts no other one."""
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        held = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most, held) if held == resource.RLIM_INFINITY or held >= most else (held, held))


def _say(told: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(told).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
