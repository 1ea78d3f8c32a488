"""The Compute page's fields: each says what it does to the map."""

import streamlit as st

from core import DEFAULT_METHOD, METHODS
from core.checkpoints import EMBEDDED
from core.layers import LAYER_CHOICES
from core.methods import COMBINED
from core.schema import MAX_NEW_TOKENS, MAX_SAMPLES
from core.targets import SCORES
from dashboard import drafts
from dashboard.drafts import CUSTOM, PIXELS_PER_TOKEN, SAMPLE_PRESETS, Draft
from dashboard.state import Field

EXAMPLES = (
    "Describe this image.",
    "Where is the red circle?",
    "How many objects are there?",
    "请详细描述这张图片中的主要内容。",
    "红色圆形在图中的什么位置？",
)

_TARGETS = {
    "answer": "The whole answer",
    "words": "A phrase of the answer",
    "tokens": "Tokens of the answer",
    "contrast": "Why this and not that",
    "sentence": "A sentence of mine",
}

_LAYER_TITLES = {
    "all": "All layers",
    "auto": "Six, evenly spread",
    "early": "Early third",
    "middle": "Middle third",
    "late": "Late third",
    CUSTOM: "Custom",
}


def prompt_field() -> str:
    """What is asked."""
    return st.text_area(
        "Prompt",
        key=Field.PROMPT,
        height=80,
        placeholder="What do you ask about the picture?",
        persist_state="session",
        help="Any language. The map shows where the answer to exactly these words comes from.",
    )


def examples_button() -> None:
    """Prompts to begin with."""
    with st.popover("Examples", key="examples", width="stretch"):
        for number, text in enumerate(EXAMPLES):
            st.button(text, key=f"example-{number}", on_click=_take_prompt, args=(text,), width="stretch")


def model_field(choices: tuple[str, ...]) -> str:
    """The choice of the model."""
    return st.selectbox(
        "Model",
        choices,
        format_func=lambda choice: "Embedded (coloured shapes)" if choice == EMBEDDED else choice,
        key=Field.MODEL,
        persist_state="session",
        help="The model that answers and is explained. Whoever runs the server decides which are offered, "
        "with SMOOTHCAM_MODELS.",
    )


def fields(prompt: str) -> Draft:
    """All other fields, the everyday ones first; with the prompt they make the draft."""
    method = _method_field()
    layers, custom_layers = _layer_fields() if METHODS[method].per_layer else (LAYER_CHOICES[0], "")
    kind = _target_fields()
    num_samples = _sample_field()
    with st.expander("Noise, tap and limits", key="advanced"):
        noise = st.number_input(
            "Noise",
            min_value=0.0,
            max_value=10.0,
            step=0.05,
            key=Field.NOISE,
            persist_state="session",
            help="Standard deviation of the noise added to the normalised pixels, whose own is near 1. More "
            "noise smooths the map and blurs small things; 0 gives the plain, unsmoothed map.",
        )
        seed = st.number_input(
            "Seed",
            min_value=0,
            max_value=2**31 - 1,
            key=Field.SEED,
            persist_state="session",
            help="Which noise is drawn. The same seed gives the same numbers; another one shows how stable a map is.",
        )
        tap = st.segmented_control(
            "Tap",
            ("input", "output"),
            required=True,
            key=Field.TAP,
            persist_state="session",
            help="Where a layer is read: at its input, true for every layer, or at its output, as in the "
            "original, where the last layer has no map because its output at the picture feeds nothing.",
        )
        longest = st.number_input(
            "Longest answer, tokens",
            min_value=1,
            max_value=MAX_NEW_TOKENS,
            key=Field.MAX_NEW_TOKENS,
            persist_state="session",
            help="The answer is cut there. The map explains the sum over all tokens of the answer, so a "
            "shorter answer gives a map of fewer words.",
        )
        max_pixels = _budget_field()
    return Draft(
        prompt=prompt or "",
        layers=layers,
        custom_layers=custom_layers,
        target=lambda: drafts.to_target(kind),
        num_samples=num_samples,
        noise_std=float(noise),
        seed=int(seed),
        method=method,
        tap=tap,
        max_new_tokens=int(longest),
        max_pixels=max_pixels,
    )


def _take_prompt(prompt: str) -> None:
    st.session_state[Field.PROMPT] = prompt


def _layer_fields() -> tuple[str, str]:
    choice = st.selectbox(
        "Layers",
        (*LAYER_CHOICES, CUSTOM),
        format_func=_LAYER_TITLES.__getitem__,
        key=Field.LAYERS,
        persist_state="session",
        help="Which decoder layers get a map. All of them cost about what one costs; fewer take less memory.",
    )
    if choice != CUSTOM:
        return choice, ""
    text = st.text_input(
        "Layer numbers",
        key=Field.CUSTOM_LAYERS,
        placeholder="0, 3, 5-8, -1",
        persist_state="session",
        help="Numbers and ranges from 0, the first layer; -1 is the last one.",
    )
    return choice, text or ""


def _sample_field() -> int:
    choice = st.selectbox(
        "Noise samples",
        (*SAMPLE_PRESETS, CUSTOM),
        format_func=str.capitalize,
        key=Field.SAMPLES,
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
        key=Field.CUSTOM_SAMPLES,
        persist_state="session",
    )
    return int(count)


def _method_field() -> str:
    groups = list(dict.fromkeys(method.group for method in METHODS.values()))
    names = sorted(METHODS, key=lambda name: (name != DEFAULT_METHOD, groups.index(METHODS[name].group)))
    method = st.selectbox(
        "Method",
        names,
        format_func=_method_title,
        key=Field.METHOD,
        persist_state="session",
        help="How activation, gradient and attention become heat. The combined map is computed beside whichever "
        "method you choose. Those with a star are recommended: they did best on scenes whose truth is known.",
    )
    st.caption(METHODS[method].sentence)
    return method


def _method_title(name: str) -> str:
    title = "Combined map alone" if name == COMBINED else METHODS[name].title
    return f"{title} ★" if METHODS[name].group == "recommended" else title


def _target_fields() -> str:
    kind = st.selectbox(
        "Explained",
        tuple(_TARGETS),
        format_func=_TARGETS.__getitem__,
        key=Field.TARGET,
        persist_state="session",
        help="What of the answer the map explains. A word's map is sharper than that of a long answer, whose words "
        "come from many places.",
    )
    keep = {"persist_state": "session"}
    if kind == "words":
        st.text_input("Phrase in the answer", key=Field.PHRASE, placeholder="red circle", **keep)
        st.number_input("Which occurrence", min_value=1, max_value=99, key=Field.OCCURRENCE, **keep)
    elif kind == "tokens":
        first_at, last_at = st.columns(2)
        first_at.number_input("First token", min_value=0, max_value=MAX_NEW_TOKENS, key=Field.FIRST_TOKEN, **keep)
        last_at.number_input("Last token", min_value=0, max_value=MAX_NEW_TOKENS, key=Field.LAST_TOKEN, **keep)
    elif kind == "contrast":
        st.number_input("Why this token (from 0)", min_value=0, max_value=MAX_NEW_TOKENS, key=Field.POSITION, **keep)
        st.text_input("And not this word", key=Field.INSTEAD, placeholder="blue", **keep)
    elif kind == "sentence":
        st.text_area(
            "Your sentence",
            key=Field.SENTENCE,
            height=80,
            placeholder="There is a red circle in the top left.",
            help="It is explained as if the model had answered it.",
            **keep,
        )
    if kind != "contrast":
        st.selectbox(
            "Score",
            tuple(SCORES),
            key=Field.SCORE,
            persist_state="session",
            help="What is summed over the explained tokens. "
            + " ".join(f"{name}: {text}" for name, text in SCORES.items()),
        )
    return kind


def _budget_field() -> int | None:
    limited = st.toggle(
        "Limit the resolution",
        key=Field.LIMIT_PIXELS,
        persist_state="session",
        help="Off: the model's own budget. On: the picture is scaled down to about so many visual tokens "
        "(28 × 28 pixels each): a coarser map, less memory and time.",
    )
    if not limited:
        return None
    tokens = st.number_input(
        "Visual tokens at most",
        min_value=4,
        max_value=16384,
        key=Field.VISUAL_TOKENS,
        persist_state="session",
    )
    return int(tokens) * PIXELS_PER_TOKEN
