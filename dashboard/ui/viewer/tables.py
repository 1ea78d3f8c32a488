"""A result -> tables: the answer's tokens, and everything that decided the numbers."""

import streamlit as st

from core import METHODS, ExplainResult
from dashboard.export.parameters import parameter_rows
from dashboard.export.reproduce import command_of, names_elsewhere
from dashboard.formatting import visible
from dashboard.language import _, sentence
from dashboard.loaded_run import LoadedRun


def token_table(result: ExplainResult) -> None:
    """The answer's tokens, how sure the model was, and what else it considered."""
    rivals = [
        "   ".join(f"{text!r} {probability:.3f}" for text, probability in token.alternatives) for token in result.tokens
    ]
    config = st.column_config
    st.dataframe(
        {
            "token": [visible(token.text) for token in result.tokens],
            "probability": [token.probability for token in result.tokens],
            "rivals": rivals,
        },
        key="tokens",
        height="content" if len(result.tokens) < 12 else 420,
        column_config={
            "token": config.TextColumn(_("Token"), width="small"),
            "probability": config.ProgressColumn(
                _("Probability"), min_value=0.0, max_value=1.0, format="%.3f", width="small"
            ),
            "rivals": config.TextColumn(_("Likeliest others, with probabilities"), width="large"),
        },
        alt=_("Tokens of the answer with their probabilities"),
    )


def parameter_table(run: LoadedRun) -> None:
    """Everything that decided the numbers, and how to compute them again."""
    rows, method = parameter_rows(run), METHODS[run.request.method]
    st.dataframe(
        {"parameter": list(rows), "value": list(rows.values())},
        key="parameters",
        height="content",
        hide_index=True,
        column_config={
            "parameter": st.column_config.TextColumn(_("Parameter"), width="small"),
            "value": st.column_config.TextColumn(_("Value"), width="large"),
        },
        alt=_("Parameters of the run"),
    )
    if run.request.is_video:
        st.caption(_("The same on the command line, with the path of the sampled frames, which are under Take away:"))
    else:
        st.caption(_("The same on the command line, with the picture's path in place of its name:"))
    st.code(command_of(run, names_elsewhere(run)), language="bash", wrap_lines=True)
    st.code(method.equation, language=None, wrap_lines=True)
    st.caption(f"{sentence(method.sentence)} {method.source}")
