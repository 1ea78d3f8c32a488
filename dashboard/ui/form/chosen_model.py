"""The card of the chosen model; and what stands there while it is fetched, was stopped, or cannot be used."""

import streamlit as st

from core.errors import ExplainError
from core.models.checkpoints import ModelCard
from core.models.faults.quantisation import leftover_note
from dashboard import resources
from dashboard.formatting import literal, size
from dashboard.jobs.model_downloads import DownloadState, DownloadStopped
from dashboard.language import _, sentence
from dashboard.services import models
from dashboard.session import clicks

PACE = 1.0
"""Seconds between two looks at a download."""


def chosen_card(model: str) -> tuple[ModelCard | None, str | None]:
    """The model's card, or why there is none, which is also drawn: what needs no model can be done all the same."""
    try:
        card = resources.catalogue().describe(model)
    except DownloadStopped as error:
        st.info(sentence(str(error)))
        st.button(_("Fetch the rest"), key="fetch-model", on_click=clicks.whole(models.fetch_again), args=(model,))
        return None, _("The chosen model is not here. Fetch it, or choose another one.")
    except ExplainError as error:
        st.error(literal(sentence(str(error))))
        return None, _("The chosen model cannot be used. Choose another one.")
    if card is None:
        st.fragment(_wait, run_every=PACE)(model)
        return None, _("The model is still being fetched. Run it when it is there.")
    note = leftover_note(card.folder, card.name)
    if note is not None:
        st.caption(literal(sentence(note)))
    return card, None


def _wait(model: str) -> None:
    """How far it is; the whole page runs again when it is there, has failed or was stopped."""
    state = models.download_of(model)
    if state is None:
        st.rerun()
    st.caption(_("The model is being fetched from the hub, once for everybody. This page notices the end."))
    st.progress(state.done / state.total if state.total else 0.0, text=_words(state))
    if state.others:
        st.caption(_("Others wait for it, too, so that it cannot be stopped here."))
    else:
        st.button(
            _("Cancel"),
            key="stop-model",
            icon=":material/stop_circle:",
            on_click=clicks.whole(models.stop_download),
            args=(model,),
            disabled=state.stopping,
        )


def _words(state: DownloadState) -> str:
    if state.stopping:
        return _("Stopping")
    if not state.total:
        return _("Asking the hub what there is")
    return _("{done} of {total}", done=size(state.done), total=size(state.total))
