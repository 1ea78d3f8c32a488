"""A result -> tables: the answer's tokens, and everything that decided the numbers."""

import streamlit as st

from core import METHODS, ExplainResult
from core.schema.model_parts import PARTS
from core.schema.target import SCORES
from dashboard.export.reproduce import command_of, given_names
from dashboard.layer_ranges import layer_words
from dashboard.loaded_run import ShownRun
from dashboard.ui.form.draft import PLACES


def token_table(result: ExplainResult) -> None:
    """The answer's tokens, how sure the model was, and what else it considered."""
    rivals = [
        "   ".join(f"{text!r} {probability:.3f}" for text, probability in token.alternatives) for token in result.tokens
    ]
    config = st.column_config
    st.dataframe(
        {
            "token": [token.text for token in result.tokens],
            "probability": [token.probability for token in result.tokens],
            "rivals": rivals,
        },
        key="tokens",
        height="content" if len(result.tokens) < 12 else 420,
        column_config={
            "token": config.TextColumn("Token", width="small"),
            "probability": config.ProgressColumn(
                "Probability", min_value=0.0, max_value=1.0, format="%.3f", width="small"
            ),
            "rivals": config.TextColumn("Likeliest others, with probabilities", width="large"),
        },
        alt="Tokens of the answer with their probabilities",
    )


def parameter_rows(run: ShownRun) -> dict[str, str]:
    """Everything that decided the numbers, in words."""
    request, result = run.result.request, run.result
    words = PARTS[request.part]
    numbered = zip(given_names(run), [chosen.picture.size for chosen in run.all_pictures], strict=True)
    pictures = [f"{name}, {width} × {height} pixels" for name, (width, height) in numbered]
    return {
        "Run": run.id,
        "Model": run.row.model_name if run.row is not None else "",
        "Model fingerprint": request.model[:16],
        **({f"Picture {number}": told for number, told in enumerate(pictures, 1)} if run.pictures else {}),
        **({"Maps of": f"picture {request.picture + 1}"} if run.pictures else {"Picture": pictures[0]}),
        "Picture stands": PLACES[request.picture_first],
        "Patches" if request.part == "tower" else "Visual tokens": f"{result.grid[0]} rows × {result.grid[1]} columns",
        "Method": METHODS[request.method].title,
        "Part": words.title,
        "Tap": f"the {words.one}'s {request.tap}",
        "Explained": request.target.describe(),
        "Score": SCORES[request.target.score],
        words.many.capitalize(): f"{layer_words(request.layers)} (of {result.total_layers})"
        if request.layers
        else "one map from all",
        "Samples": sample_words(result),
        "Seed": str(request.seed),
        "Longest answer": f"{request.max_new_tokens} tokens",
        "Resolution": "the model's own" if request.max_pixels is None else f"at most {request.max_pixels:,} pixels",
        "Time": ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in result.timings.items()),
    }


def parameter_table(run: ShownRun) -> None:
    """Everything that decided the numbers, and how to compute them again."""
    rows, method = parameter_rows(run), METHODS[run.request.method]
    st.dataframe(
        {"parameter": list(rows), "value": list(rows.values())},
        key="parameters",
        height="content",
        hide_index=True,
        column_config={
            "parameter": st.column_config.TextColumn("Parameter", width="small"),
            "value": st.column_config.TextColumn("Value", width="large"),
        },
        alt="Parameters of the run",
    )
    st.caption("The same on the command line, with the picture's path in place of its name:")
    st.code(command_of(run, given_names(run)), language="bash", wrap_lines=True)
    st.code(method.equation, language=None, wrap_lines=True)
    st.caption(f"{method.sentence} {method.source}")


def sample_words(result: ExplainResult) -> str:
    """The samples behind a map, in words."""
    if result.request.noise_std == 0:
        return "no noise"
    plural = "" if result.num_samples == 1 else "s"
    return f"{result.num_samples} sample{plural} with noise {result.request.noise_std:g}"
