"""The Compute page's fields: each says what it does to the map."""

import streamlit as st

from core import METHODS
from core.engine.early_stopping import FEWEST, RELIABLE
from core.models.checkpoints import EMBEDDED
from core.schema import MAX_NEW_TOKENS, MAX_SAMPLES
from core.schema.layers import LAYER_CHOICES
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import CUSTOM, SAMPLE_PRESETS, Draft
from dashboard.ui.form.method_fields import layer_fields, method_field, tap_field, where_field
from dashboard.ui.form.target_fields import target_fields


def prompt_field() -> str:
    """What is asked."""
    return st.text_area(
        "Prompt",
        key=FormKey.PROMPT,
        height=80,
        placeholder="What do you ask about the picture?",
        persist_state="session",
        help="Any language. The map shows where the answer to exactly these words comes from.",
    )


def model_field(choices: tuple[str, ...]) -> str:
    """The choice of the model."""
    return st.selectbox(
        "Model",
        choices,
        format_func=lambda choice: "Embedded (coloured shapes)" if choice == EMBEDDED else choice,
        key=FormKey.MODEL,
        persist_state="session",
        help="The model that answers and is explained. Whoever runs the server decides which are offered, "
        "with SMOOTHCAM_MODELS.",
    )


def draft_fields(prompt: str, *, may_settle: bool = True) -> Draft:
    """All other fields, the everyday ones first; with the prompt they make the draft.

    Args:
        may_settle: whether a run may end early. Not the rows of a batch: what each will be called is known before.
    """
    method = method_field()
    where = where_field() if METHODS[method].has_tap else "decoder"
    layers, custom_layers = layer_fields(where) if METHODS[method].per_layer else (LAYER_CHOICES[0], "")
    target = target_fields()
    num_samples = _sample_field()
    settle = _settle_field() if may_settle else False
    with st.expander("Order, noise, tap and limits", key="advanced"):
        picture_first = _order_field()
        noise = st.number_input(
            "Noise",
            min_value=0.0,
            max_value=10.0,
            step=0.05,
            key=FormKey.NOISE,
            persist_state="session",
            help="Standard deviation of the noise added to the normalised pixels, whose own is near 1. More "
            "noise smooths the map and blurs small things; 0 gives the plain, unsmoothed map.",
        )
        seed = st.number_input(
            "Seed",
            min_value=0,
            max_value=2**31 - 1,
            key=FormKey.SEED,
            persist_state="session",
            help="Which noise is drawn. The same seed gives the same numbers; another one shows how stable a map is.",
        )
        tap = tap_field() if METHODS[method].has_tap else "input"
        longest = st.number_input(
            "Longest answer, tokens",
            min_value=1,
            max_value=MAX_NEW_TOKENS,
            key=FormKey.MAX_NEW_TOKENS,
            persist_state="session",
            help="The answer is cut there. The map explains the sum over all tokens of the answer, so a "
            "shorter answer gives a map of fewer words.",
        )
        visual_tokens = _budget_field()
    return Draft(
        prompt=prompt or "",
        layers=layers,
        custom_layers=custom_layers,
        target=target,
        num_samples=num_samples,
        noise_std=float(noise),
        seed=int(seed),
        method=method,
        tap=tap,
        max_new_tokens=int(longest),
        visual_tokens=visual_tokens,
        settle=settle,
        picture_first=picture_first,
        where=where,
    )


def _order_field() -> bool:
    order = st.selectbox(
        "Picture",
        tuple(PICTURE_POSITIONS.values()),
        key=FormKey.PICTURE_FIRST,
        persist_state="session",
        help="Before: what the layers hold at the picture's tokens is the same whatever is asked, and only gradients "
        "carry the question into the map. After: the picture's tokens have read the question, so that the map of each "
        "layer can follow it. The model may answer differently, too; the embedded one was trained with the picture "
        "before the prompt.",
    )
    return order == PICTURE_POSITIONS[True]


def _sample_field() -> int:
    choice = st.selectbox(
        "Noise samples",
        (*SAMPLE_PRESETS, CUSTOM),
        format_func=str.capitalize,
        key=FormKey.SAMPLES,
        persist_state="session",
        help="SmoothGrad averages the map over this many noisy copies of the picture: more of them make it "
        "steadier and its standard error smaller, and take proportionally longer.",
    )
    if choice != CUSTOM:
        return SAMPLE_PRESETS[choice]
    count = st.number_input(
        "Number of samples",
        min_value=1,
        max_value=MAX_SAMPLES,
        key=FormKey.CUSTOM_SAMPLES,
        persist_state="session",
        help="Noisy copies that the map is the mean of; its standard error shrinks with the square root of them.",
    )
    return int(count)


def _settle_field() -> bool:
    return st.toggle(
        "Stop early when steady",
        key=FormKey.SETTLE,
        persist_state="session",
        help="Ends the run before its last noise sample once the standard error says that more of them would not "
        f"change which cells are hotter than which: rank correlation {RELIABLE:g} with a repeat of the run, in half "
        f"of the layers at least. Looked at after each chunk of samples, from the {FEWEST}th sample on. What comes of "
        "it is a run of so many samples.",
    )


def _budget_field() -> int | None:
    limited = st.toggle(
        "Limit the resolution",
        key=FormKey.LIMIT_PIXELS,
        persist_state="session",
        help="Off: the model's own budget. On: the picture is scaled down to about so many visual tokens "
        "(squares of 28 × 28 pixels in Qwen2.5-VL, 32 × 32 in Qwen3-VL): a coarser map, less memory and time. Models "
        "that look at every picture at one size of their own cannot be held to it.",
    )
    if not limited:
        return None
    tokens = st.number_input(
        "Visual tokens at most",
        min_value=4,
        max_value=16384,
        key=FormKey.VISUAL_TOKENS,
        persist_state="session",
        help="The map has about so many cells; fewer of them are larger, and blur what is small in the picture.",
    )
    return int(tokens)
