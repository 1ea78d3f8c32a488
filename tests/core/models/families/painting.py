"""White boxes on black pictures, and whether what a model sees of them lies where it should."""

from collections.abc import Iterator

import torch
from torch import Tensor

from core.inference.forward import build_sequence, encode
from core.inference.generation import force_answer
from core.inputs.pictures import Picture, load_picture
from core.inputs.prompt import Prepared, prepare
from core.models.loading import LoadedModel
from core.models.token_layout import Tile, TokenLayout
from tests.conftest import gradient_picture

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels."""


def painted(size: tuple[int, int], box: Box | None = None) -> Picture:
    """A black picture of (height, width) pixels, with a white box in it."""
    image = gradient_picture(*size).point(lambda _: 0)
    if box is not None:
        image.paste((255, 255, 255), box)
    return load_picture(image)


def paint_cells(loaded: LoadedModel, size: tuple[int, int]) -> tuple[int, Tensor]:
    """Paints one cell of the map after the other, and holds that its own pixels change most.

    In every image that shows the cell; and nothing changes where the model does not look.

    Returns:
        (how often a cell was found, bool [rows, columns]: cells that the model looks at).
    """
    before = prepare(loaded, painted(size), "x")
    (layout,) = before.layouts
    cells = loaded.family.pixel_layout.cells(before.pixel_values, before.layouts).expand(before.pixel_values.shape)
    # By image: Qwen's is one, the others' are one for each crop.
    cells = cells.reshape(-1, *cells.shape[-3:]) if cells.ndim > 2 else cells[None]
    assert len(cells) == len(layout.crops)
    seen = torch.zeros(layout.grid, dtype=torch.bool)
    seen.view(-1)[cells[cells >= 0].unique()] = True
    found = 0
    for (row, column), box in _cell_boxes(layout, size):
        after = prepare(loaded, painted(size, box), "x").pixel_values
        change = (after - before.pixel_values).abs().reshape(cells.shape)
        if not seen[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].any():
            assert not change.any()
        if not seen[row, column]:
            continue
        cell = row * layout.grid[1] + column
        assert change[cells == cell].max() > 0.9  # from black to white, in any family's units
        for where, moved in zip(cells, change, strict=True):
            if (where == cell).any():
                sums = torch.bincount((where + 1).flatten(), moved.flatten(), minlength=layout.cells + 1)
                counts = torch.bincount((where + 1).flatten(), minlength=layout.cells + 1)
                assert int((sums / counts.clamp(min=1))[1:].argmax()) == cell
                found += 1
    return found, seen


def paint_tokens(loaded: LoadedModel, size: tuple[int, int]) -> int:
    """Paints what one token covers after the other, and holds that its own feature changes most, in its tile.

    On the map, the hottest cell then is one that the box touches.

    Returns:
        How many tokens were painted.
    """
    before = prepare(loaded, painted(size), "x")
    (layout,) = before.layouts
    sequence = build_sequence(loaded, before, force_answer(loaded, before, "x"))
    visual = torch.searchsorted(before.placeholders, before.visual)

    def features(prepared: Prepared) -> Tensor:
        with torch.no_grad():
            return encode(loaded, sequence, prepared.pixel_values[None])[0, visual]

    still, found = features(before), 0
    for index, tile in enumerate(layout.tiles):
        for token, box in _token_boxes(tile, size):
            change = (features(prepare(loaded, painted(size, box), "x")) - still).norm(dim=-1)
            part = change.split([each.tokens for each in layout.tiles])[index]
            assert int(part.argmax()) == token, (index, token)
            row, column = divmod(int(layout.spread(change).argmax()), layout.grid[1])
            assert row / layout.grid[0] < box[3] / size[0] and (row + 1) / layout.grid[0] > box[1] / size[0]
            assert column / layout.grid[1] < box[2] / size[1] and (column + 1) / layout.grid[1] > box[0] / size[1]
            found += 1
    return found


def _cell_boxes(layout: TokenLayout, size: tuple[int, int]) -> Iterator[tuple[tuple[int, int], Box]]:
    """Cells in the corners, at the sides and in the middle."""
    rows, columns = layout.grid
    for row in sorted({0, rows // 2, rows - 1}):
        for column in sorted({0, columns // 2, columns - 1}):
            top, bottom = round(size[0] * row / rows), round(size[0] * (row + 1) / rows)
            left, right = round(size[1] * column / columns), round(size[1] * (column + 1) / columns)
            yield (row, column), (left, top, right, bottom)


def _token_boxes(tile: Tile, size: tuple[int, int]) -> Iterator[tuple[int, Box]]:
    """Tokens in three corners and the middle that lie in the picture for the most."""
    rows, columns = tile.row_edges().T.tolist(), tile.column_edges().T.tolist()
    for row, column in {(0, 0), (0, tile.columns - 1), (tile.rows // 2, tile.columns // 2), (tile.rows - 1, 0)}:
        (top, bottom), (left, right) = rows[row], columns[column]
        if 0 <= top + bottom <= 2 and 0 <= left + right <= 2:
            box = round(left * size[1]), round(top * size[0]), round(right * size[1]), round(bottom * size[0])
            yield row * tile.columns + column, box
