"""A result as a pandas DataFrame or an xarray Dataset. Both libraries are imported when they are asked for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from core.analysis.concentration import progression
from core.errors import InputError
from core.schema import ExplainResult
from core.schema.checks import check_choice

if TYPE_CHECKING:
    from pandas import DataFrame
    from xarray import Dataset

Rows = Literal["layers", "cells", "tokens"]


def data_frame(result: ExplainResult, rows: Rows) -> "DataFrame":
    """See `core.explanation.explanation.Explanation.to_dataframe`.

    Raises:
        InputError: there are no such rows, or pandas is not installed.
    """
    check_choice("kind of rows", rows, get_args(Rows))
    try:
        import pandas
    except ImportError:
        raise InputError("This table needs pandas, which is not installed: pip install pandas.") from None
    if rows == "tokens":
        said = [(token.text, token.probability, token.start, token.stop) for token in result.tokens]
        return pandas.DataFrame(said, columns=["text", "probability", "start", "stop"]).rename_axis("token")
    make = {"layers": _layer_columns, "cells": _cell_columns}[rows]
    frame = pandas.concat([pandas.DataFrame(make(each)) for each in _each(result)], ignore_index=True)
    frame["layer"] = frame["layer"].astype("Int64")  # whole numbers, of which some are missing
    return frame if result.pictures else frame.drop(columns="picture")


def dataset(result: ExplainResult) -> "Dataset":
    """See `core.explanation.explanation.Explanation.to_xarray`.

    Raises:
        InputError: xarray is not installed.
    """
    try:
        import xarray
    except ImportError:
        raise InputError("This table needs xarray, which is not installed: pip install xarray.") from None
    variables: dict[str, Any] = {}
    coordinates: dict[str, Any] = {}
    for each in (result, *result.companions.values()):
        end = "" if each is result else f"_{each.request.method}"
        axes, shape = [], each.heat.shape
        if each.layers:
            axes.append(_axis(coordinates, "layer", end, np.array(each.layers)))
        else:
            shape = shape[1:]
        if each.steps:
            axes.append(_axis(coordinates, "time", end, np.array([step.start for step in each.steps])))
        for name, count in zip(("row", "column"), each.grid, strict=True):
            axes.append(_axis(coordinates, name, end, np.arange(count)))
        unit = {"units": each.request.heat_unit, "method": each.request.method}
        variables[f"heat{end}"] = axes, each.heat.reshape(shape), unit
        variables[f"stderr{end}"] = axes, each.stderr.reshape(shape), unit
    request = result.request
    told = {"prompt": request.prompt, "answer": result.answer.text, "method": request.method, "model": request.model}
    return xarray.Dataset(variables, coordinates, told | {"num_samples": result.num_samples})


def _axis(coordinates: dict[str, Any], name: str, end: str, values: np.ndarray) -> str:
    """The name of an axis of these values; one of a companion's own where it has others."""
    if name in coordinates and not np.array_equal(coordinates[name], values):
        name += end
    coordinates[name] = values
    return name


def _each(result: ExplainResult) -> Iterator[ExplainResult]:
    """Of each picture, every method's."""
    for one in result.pictures or (result,):
        yield from (one, *one.companions.values())


def _layer_columns(result: ExplainResult) -> dict[str, Any]:
    return {
        "picture": result.request.picture,
        "method": result.request.method,
        "layer": result.request.maps,
        **progression(result.heat, axes=3 if result.steps else 2),
    }


def _cell_columns(result: ExplainResult) -> dict[str, Any]:
    maps = np.array([np.nan if layer is None else layer for layer in result.request.maps])
    numbers = np.indices(result.heat.shape).reshape(result.heat.ndim, -1)
    which, *step, row, column = numbers
    columns: dict[str, Any] = {"picture": result.request.picture, "method": result.request.method, "layer": maps[which]}
    if result.steps:
        starts, ends = (np.array([getattr(each, name) for each in result.steps]) for name in ("start", "end"))
        columns |= {"step": step[0], "start": starts[step[0]], "end": ends[step[0]]}
    return columns | {"row": row, "column": column, "heat": result.heat.ravel(), "stderr": result.stderr.ravel()}
