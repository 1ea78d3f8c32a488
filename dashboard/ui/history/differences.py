"""In what several runs differ: a table of those parameters alone, behind a button."""

from collections.abc import Iterator, Sequence

import streamlit as st

from cache import RunRecord
from dashboard.formatting import PICTURE_POSITIONS, method_title, short
from dashboard.layer_ranges import layer_words

LETTERS = "ABCDEFGH"


def differences(runs: Sequence[RunRecord]) -> dict[str, list[str]]:
    """Parameter -> its value in each run, for the parameters whose values are not all the same."""
    each = [_parameters(run) for run in runs]
    names = dict.fromkeys(name for one in each for name in one)
    table = {name: [one.get(name, "") for one in each] for name in names}
    return {name: values for name, values in table.items() if len(set(values)) > 1}


def differences_button(runs: Sequence[RunRecord]) -> None:
    """The table for two runs or more, at most eight."""
    shown = runs[: len(LETTERS)]
    if len(shown) < 2:
        return
    with st.popover("Differences", icon=":material/difference:", key="differences", width="content"):
        found = differences(shown)
        if not found:
            st.caption("The selected runs have the same parameters.")
            return
        left = len(runs) - len(shown)
        st.caption("In what the selected runs differ" + (f" (the first {len(shown)} of them)" if left else ""))
        titles = [f"{letter} {run.run_id[:6]}" for letter, run in zip(LETTERS, shown, strict=False)]
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


def _parameters(run: RunRecord) -> dict[str, str]:
    asked = run.request
    target = asked.get("target") or {}
    layers = asked.get("layers") or ()
    return {
        "Picture": ", ".join(f"{short(name, 60)} ({image[:6]})" for name, image in _pictures(run)),
        "Prompt": short(run.prompt, 200),
        "Answer": short(run.answer, 200),
        "Model": run.model_name,
        "Model fingerprint": str(asked.get("model", ""))[:12],
        "Method": method_title(run.method),
        "Part": str(asked.get("part", "decoder")),
        "Tap": str(asked.get("tap", "")),
        "Explained": run.target,
        "Score": str(target.get("score", "")),
        "Layers": layer_words(tuple(layers)) or "one map from all",
        "Samples": str(run.num_samples),
        "Noise": f"{run.noise_std:g}",
        "Seed": str(asked.get("seed", "")),
        "Longest answer": str(asked.get("max_new_tokens", "")),
        "Most pixels": str(asked.get("max_pixels") or "the model's own"),
        "Picture stands": PICTURE_POSITIONS[asked.get("picture_first", True)],
    }


def _pictures(run: RunRecord) -> Iterator[tuple[str, str]]:
    return zip(run.names, run.request.get("images") or (run.image,), strict=False)
