"""In what several runs differ: a table of those parameters alone, behind a button."""

from collections.abc import Iterator, Sequence

import streamlit as st

from cache import RunRecord
from dashboard.charts.base import RUN_LETTERS
from dashboard.formatting import PICTURE_POSITIONS, method_title, short
from dashboard.layer_ranges import layer_words


def differences(records: Sequence[RunRecord]) -> dict[str, list[str]]:
    """Parameter -> its value in each run, for the parameters whose values are not all the same."""
    each = [_parameters(record) for record in records]
    names = dict.fromkeys(name for one in each for name in one)
    table = {name: [one.get(name, "") for one in each] for name in names}
    return {name: values for name, values in table.items() if len(set(values)) > 1}


def differences_button(records: Sequence[RunRecord]) -> None:
    """The table for two runs or more, at most eight."""
    shown = records[: len(RUN_LETTERS)]
    if len(shown) < 2:
        return
    with st.popover("Differences", icon=":material/difference:", key="differences", width="content"):
        found = differences(shown)
        if not found:
            st.caption("The selected runs have the same parameters.")
            return
        left = len(records) - len(shown)
        st.caption("In what the selected runs differ" + (f" (the first {len(shown)} of them)" if left else ""))
        titles = [f"{letter} {record.run_id[:6]}" for letter, record in zip(RUN_LETTERS, shown, strict=False)]
        values = {title: [row[number] for row in found.values()] for number, title in enumerate(titles)}
        st.dataframe(
            {"parameter": list(found), **values},
            key="differences-table",
            hide_index=True,
            width=160 + 150 * len(shown),
            height="content",
            column_config={
                "parameter": st.column_config.TextColumn("Parameter", width=140),
                **{title: st.column_config.TextColumn(width=150) for title in titles},
            },
            alt="Parameters in which the selected runs differ",
        )


def _parameters(record: RunRecord) -> dict[str, str]:
    request = record.request
    target = request.get("target") or {}
    layers = request.get("layers") or ()
    return {
        "Picture": ", ".join(f"{short(name, 60)} ({image[:6]})" for name, image in _pictures(record)),
        "Prompt": short(record.prompt, 200),
        "Answer": short(record.answer, 200),
        "Model": record.model_name,
        "Model fingerprint": str(request.get("model", ""))[:12],
        "Method": method_title(record.method),
        "Part": str(request.get("part", "decoder")),
        "Tap": str(request.get("tap", "")),
        "Explained": record.target,
        "Score": str(target.get("score", "")),
        "Layers": layer_words(tuple(layers)) or "one map from all",
        "Samples": str(record.num_samples),
        "Noise": f"{record.noise_std:g}",
        "Seed": str(request.get("seed", "")),
        "Longest answer": str(request.get("max_new_tokens", "")),
        "Most pixels": str(request.get("max_pixels") or "the model's own"),
        "Picture stands": PICTURE_POSITIONS[request.get("picture_first", True)],
    }


def _pictures(record: RunRecord) -> Iterator[tuple[str, str]]:
    return zip(record.names, record.request.get("images") or (record.image,), strict=False)
