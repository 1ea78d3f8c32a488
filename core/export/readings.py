"""Heads and the logit lens -> files: NPZ of raw numbers, JSON of what is said, CSV of tokens."""

import io
from typing import Any

import numpy as np

from core.export.tables import csv_text, digits
from core.schema.readings.head_maps import HeadMaps
from core.schema.readings.logit_lens import LogitLens

_MOST_HEADS_TOLD = 20


def heads_npz(maps: HeadMaps) -> bytes:
    """Raw numbers as a NumPy archive without objects (`numpy.load(..., allow_pickle=False)` reads it).

    Arrays: heat float32 [layers, heads, grid_h, grid_w]; picture_share, sink_share, agreement float32 [layers, heads];
    layers int64 [layers].
    """
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        heat=maps.heat,
        picture_share=maps.picture_share,
        sink_share=maps.sink_share,
        agreement=maps.agreement,
        layers=np.array(maps.layers, np.int64),
    )
    return buffer.getvalue()


def describe_heads(maps: HeadMaps, most: int = _MOST_HEADS_TOLD) -> dict[str, Any]:
    """Everything but the maps as plain values, and the heads that agree most with the recommended map.

    Args:
        most: how many of them.
    """
    tables = {name: getattr(maps, name).tolist() for name in ("agreement", "picture_share", "sink_share")}
    best = [dict(zip(("layer", "head"), head, strict=True)) | numbers(maps, *head) for head in maps.ordered()[:most]]
    return {
        "request": maps.request.to_dict(),
        "answer": maps.answer.text,
        "layers": list(maps.layers),
        "heads": maps.heads,
        "total_layers": maps.total_layers,
        "grid": {"rows": maps.grid[0], "columns": maps.grid[1]},
        "best": best,
        **tables,
    }


def numbers(maps: HeadMaps, layer: int, head: int) -> dict[str, float]:
    """What is known of one head: agreement, share on the picture, share on its sinks."""
    at = maps.index(layer, head)
    return {name: float(getattr(maps, name)[at]) for name in ("agreement", "picture_share", "sink_share")}


def describe_lens(lens: LogitLens, cell: tuple[int, int] | None = None) -> dict[str, Any]:
    """The likeliest tokens of a cell, or with None of all cells, layer by layer, as plain values."""
    cells = [cell] if cell is not None else list(np.ndindex(lens.grid))
    return {
        "request": lens.request.to_dict(),
        "layers": list(lens.layers),
        "total_layers": lens.total_layers,
        "grid": {"rows": lens.grid[0], "columns": lens.grid[1]},
        "cells": [
            {
                "row": row,
                "column": column,
                "layers": {
                    str(layer): [{"id": each.id, "text": each.text, "probability": each.probability} for each in said]
                    for layer, said in lens.at(row, column).items()
                },
            }
            for row, column in cells
        ],
    }


def lens_csv(lens: LogitLens) -> str:
    """One line for each token: row, column, layer, rank from 1, id, token, probability."""
    rows = (
        (row, column, layer, rank, each.id, each.text, digits(each.probability))
        for row, column in np.ndindex(lens.grid)
        for layer, said in lens.at(row, column).items()
        for rank, each in enumerate(said, 1)
    )
    return csv_text(("row", "column", "layer", "rank", "id", "token", "probability"), rows)
