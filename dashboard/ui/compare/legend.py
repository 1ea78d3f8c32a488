"""The table of the runs that are compared: in what they differ, and on request everything else."""

import streamlit as st

from dashboard.export.parameters import differing, layer_row, model_rows, picture_words, setting_rows
from dashboard.export.reproduce import given_names
from dashboard.formatting import short, visible
from dashboard.language import N_, _, listed
from dashboard.session import keys
from dashboard.ui.compare.measures import Compared
from dashboard.ui.run_rows import IMPORTED_MARK

_LONGEST = 200
_OF_ONE = (N_("Prompt"), N_("Answer"), N_("Method"))
"""What is told where nothing differs, as of a run by itself."""


def legend(runs: list[Compared]) -> None:
    """The table with its switch, and the prompt that all runs have in common."""
    above, below = st.container(), st.container(horizontal=True, vertical_alignment="center", key="compare-legend-foot")
    with_all = below.toggle(
        _("All parameters"),
        key=keys.CompareKey.PARAMETERS,
        bind="query-params",
        help=_("The table shows that in which these runs differ. This adds what they have in common."),
    )
    table = legend_rows(runs, with_all=with_all)
    above.dataframe(
        {
            "": [each.letter for each in runs],
            **{name: [short(value, _LONGEST) for value in values] for name, values in table.items()},
        },
        key="compare-legend",
        height="content",
        hide_index=True,
        column_config={"": st.column_config.TextColumn(width=40)}
        | {name: st.column_config.TextColumn(_(name), width=300 if name in _OF_ONE[:2] else 170) for name in table},
        alt=_("The runs that are compared"),
    )
    if "Prompt" not in table:
        below.text(_("Prompt of all: {prompt}", prompt=short(runs[0].run.request.prompt, _LONGEST)))


def legend_rows(runs: list[Compared], *, with_all: bool = False) -> dict[str, list[str]]:
    """Column, in English -> its text for each run: those in which the runs differ, then the rest where it is wanted."""
    told = [_told(each) for each in runs]
    if len({one["Picture"] for one in told}) < len({each.run.request.image for each in runs}):
        for one, each in zip(told, runs, strict=True):  # pictures of one name are told apart by their content
            one["Picture"] += f" ({each.run.request.image[:6]})"
    found = list(differing(told)) or list(_OF_ONE)
    if "Model" in found and "Model fingerprint" in found:
        found.remove("Model fingerprint")  # it tells models of one name apart
    if with_all:
        told = [one | _further(each) for one, each in zip(told, runs, strict=True)]
        found += [name for name in told[0] if name not in found]
    return {name: [one[name] for one in told] for name in found}


def _told(each: Compared) -> dict[str, str]:
    run, request = each.run, each.run.request
    return {
        "Prompt": visible(request.prompt),
        "Answer": visible(run.result.answer.text) or _("(nothing)"),
        N_("Picture"): picture_words(visible(run.chosen.name), run.chosen.size),
        N_("Pictures"): listed(visible(name) for name in given_names(run)) if run.pictures else _("one"),
        **model_rows(run),
        **setting_rows(request),
        N_("Layers or blocks"): layer_row(run.result),
        N_("Samples"): str(run.result.num_samples),
        N_("Origin"): _(IMPORTED_MARK) if request.origin else _("computed here"),
    }


def _further(each: Compared) -> dict[str, str]:
    """What follows from the parameters, and is no difference of its own."""
    rows, columns = each.run.result.grid
    return {
        N_("Cells"): _("{rows} rows × {columns} columns", rows=rows, columns=columns),
        N_("Run"): each.run.id,
    }
