"""Batch: many pictures, one prompt or a table of prompts; looked at before anything is computed, and resumable."""

import time
from dataclasses import replace

import streamlit as st

from cache.batches.batch import Batch, request_of
from cache.results.sizes import stored_extents
from core import ExplainError, ExplainRequest
from core.models.checkpoints import ModelCard
from core.schema.run_requests import whole_run
from dashboard import formatting, resources
from dashboard.auth import identity
from dashboard.auth.privacy import private_switch, wants_private
from dashboard.batch.plan import MOST_ROWS, BatchDraft, PlannedRow, all_of, plan
from dashboard.language import _, counted, sentence
from dashboard.services import access
from dashboard.session import clicks, keys, state
from dashboard.ui.banners import about_choice, open_services
from dashboard.ui.batch import row_states
from dashboard.ui.batch.panel import batch_panel
from dashboard.ui.batch.upload import upload_field
from dashboard.ui.form.advanced import advanced_fields
from dashboard.ui.form.chosen_model import chosen_card
from dashboard.ui.form.draft import to_request, what_lacks
from dashboard.ui.form.fields import model_field, prompt_field
from dashboard.ui.form.forecast import batch_words
from dashboard.ui.form.how_loaded import how_loaded
from dashboard.ui.form.recommended import set_defaults

RUN_BUTTON = "batch-run-all"
_EARLIER = 8


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    batch_draft = state.session().batch
    name = _named(batch_draft)
    try:
        batch = access.find_batch(name) if name else None
        if batch is not None:
            batch_panel(batch)
            return
        if name:
            st.warning(_("This server has no batch with the name in the address. Check the link, or begin a new one."))
        _new_batch()
        clicks.take(RUN_BUTTON)  # there was nothing that could be run
        _earlier()
    except ExplainError as error:
        clicks.take(RUN_BUTTON)
        st.error(formatting.literal(sentence(str(error))))


def _named(batch_draft: BatchDraft) -> str | None:
    """The batch that the address names, or will name."""
    name, event = st.query_params.get(keys.BATCH), state.event()
    if name and (event is None or event is not batch_draft.told):  # the browser's own word, and not the page's
        batch_draft.begun, batch_draft.told = "", None
    elif not name and batch_draft.begun:
        name = st.query_params[keys.BATCH] = batch_draft.begun
        batch_draft.told = event
    return name


def _new_batch() -> None:
    set_defaults()
    st.header(_("Ask about many pictures or videos at once"), anchor=False)
    upload_field()
    prompt = prompt_field() or ""
    with st.sidebar:
        model = model_field(resources.settings().choices)
        loaded_at = st.container()
        draft = advanced_fields(prompt.strip() or "-", may_settle=False)
    about_choice(draft.method, draft.where)
    card, _problem = chosen_card(model)
    if card is None:
        return
    with loaded_at:
        how_loaded(card)
    batch_draft = state.session().batch
    if not batch_draft.pictures and batch_draft.pairs is None:
        st.info(
            _("Upload pictures or videos, or a ZIP of them. Nothing is computed before you have seen what would be.")
        )
        return
    # What was not typed yet is no error: people are told what comes next.
    if batch_draft.pairs is None and not prompt.strip():
        st.info(_("Now write above what is asked about each of them, or upload a table with a prompt for each."))
        return
    if lacking := what_lacks(draft):
        st.info(lacking)
        return
    pairs = batch_draft.pairs if batch_draft.pairs is not None else all_of(batch_draft.pictures)
    # One of them that is too large has all held to the same number: they are asked with the same parameters. Of videos
    # the one with the most pixels, where there is no picture.
    largest, longest = batch_draft.largest, batch_draft.longest
    size, frames = (largest, 0) if largest or not longest else (longest[:2], longest[2])
    template = replace(to_request(draft, "", card, [size] if size else [], frames=frames), frames=0)
    _plan_panel(plan(pairs, prompt, batch_draft.find, template, MOST_ROWS), template, card)


def _plan_panel(rows: list[PlannedRow], template: ExplainRequest, card: ModelCard) -> None:
    good = [row for row in rows if not row.problem]
    requests = [whole_run(request_of(template, row.image, row.prompt, row.phrase, row.frames)) for row in good]
    extents = stored_extents(resources.storage().results.folder, requests)
    stored = {row.number for row, extent in zip(good, extents, strict=True) if extent is not None}
    missing, wrong = len(good) - len(stored), len(rows) - len(good)
    with st.container(horizontal=True, vertical_alignment="center", key="batch-run"):
        label = _("Run it") if len(good) == 1 else _("Run all {count:,}", count=len(good))
        st.button(label, type="primary", key=RUN_BUTTON, disabled=not good, on_click=clicks.noting(RUN_BUTTON))
        private_switch()
        counts = {"missing": missing, "stored": len(stored)}
        if wrong:
            words = _(
                "{missing:,} to compute, {stored:,} stored already, {wrong:,} with a problem, left out and listed "
                "first.",
                wrong=wrong,
                **counts,
            )
        else:
            words = _("{missing:,} to compute, {stored:,} stored already.", **counts)
        st.caption(words, width="content")
    if missing:
        given = state.session().batch
        st.caption(batch_words(card, template, given.largest, missing, given.longest))
    batch_draft, asker, private = state.session().batch, identity.person().name, wants_private()
    # The run of the page that took the click before may be at it still, while nobody looks at it any more.
    with batch_draft.beginning:
        if good and clicks.take(RUN_BUTTON):
            # From here on nothing looks into the session, where the run of the page may be cut off.
            rows_to_run = tuple(row.to_row() for row in good)
            batch_draft.begun = _begin(Batch(time.time(), template, rows_to_run, asker, private))
    if batch_draft.begun and keys.BATCH not in st.query_params:
        st.rerun()
    _plan_table(rows, stored)


def _plan_table(rows: list[PlannedRow], stored: set[int]) -> None:
    # What is wrong comes first: among a thousand rows nobody would find it.
    rows = sorted(rows, key=lambda row: not row.problem)
    columns = ["row", "picture", "prompt"]
    columns += ["phrase"] if any(row.phrase for row in rows) else []
    columns += ["state"]
    columns += ["problem"] if any(row.problem for row in rows) else []
    config = st.column_config
    st.dataframe(
        {
            "row": [row.number for row in rows],
            "picture": [formatting.short(row.name, 100) for row in rows],
            "prompt": [formatting.short(row.prompt, 200) for row in rows],
            "phrase": [formatting.short(row.phrase, 100) for row in rows],
            "state": [_state(row, stored) for row in rows],
            "problem": [formatting.visible(sentence(row.problem)) for row in rows],
        },
        key="batch-plan",
        hide_index=True,
        column_order=columns,
        column_config={
            "row": config.NumberColumn(_("Row"), width=56),
            "picture": config.TextColumn(_("Picture"), width=180),
            "prompt": config.TextColumn(_("Prompt"), width=300),
            "phrase": config.TextColumn(_("Explained phrase"), width=140),
            "state": row_states.marks_column(_("What would happen")),
            "problem": config.TextColumn(_("What is wrong"), width=380),
        },
        alt=_("What would be computed"),
    )


def _state(row: PlannedRow, stored: set[int]) -> str:
    if row.problem:
        return row_states.LEFT_OUT
    return row_states.STORED if row.number in stored else row_states.TO_COMPUTE


def _begin(batch: Batch) -> str:
    resources.storage().batches.put(batch)
    resources.feeders().start(batch, batch.who)
    return batch.id


def _earlier() -> None:
    batches = resources.storage().batches.latest(_EARLIER, identity.viewer())
    if not batches:
        return
    st.subheader(_("Earlier batches"), anchor=False)
    for batch in batches:
        first = formatting.literal(formatting.short(batch.rows[0].prompt, 60))
        st.page_link(
            "app_pages/batch.py",
            label=counted(
                "{when:%d %b %Y, %H:%M} UTC: {count:,} picture, {prompt}",
                "{when:%d %b %Y, %H:%M} UTC: {count:,} pictures, {prompt}",
                len(batch.rows),
                when=formatting.as_datetime(batch.created),
                prompt=first,
            ),
            icon=":material/visibility_off:" if batch.private else ":material/photo_library:",
            query_params={keys.BATCH: batch.id},
        )


page()
