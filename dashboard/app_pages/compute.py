"""Compute: ask a question about a picture, watch it run, look at every layer."""

import streamlit as st

from cache import JobRow
from core import ExplainError
from core.models.checkpoints import ModelCard
from dashboard import resources
from dashboard.auth.privacy import privacy_panel, private_switch, wants_private
from dashboard.formatting import cut, literal, short
from dashboard.jobs.job import Job
from dashboard.jobs.question import Question
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services import waiting
from dashboard.services.ask import ask
from dashboard.services.open import open_run, shown
from dashboard.session import address, clicks, keys, state
from dashboard.ui.banners import about_choice, open_services
from dashboard.ui.form import uploads
from dashboard.ui.form.draft import fill_form, set_defaults, to_questions
from dashboard.ui.form.fields import draft_fields, model_field, prompt_field
from dashboard.ui.form.forecast import forecast
from dashboard.ui.form.gallery import gallery
from dashboard.ui.form.recent import pictures_button, prompts_button
from dashboard.ui.progress.interrupted import interrupted_panel, interrupted_run
from dashboard.ui.progress.progress import ended_early, progress_panel
from dashboard.ui.progress.sibling_runs import sibling_runs_panel
from dashboard.ui.viewer.panel import answer_panel, result_panel
from dashboard.ui.viewer.picture_chooser import choose_picture

Found = LoadedRun | EvictedRun | Job | JobRow | None

UNKNOWN_RUN = "This server has no run with the name in the address. Check the link, look into History, or ask anew."

RUN_BUTTON = "run-button"


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    session = state.session()
    session.run_id = address.asked_run()
    found, problem = _find(session.run_id)
    if found is not None and not isinstance(found, JobRow) and session.filled_from != session.run_id:
        _fill_from(found)
        session.filled_from = session.run_id
    with st.sidebar:
        questions = _form()
    if questions:
        with clicks.until_done(RUN_BUTTON, lambda: session.run_id == questions[0].id):
            found, problem = _ask(questions)
    if session.run_id:
        st.query_params[keys.RUN] = session.run_id
    about_choice(st.session_state[keys.FormKey.MODEL], st.session_state[keys.FormKey.METHOD])
    notice = state.take_notice()
    if notice:
        st.info(notice)
    if problem:
        st.error(problem)
    if session.run_id:
        sibling_runs_panel(session.run_id)
    _show(found)


def _find(name: str | None) -> tuple[Found, str | None]:
    """What the run on display is now, and what is wrong, if anything."""
    if not name:
        return None, None
    job = waiting.run_job(name, wait=True)
    if job is not None and job.outcome is not None and job.outcome.id != name:
        state.session().notice = ended_early(job)
        address.replace_sibling(name, job.outcome.id)
        address.show_run(job.outcome.id)
        return shown(job), None
    if job is not None and job.state != "done":
        return job, None
    try:
        return open_run(name) or interrupted_run(name), None
    except ExplainError as error:
        return None, str(error)


def _fill_from(found: LoadedRun | EvictedRun | Job) -> None:
    found = found.question if isinstance(found, Job) else found
    request, chosen = found.request, found.chosen
    fill_form(request)
    if chosen is not None:
        uploads.take_unless_there(found.pictures or (chosen,))


def _form() -> list[Question]:
    """Draws the form; returns the questions if Run was pressed and they can be asked."""
    set_defaults()
    together = uploads.picture_field(resources.settings())
    scenes_at, recent_at = st.columns(2, gap="small")
    with scenes_at:
        if clicks.button("Scenes", key="open-gallery", width="stretch", help="Sample scenes with a question each"):
            _gallery_dialog()
    with recent_at:
        pictures_button()
    prompt = prompt_field()
    prompts_button()
    # Run stands above the settings, which have good defaults; what it would do depends on them.
    run_at = st.container(key="ask")
    model = model_field(resources.settings().choices)
    card, problem = _card(model)
    draft = draft_fields(prompt)
    questions: list[Question] = []
    if card is not None:
        try:
            questions = to_questions(draft, state.session().pictures, card, together)
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
    if gallery("dialog"):
        st.rerun()


def _ask(questions: list[Question]) -> tuple[Found, str | None]:
    session = state.session()
    # Said beforehand: the page may be cut off where the address changes.
    before, session.filled_from = session.filled_from, questions[0].id
    try:
        return ask(*questions, private=wants_private()), None
    except ExplainError as error:
        session.filled_from = before
        return None, str(error)


def _show(found: Found) -> None:
    session = state.session()
    if isinstance(found, LoadedRun):
        for sentence in found.notices:
            st.warning(sentence)
        answer_panel(found, from_store=found.read_seconds is not None and found.id not in session.watched)
        result_panel(choose_picture(found))
        privacy_panel(found.record)
    elif isinstance(found, EvictedRun):
        _show_evicted(found)
    elif isinstance(found, Job):
        _show_job(found)
    elif isinstance(found, JobRow):
        interrupted_panel([found])
    else:
        if session.run_id:
            st.warning(UNKNOWN_RUN)
        _show_beginning()


def _show_evicted(run: EvictedRun) -> None:
    if run.chosen is not None:
        st.warning(
            "History knows this run, but its heat is no longer stored. Everything is filled in on the left: "
            "press Run to compute it again, to the same values."
        )
    else:
        st.warning(_picture_gone(run))
    with st.container(border=True):
        st.caption("Prompt")
        st.text(cut(run.record.prompt))
        st.caption("Answer at that time")
        st.text(run.record.answer)


def _picture_gone(run: EvictedRun) -> str:
    if len(run.record.names) == 1:
        return (
            "History knows this run, but its picture is no longer stored. Upload the same picture again and "
            "press Run; all else is filled in on the left."
        )
    names = ", ".join(literal(short(name, 60)) for name in run.record.names)
    return (
        f"History knows this run, but not all of its {len(run.record.names)} pictures are stored any more. Upload them "
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
    gallery("start")
    interrupted_panel(waiting.interrupted())


page()
