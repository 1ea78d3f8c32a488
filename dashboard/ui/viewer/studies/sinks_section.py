"""Which maps hold where a model has attention sinks: figures of the embedded model, a section under its benchmark."""

import streamlit as st

from core.evaluation.benchmark.sinks.shipped import shipped
from core.evaluation.benchmark.sinks.summary import table
from core.schema.methods import METHODS
from dashboard.language import N_, _

_STRENGTHS = {
    "plain": N_("as shipped"),
    "mild": N_("mild"),
    "heavy": N_("heavy"),
    "strong": N_("strong"),
    "prompt": N_("in the prompt, too"),
    "bf16": N_("strong, 16 bits"),
}
_SHOWN = ("combined", "gradient_deviation", "attention", "attention_rollout", "input_gradient")


def sinks_section() -> None:
    """Pointing and energy of a few methods by strength of the sinks."""
    told = shipped()
    title = _("Where attention falls to chance, the combined map holds: attention sinks")
    with st.expander(title, key="sinks-section"):
        st.caption(
            _(
                "Published models let much of their attention gather on a few tokens that mean nothing, called sinks. "
                "The embedded model has none, so they were put into it by its weights, which changed no answer. Of "
                "each map: how often its hottest cell lies on the object, and which share of its heat does. Methods "
                "with a map for each layer are read at half the depth."
            )
        )
        st.dataframe(
            _rows(), key="sinks-table", hide_index=True, height="content", alt=_("Maps with and without sinks")
        )
        strong = told["strengths"]["strong"]
        st.caption(
            _(
                "{scenes} scenes, measured on {day} by `{command}`; not about the model of this run. At the strength "
                "called strong, sinks take {share:.0f} % of the attention on the picture.",
                scenes=strong["scenes"],
                day=told["day"],
                command=told["command"],
                share=100 * strong["of_picture"],
            )
        )


def _rows() -> dict[str, list[str]]:
    """Column -> cells."""
    told = shipped()
    pointing, energy = table(told, "pointing"), table(told, "energy")
    columns = {_("Method"): [_(METHODS[name].title) for name in _SHOWN]}
    for number, strength in enumerate(told["strengths"]):
        figures = [(pointing[name][number], energy[name][number]) for name in _SHOWN]
        columns[_(_STRENGTHS[strength])] = [f"{points:.2f}, {share:.2f}" for points, share in figures]
    return columns
