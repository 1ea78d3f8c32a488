"""Compute: ask a question about a picture, watch it run, look at every layer."""

import streamlit as st

from cache import JobRow
from core import ExplainError
from core.checkpoints import ModelCard
from dashboard import asking, clicks, controls, drafts, panels, recents, resources, scenes, services, state, uploads
from dashboard.banners import about_choice, open_services
from dashboard.forecast import forecast
from dashboard.interrupted import interrupted_panel, interrupted_run
from dashboard.job import Job
from dashboard.listing import cut, literal, short
from dashboard.picture_chooser import choose_picture
from dashboard.privacy import privacy_panel, private_switch, wants_private
from dashboard.progress import ended_early, progress_panel
from dashboard.question import Question
from dashboard.shown_run import LostRun, ShownRun
from dashboard.siblings import siblings_panel

Found = ShownRun | LostRun | Job | JobRow | None

UNKNOWN_RUN = "This server has no run with the name in the address. Check the link, look into History, or ask anew."

RUN_BUTTON = "run-button"


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    here = state.session()
    here.run_id = state.asked_run()
    found, problem = _find(here.run_id)
    if found is not None and not isinstance(found, JobRow) and here.filled_from != here.run_id:
        _fill_form(found)
        here.filled_from = here.run_id
    with st.sidebar:
        asked = _form()
    if asked:
        with clicks.kept(RUN_BUTTON, lambda: here.run_id == asked[0].id):
            found, problem = _ask(asked)
    if here.run_id:
        st.query_params[state.RUN] = here.run_id
    about_choice(st.session_state[state.Field.MODEL], st.session_state[state.Field.METHOD])
    notice = state.take_notice()
    if notice:
        st.info(notice)
    if problem:
        st.error(problem)
    if here.run_id:
        siblings_panel(here.run_id)
    _show(found)


def _find(name: str | None) -> tuple[Found, str | None]:
    """What the run on display is now, and what is wrong, if anything."""
    if not name:
        return None, None
    job = services.run_job(name, wait=True)
    if job is not None and job.outcome is not None and job.outcome.id != name:
        state.session().notice = ended_early(job)
        state.replace_sibling(name, job.outcome.id)
        state.show_run(job.outcome.id)
        return services.shown(job), None
    if job is not None and job.state != "done":
        return job, None
    try:
        return services.open_run(name) or interrupted_run(name), None
    except ExplainError as error:
        return None, str(error)


def _fill_form(found: ShownRun | LostRun | Job) -> None:
    found = found.question if isinstance(found, Job) else found
    request, chosen = found.request, found.chosen
    model = resources.catalogue().find(request.model)
    card = resources.catalogue().describe(model) if model else None
    drafts.fill(request, model, card)
    if chosen is not None:
        uploads.keep_or_take(found.pictures or (chosen,))


def _form() -> list[Question]:
    """Draws the form; returns the questions if Run was pressed and they can be asked."""
    drafts.begin()
    together = uploads.picture_field(resources.settings())
    scenes_at, recent_at = st.columns(2, gap="small")
    with scenes_at:
        if clicks.button("Scenes", key="open-gallery", width="stretch", help="Sample scenes with a question each"):
            _gallery_dialog()
    with recent_at:
        recents.pictures_button()
    prompt = controls.prompt_field()
    recents.prompts_button()
    # Run stands above the settings, which have good defaults; what it would do depends on them.
    run_at = st.container(key="ask")
    model = controls.model_field(resources.settings().choices)
    card, problem = _card(model)
    draft = controls.fields(prompt)
    questions: list[Question] = []
    if card is not None:
        try:
            questions = drafts.to_questions(draft, state.session().pictures, card, together)
        except ExplainError as error:
            problem = str(error)
    with run_at:
        st.button("Run", type="primary", key=RUN_BUTTON, width="stretch", on_click=clicks.noting(RUN_BUTTON))
        private_switch()
        if questions:
            forecast(questions)
        pressed = clicks.take(RUN_BUTTON)  # nothing is drawn between this and asking
        if pressed and not questions:
            st.error(problem)
    return questions if pressed else []


def _card(model: str) -> tuple[ModelCard | None, str | None]:
    """The model's card, or why there is none, which is said at once: stored runs can be looked at all the same."""
    try:
        card = resources.catalogue().describe(model)
    except ExplainError as error:
        st.error(str(error))
        return None, "The chosen model cannot be used. Choose another one."
    if card is None:
        _wait_for_model(model)
        return None, "The model is still being fetched. Run it when it is there."
    return card, None


@st.fragment(run_every=3)
def _wait_for_model(model: str) -> None:
    st.info("The model is being fetched from the hub. That can take many minutes; this page notices the end.")
    try:
        ready = resources.catalogue().describe(model) is not None
    except ExplainError:
        ready = True  # the whole page says what is wrong
    if ready:
        st.rerun()


@st.dialog("Sample scenes", width="large")
def _gallery_dialog() -> None:
    if scenes.gallery("dialog"):
        st.rerun()


def _ask(questions: list[Question]) -> tuple[Found, str | None]:
    here = state.session()
    # Said beforehand: the page may be cut off where the address changes.
    before, here.filled_from = here.filled_from, questions[0].id
    try:
        return asking.ask(*questions, private=wants_private()), None
    except ExplainError as error:
        here.filled_from = before
        return None, str(error)


def _show(found: Found) -> None:
    here = state.session()
    if isinstance(found, ShownRun):
        for sentence in found.notices:
            st.warning(sentence)
        panels.answer_panel(found, from_store=found.read_seconds is not None and found.id not in here.watched)
        panels.result_panel(choose_picture(found))
        privacy_panel(found.row)
    elif isinstance(found, LostRun):
        _show_lost(found)
    elif isinstance(found, Job):
        _show_job(found)
    elif isinstance(found, JobRow):
        interrupted_panel([found])
    else:
        if here.run_id:
            st.warning(UNKNOWN_RUN)
        _show_beginning()


def _show_lost(lost: LostRun) -> None:
    if lost.chosen is not None:
        st.warning(
            "History knows this run, but its heat is no longer stored. Everything is filled in on the left: "
            "press Run to compute it again, to the same values."
        )
    else:
        st.warning(_picture_gone(lost))
    with st.container(border=True):
        st.caption("Prompt")
        st.text(cut(lost.row.prompt))
        st.caption("Answer at that time")
        st.text(lost.row.answer)


def _picture_gone(lost: LostRun) -> str:
    if len(lost.row.names) == 1:
        return (
            "History knows this run, but its picture is no longer stored. Upload the same picture again and "
            "press Run; all else is filled in on the left."
        )
    names = ", ".join(literal(short(name, 60)) for name in lost.row.names)
    return (
        f"History knows this run, but not all of its {len(lost.row.names)} pictures are stored any more. Upload them "
        f"again, in this order: {names}; then press Run. All else is filled in on the left."
    )


def _show_job(job: Job) -> None:
    if job.is_active:
        state.session().watched.add(job.id)
        progress_panel(job.id)
    elif job.problem:
        st.error(job.problem)
        st.caption("Everything is still filled in on the left; change what is wrong and press Run.")
    else:
        st.info("The run was stopped before there was a map to show. Press Run to go on; what was computed is kept.")


def _show_beginning() -> None:
    st.header("Where in the picture does the answer come from?", anchor=False)
    st.markdown(
        "Upload a picture on the left or take one of these scenes, ask something about it, and press **Run**: "
        "the model answers, and every decoder layer gets a map."
    )
    scenes.gallery("start")
    interrupted_panel(services.interrupted())


page()
