"""Compute: ask a question about a picture, watch it run, look at every layer."""

from contextlib import nullcontext

import streamlit as st

from cache import JobRow
from core import ExplainError
from dashboard import resources
from dashboard.auth.privacy import privacy_panel, private_switch, wants_private
from dashboard.formatting import cut, literal, short, visible
from dashboard.jobs.job import Job
from dashboard.jobs.question import Question
from dashboard.language import N_, _, listed, sentence
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services import waiting
from dashboard.services.ask import ask
from dashboard.services.open import open_run, shown
from dashboard.session import address, clicks, keys, state
from dashboard.session.keys import RUN_BUTTON
from dashboard.ui.attention_note import attention_note
from dashboard.ui.banners import about_choice, imported_banner, open_services
from dashboard.ui.form import uploads
from dashboard.ui.form.advanced import advanced_fields
from dashboard.ui.form.chosen_model import chosen_card
from dashboard.ui.form.chosen_pictures import chosen_pictures_panel
from dashboard.ui.form.conversation_fields import turns_note
from dashboard.ui.form.draft import fill_form, to_questions
from dashboard.ui.form.fields import model_field, prompt_field
from dashboard.ui.form.follow_up import follow_up_button
from dashboard.ui.form.forecast import forecast
from dashboard.ui.form.gallery import gallery
from dashboard.ui.form.how_loaded import how_loaded
from dashboard.ui.form.recent import recent_button
from dashboard.ui.form.recommended import set_defaults
from dashboard.ui.form.run_shortcut import run_shortcut
from dashboard.ui.progress.before import before_panel
from dashboard.ui.progress.interrupted import interrupted_panel, interrupted_run
from dashboard.ui.progress.progress import ended_early
from dashboard.ui.progress.sibling_runs import sibling_runs_panel
from dashboard.ui.viewer.panel import job_panel, run_panel
from dashboard.ui.viewer.picture_chooser import choose_picture

Found = LoadedRun | EvictedRun | Job | JobRow | None

UNKNOWN_RUN = N_("This server has no run with the name in the address. Check the link, look into History, or ask anew.")


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
        run_shortcut()
    if questions:
        with clicks.until_done(RUN_BUTTON, lambda: session.run_id == questions[0].id):
            found, problem = _ask(questions)
    if session.run_id:
        st.query_params[keys.RUN] = session.run_id
    notice = state.take_notice()
    if notice:
        st.info(notice)
    if problem:
        st.error(sentence(problem))
    if session.run_id:
        sibling_runs_panel(session.run_id)
    _show(found)
    about_choice(*(st.session_state.get(key) for key in (keys.FormKey.METHOD, keys.FormKey.WHERE)))


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
        found = open_run(name)
        if found is not None and found.record is not None and found.record.run_id != name:
            # A link of before leads to what was imported; a run of one's own may take that name later.
            address.replace_sibling(name, found.record.run_id)
            address.show_run(found.record.run_id)
        return found or interrupted_run(name), None
    except ExplainError as error:
        return None, str(error)


def _fill_from(found: LoadedRun | EvictedRun | Job) -> None:
    found = found.question if isinstance(found, Job) else found
    pictures = found.pictures or ((found.chosen,) if found.chosen is not None else ())
    fill_form(found.request, pictures)
    if pictures:
        uploads.take_unless_there(pictures)


def _form() -> list[Question]:
    """Draws the form; returns the questions if Run was pressed and they can be asked."""
    set_defaults()
    together = uploads.picture_field(resources.settings())
    prompt = prompt_field()
    turns_note()
    with st.container(horizontal=True, gap="small", key="take-up"):
        about = _("Sample scenes with a question each")
        if clicks.button(_("Scenes"), key="open-gallery", type="tertiary", width="content", help=about):
            _gallery_dialog()
        recent_button()
    # Run stands above the model and the rest, which have good defaults; what it would do depends on them.
    run_at = st.container(key="ask")
    model = model_field(resources.settings().choices)
    card, problem = chosen_card(model)
    draft = advanced_fields(prompt)
    if card is not None:
        attention_note(draft.method, card.decoder, draft.where)
    questions: list[Question] = []
    if card is not None:
        how_loaded(card)
        try:
            questions = to_questions(draft, state.session().pictures, card, together)
        except ExplainError as error:
            problem = sentence(str(error))
    with run_at:
        st.button(_("Run"), type="primary", key=RUN_BUTTON, width="stretch", on_click=clicks.noting(RUN_BUTTON))
        private_switch()
        if questions:
            forecast(questions)
        pressed = clicks.take(RUN_BUTTON)  # nothing is drawn between this and asking
        if pressed and not questions:
            st.error(problem)
    return questions if pressed else []


def _gallery_dialog() -> None:
    # Its title is that of the language in which the page is drawn.
    st.dialog(_("Sample scenes"), width="large")(_gallery)()


def _gallery() -> None:
    if gallery("dialog"):
        st.rerun()


def _ask(questions: list[Question]) -> tuple[Found, str | None]:
    session = state.session()
    # Said beforehand: the page may be cut off where the address changes.
    before, session.filled_from = session.filled_from, questions[0].id
    try:
        return ask(*questions, private=wants_private()), None
    except ExplainError as error:
        return None, str(error)
    finally:
        if session.run_id != questions[0].id:  # refused, or cut off before it came on display
            session.filled_from = before


def _show(found: Found) -> None:
    session = state.session()
    if isinstance(found, LoadedRun):
        session.last_shown = found.id
        for notice in found.notices:
            st.warning(sentence(notice))
        imported_banner({"": found.request.origin})
        _show_others(found)
        from_store = found.read_seconds is not None and found.id not in session.watched
        run_panel(choose_picture(found), from_store, beside_answer=_follow_up)
        privacy_panel(found.record)
    elif isinstance(found, EvictedRun):
        _show_evicted(found)
    elif isinstance(found, Job):
        _show_job(found)
    elif isinstance(found, JobRow):
        interrupted_panel([found])
    else:
        if session.run_id:
            st.warning(_(UNKNOWN_RUN))
        _show_beginning()


def _follow_up(run: LoadedRun) -> None:
    follow_up_button(run.request, run.result.answer, run.all_pictures)


def _show_evicted(run: EvictedRun) -> None:
    imported_banner({"": run.record.origin})
    if run.record.origin:
        st.warning(
            _(
                "The heat or a picture of this imported run is no longer stored. Import it once more; or press Run to "
                "ask the same here, which is a run of its own and may give another answer."
            )
        )
    elif run.chosen is not None:
        st.warning(
            _(
                "History knows this run, but its heat is no longer stored. Everything is filled in on the left: press "
                "Run to compute it again, to the same values."
            )
        )
    else:
        st.warning(_picture_gone(run))
    with st.container(border=True):
        st.caption(_("Prompt"))
        st.text(cut(run.record.prompt))
        st.caption(_("Answer at that time"))
        st.text(visible(run.record.answer))


def _picture_gone(run: EvictedRun) -> str:
    if run.record.request.get("frames"):
        return _(
            "History knows this run, but its video is no longer stored. Upload the same video again, have the same "
            "frames sampled, and press Run; all else is filled in on the left."
        )
    if len(run.record.names) == 1:
        return _(
            "History knows this run, but its picture is no longer stored. Upload the same picture again and press Run; "
            "all else is filled in on the left."
        )
    return _(
        "History knows this run, but not all of its {count} pictures are stored any more. Upload them again, in this "
        "order: {names}; then press Run. All else is filled in on the left.",
        count=len(run.record.names),
        names=listed(literal(short(name, 60)) for name in run.record.names),
    )


def _show_others(run: LoadedRun) -> None:
    """The pictures in the form, where they are not the run's: somebody has just chosen them, and has not asked yet."""
    there = {chosen.digest for chosen in run.all_pictures}
    pictures = state.session().pictures
    if pictures and there.isdisjoint(chosen.digest for chosen in pictures):
        chosen_pictures_panel(pictures)
        st.divider()
        st.caption(_("The run before stays here until then."))


def _show_job(job: Job) -> None:
    before = _run_before(job)
    if job.is_active:
        state.session().watched.add(job.id)
        if before is None:
            job_panel(job)
    elif job.problem:
        st.error(literal(sentence(job.problem)))
        st.caption(_("Everything is still filled in on the left; change what is wrong and press Run."))
    else:
        st.info(_("The run was stopped before there was a map to show. Press Run to go on; what was computed is kept."))
    if before is not None:
        imported_banner({"": before.request.origin})
        # Where there is a map of the same picture already, it stays until the new one grows in its place.
        with before_panel() if job.is_active else nullcontext():
            run_panel(choose_picture(before), from_store=False, growing=job.id if job.is_active else None)


def _run_before(job: Job) -> LoadedRun | None:
    """The run that was on display when this was asked, if it is about the same pictures."""
    name = state.session().last_shown
    try:
        found = open_run(name) if name else None
    except ExplainError:  # it is no more than what was there before
        return None
    asked = [chosen.digest for chosen in job.question.all_pictures]
    same = isinstance(found, LoadedRun) and [chosen.digest for chosen in found.all_pictures] == asked
    return found if same else None


def _show_beginning() -> None:
    pictures = state.session().pictures
    if pictures:
        chosen_pictures_panel(pictures)
    else:
        st.header(_("Where in the picture does the answer come from?"), anchor=False)
        st.markdown(
            _(
                "Click on one of these scenes, or upload a picture or a video on the left and ask something about it: "
                "the model answers, and every decoder layer gets a map."
            )
        )
        gallery("start")
    interrupted_panel(waiting.interrupted())


page()
