"""What the command line prints of the boxes of an answer."""

from core.analysis.boxes import boxes_of, measure
from core.schema import ExplainResult
from core.schema.visible_text import visible


def boxes_table(result: ExplainResult) -> str:
    """Boxes and points of the answer down, in pixels of the picture, with the heat of the asked map; "" for none."""
    found, lines = boxes_of(result), []
    for number, box in enumerate(found.each, 1):
        place = "no place in the picture" if box.pixels is None else " ".join(f"{at:.0f}" for at in box.pixels)
        measures = measure(box, result.headline)
        heat = "" if measures is None else f"  {measures.share_of_heat:6.1%} of the heat, lift {measures.lift:.2f}"
        if measures is not None and measures.overlap is not None:
            heat += f", overlap {measures.overlap:.2f}"
        lines.append(f"{number:>5d}  {place:20s}{heat}  {visible(box.written.label)}".rstrip())
        lines += [f"       {note}" for note in box.notes]
    lines += found.notes
    return "\n".join(["boxes, in pixels of the picture", *lines] if lines else [])
