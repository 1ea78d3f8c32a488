"""What a model's options, or its quantised weights, mean for its maps."""

import streamlit as st

from core.models.checkpoints import ModelCard
from dashboard.language import _


def how_loaded(card: ModelCard) -> None:
    """Says it; nothing of a model that is as it was published, and lies on one device."""
    if card.bits is not None:
        st.caption(
            _(
                "The linear layers of this model have weights of {bits} bits, from which {dtype} is made each time. "
                "All methods work; maps explain the rounded model.",
                bits=card.bits,
                dtype=card.dtype,
            )
        )
    if card.options.device_map in ("cpu", "disk"):
        st.caption(_("The layers of this model come to the device only while they run, which makes runs slower."))
    elif card.options.device_map is not None:
        st.caption(_("The layers of this model are spread over the devices that there are."))
