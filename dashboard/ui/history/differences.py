"""In what several runs differ: a table of those parameters alone, behind a button."""

from collections.abc import Iterator, Sequence

import streamlit as st

from cache import RunRecord
from dashboard.charts.base import RUN_LETTERS
from dashboard.export.parameters import differing
from dashboard.formatting import PICTURE_POSITIONS, drawn_words, method_title, short, visible
from dashboard.language import N_, _, sentence
from dashboard.layer_ranges import layer_words
from dashboard.ui.run_rows import IMPORTED_MARK


def differences(records: Sequence[RunRecord]) -> dict[str, list[str]]:
    """Parameter -> its value in each run, for the parameters whose values are not all the same."""
    return differing([_parameters(record) for record in records])


def differences_button(records: Sequence[RunRecord]) -> None:
    """The table for two runs or more, at most eight."""
    shown = records[: len(RUN_LETTERS)]
    if len(shown) < 2:
        return
    with st.popover(_("Differences"), icon=":material/difference:", key="differences", width="content"):
        found = differences(shown)
        if not found:
            st.caption(_("The selected runs have the same parameters."))
            return
        if len(records) == len(shown):
            st.caption(_("In what the selected runs differ"))
        else:
            st.caption(_("In what the selected runs differ (the first {count} of them)", count=len(shown)))
        titles = [f"{letter} {record.run_id[:6]}" for letter, record in zip(RUN_LETTERS, shown, strict=False)]
        values = {title: [row[number] for row in found.values()] for number, title in enumerate(titles)}
        st.dataframe(
            {"parameter": [_(name) for name in found], **values},
            key="differences-table",
            hide_index=True,
            width=160 + 150 * len(shown),
            height="content",
            column_config={
                "parameter": st.column_config.TextColumn(_("Parameter"), width=140),
                **{title: st.column_config.TextColumn(width=150) for title in titles},
            },
            alt=_("Parameters in which the selected runs differ"),
        )


def _parameters(record: RunRecord) -> dict[str, str]:
    request = record.request
    target = request.get("target") or {}
    layers = request.get("layers") or ()
    return {
        N_("Picture"): ", ".join(f"{short(name, 60)} ({image[:6]})" for name, image in _pictures(record)),
        N_("Origin"): _(IMPORTED_MARK) if record.origin else _("computed here"),
        N_("Prompt"): short(record.prompt, 200),
        N_("Earlier turns"): short(record.earlier, 200),
        N_("Answer"): short(record.answer, 200),
        N_("Model"): visible(record.model_name),
        N_("Model fingerprint"): str(request.get("model", ""))[:12],
        N_("Method"): _(method_title(record.method)),
        N_("Part"): str(request.get("part", "decoder")),
        N_("Tap"): str(request.get("tap", "")),
        N_("Explained"): sentence(visible(record.target)),
        N_("Score"): str(target.get("score", "")),
        N_("Layers"): layer_words(tuple(layers)) or _("one map in all"),
        N_("Samples"): str(record.num_samples),
        N_("Noise"): f"{record.noise_std:g}",
        N_("Seed"): str(request.get("seed", "")),
        N_("Longest answer"): str(request.get("max_new_tokens", "")),
        N_("Decoding"): drawn_words(request) or _("the likeliest token each time"),
        N_("Most pixels"): str(request.get("max_pixels") or _("the model's own")),
        N_("Picture stands"): _(PICTURE_POSITIONS[request.get("picture_first", True)]),
        N_("Formula of the combined map"): str(request.get("formula", 1)),
    }


def _pictures(record: RunRecord) -> Iterator[tuple[str, str]]:
    return zip(record.names, record.request.get("images") or (record.image,), strict=False)
