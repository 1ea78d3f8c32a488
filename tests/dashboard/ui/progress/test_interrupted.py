from cache import JobLog
from dashboard.services import submit
from dashboard.storage.data_folder import jobs_file


def texts(app):
    return " ".join(element.value for element in app.text)


def test_interrupted_jobs_are_shown_with_how_far_they_were(visit, ask, interrupt):
    interrupt(ask(prompt="Where is *it*?", num_samples=30), done=12)
    app = visit("home")
    assert "Interrupted" in [element.value for element in app.subheader]
    assert "Where is *it*? (two-halves.png, 12 of 30 done, asked by anna" in texts(app)
    assert "Where is *it*?" in texts(visit("compute"))


def test_without_any_there_is_no_word_of_them(visit):
    assert "Interrupted" not in [element.value for element in visit("home").subheader]


def test_one_click_goes_on(visit, ask, interrupt, storage, monkeypatch):
    asked = []
    monkeypatch.setattr(submit, "_submit", lambda question: asked.append(question) or _stop())
    question = ask(num_samples=30)
    interrupt(question, done=12)
    visit("home").button(key=f"go-on-{question.id}").click().run()
    (again,) = asked
    assert again.request == question.request and again.chosen.data == question.chosen.data


def _stop():
    from core import ModelError

    raise ModelError("enough of this")


def test_a_run_that_became_stored_opens_at_once(visit, ask, interrupt, stored, storage):
    interrupt(ask())
    name = stored()
    app = visit("home").button(key=f"go-on-{name}").click().run()
    assert not app.exception
    assert storage.jobs.interrupted() == []


def test_a_picture_that_is_gone_is_said_and_the_job_stays(visit, ask, interrupt, storage):
    question = ask()
    interrupt(question)
    storage.pictures.drop(question.request.image)
    app = visit("home").button(key=f"go-on-{question.id}").click().run()
    assert "The picture two-halves.png is no longer stored" in app.error[0].value
    assert [row.job_id for row in storage.jobs.interrupted()] == [question.id]


def test_a_job_of_another_version_is_a_sentence(visit, storage, data_folder):
    log = JobLog(jobs_file(data_folder))
    log.begin("0123456789abcdef", "anna", {"request": {"colour": "red"}})
    log.close()
    app = visit("home")
    assert "another version of the program" in texts(app)
    app = app.button(key="go-on-0123456789abcdef").click().run()
    assert "another version of the program" in app.error[0].value


def test_one_can_be_forgotten(visit, ask, interrupt, storage):
    interrupt(ask())
    app = visit("home").button(key=f"forget-{ask().id}").click().run()
    assert "Interrupted" not in [element.value for element in app.subheader]
    assert storage.jobs.interrupted() == []


def test_the_address_of_an_interrupted_run_says_so(visit, ask, interrupt):
    interrupt(ask(), done=3)
    app = visit("compute", run=ask().id)
    assert "3 of 10 done" in texts(app)
    assert app.button(key=f"go-on-{ask().id}")
