"""Runs without a model: requests, pictures and results made by hand, kept in a temporary data folder."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit import config
from streamlit.testing.v1 import AppTest

from cache import JobLog
from core import Answer, ExplainRequest, ExplainResult, Picture, Token, load_picture
from core.checkpoints import ModelCard, describe_model
from core.loaded import LoadedModels
from core.schema import gather
from dashboard import settings
from dashboard.asking_again import asking_of
from dashboard.batch_feeder import Feeder
from dashboard.jobs import Jobs
from dashboard.question import ChosenPicture, Question
from dashboard.settings import Settings
from dashboard.storage import Storage, jobs_file, open_storage
from tests import waiting
from tests.waiting import PATIENCE

HOME = Path(__file__).parents[2] / "dashboard" / "Home.py"


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch) -> Path:
    """A data folder of this test alone; nothing of the machine's settings reaches it."""
    monkeypatch.setenv("SMOOTHCAM_DATA_FOLDER", str(tmp_path / "data"))
    for name in (
        "MODELS",
        "DEVICE",
        "STORE_GIGABYTES",
        "STORE_DAYS",
        "MAX_UPLOAD_MB",
        "MODELS_IN_MEMORY",
        "WORKER_DEVICES",
        "SCHEDULER",
        "ADMINS",
        "PEOPLE",
        "NAME_CLAIM",
        "PROXY_ONLY",
    ):
        monkeypatch.delenv(f"SMOOTHCAM_{name}", raising=False)
    monkeypatch.setenv("SMOOTHCAM_WORKERS", "0")  # in this process, where a test can put a stand-in for the engine
    monkeypatch.setattr(settings, "secrets_files", lambda: (tmp_path / "secrets.toml",))
    st.cache_resource.clear()
    yield tmp_path / "data"
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def nothing_left(data_folder, monkeypatch) -> Iterator[None]:
    """What a test has asked for and not waited for is stopped with it, so that nothing goes on beside later ones."""
    queues, feeders = [], []

    def note(method, made: list):
        def noted(self, *arguments, **options):
            made.append(self)
            return method(self, *arguments, **options)

        return noted

    monkeypatch.setattr(Jobs, "__init__", note(Jobs.__init__, queues))
    monkeypatch.setattr(Feeder, "start", note(Feeder.start, feeders))
    yield
    for feeder in feeders:
        feeder.stop()
    for queue in queues:
        for job in Jobs.active(queue):  # tests put stand-ins on it
            queue.cancel(job.id, "", force=True)
    waiting.wait_until(
        lambda: not any(map(Jobs.active, queues)) and not any(feeder.active for feeder in feeders),
        "The test left a job or a batch that goes on although it was stopped.",
    )


@pytest.fixture
def storage(data_folder) -> Storage:
    """The storage that pages of this test see, too."""
    return open_storage(Settings())


@pytest.fixture(scope="session")
def card() -> ModelCard:
    """The embedded model, looked at and not loaded."""
    return describe_model(device="cpu")


@pytest.fixture
def chosen(tmp_path) -> ChosenPicture:
    """A picture of 84 x 56 pixels, that is 2 rows of 3 visual tokens."""
    pixels = np.zeros((56, 84, 3), np.uint8)
    pixels[:, 42:] = (200, 40, 40)
    path = tmp_path / "two-halves.png"
    Image.fromarray(pixels).save(path)
    return ChosenPicture(path.name, path.read_bytes(), load_picture(path))


@pytest.fixture
def ask(chosen, card) -> Callable[..., Question]:
    """Makes questions about the picture: `ask(prompt="...", layers=(0, 1))`."""

    def make(device: str = "cpu", **changes) -> Question:
        values = {"prompt": "Where is the red half?", "layers": tuple(range(card.total_layers))}
        request = ExplainRequest(image=chosen.picture.digest, model=card.fingerprint, **(values | changes))
        return Question(request, chosen, replace(card, device=device))

    return make


@pytest.fixture
def explain() -> Callable[..., ExplainResult]:
    """Makes a result: layer l is hot in the right third, the more the later."""

    def make(request: ExplainRequest, text: str = "right", num_samples: int | None = None) -> ExplainResult:
        side = 2 if request.part == "tower" else 1  # patches on a visual token's side
        heat = np.full((len(request.maps), 2 * side, 3 * side), 0.1, np.float32)
        heat[:, :, 2 * side :] += np.array(request.layers or (4,), np.float32)[:, None, None]
        tokens, start = [], 0
        for number, word in enumerate(text.split()):
            start = text.index(word, start)
            tokens.append(Token(number, word, 0.9, (("left", 0.05),), start, start + len(word)))
            start += len(word)
        return ExplainResult(
            request=request,
            answer=Answer(text, tuple(tokens)),
            heat=heat,
            squared_deviation=heat / 10,
            num_samples=request.num_samples if num_samples is None else num_samples,
            total_layers=8 if request.part == "decoder" else 4,
            timings={"answer": 0.5, "samples": 1.5},
        )

    return make


class FakeExplainer:
    """Stands for `core.Explainer`: counts what it is asked, and makes results by hand."""

    def __init__(self, make_result: Callable[..., ExplainResult], samples_before_stop: int | None = None) -> None:
        self.make_result = make_result
        self.samples_before_stop = samples_before_stop
        self.asked: list[tuple[ExplainRequest, Answer | None]] = []
        self.begun: list[list[int]] = []  # call by call: how many samples each request had

    def call(self, function: Callable, *arguments, on_step):
        return function(self, *arguments, on_step=on_step)

    def run(
        self, picture: Picture, requests: list[ExplainRequest], *, answer=None, so_far=None, on_progress=None
    ) -> list[ExplainResult]:
        from core import Cancelled, Progress

        self.asked.append((requests, answer))
        counts = [0 if part is None else part.num_samples for part in so_far or [None] * len(requests)]
        self.begun.append(counts)
        total, begin = requests[0].num_samples, min(counts)
        text = "right" if answer is None else answer.text
        for done in range(begin + 1, total + 1):
            if self.samples_before_stop is not None and done > self.samples_before_stop:
                raise Cancelled("stopped")
            parts = tuple(
                self.make_result(request, text, max(done, count))
                for request, count in zip(requests, counts, strict=True)
            )
            on_progress(Progress("samples", done, total, parts, begin))
        return [self.make_result(request, text) for request in requests]


@pytest.fixture
def explainer(explain) -> FakeExplainer:
    """An explainer without a model."""
    return FakeExplainer(explain)


@pytest.fixture
def without_model(monkeypatch, explainer) -> FakeExplainer:
    """Pages of this test compute with an explainer without a model."""
    monkeypatch.setattr(LoadedModels, "get", lambda models, card: explainer)
    return explainer


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Waits for what another thread does."""
    return waiting.wait_until


@pytest.fixture
def stored(ask, explain, storage) -> Callable[..., str]:
    """Puts a run into storage and history, and returns its name: `stored(prompt="...")`."""
    from dashboard.studies import whole_run
    from dashboard.work import keep

    def put(text: str = "right", **changes) -> str:
        question = ask(**changes)
        result = gather([explain(request, text) for request in whole_run(question.request)])
        outcome = keep(question, result, storage, seconds=2.0)
        assert outcome.kept
        return outcome.id

    return put


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Opens a page as a new visitor: `visit("compute", run="...")`."""

    def open_page(page: str, **params: str) -> AppTest:
        return _opened(AppTest.from_file(HOME, default_timeout=PATIENCE), page, params)

    return open_page


def _opened(app: AppTest, page: str, params: dict[str, str]) -> AppTest:
    app.run()
    if page != "landing":
        app.switch_page(f"screens/{page}.py")
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


@pytest.fixture
def option():
    """Sets options of Streamlit's for one test."""
    before = {}

    def put(name, value):
        before.setdefault(name, config.get_option(name))
        config._set_option(name, value, "test")

    yield put
    for name, value in before.items():
        config._set_option(name, value, "test")


@pytest.fixture
def visit_as(option) -> Callable[..., AppTest]:
    """Opens a page as somebody whom a proxy has signed in: `visit_as("ada", "compute", run="...")`."""
    option("server.trustedUserHeaders", {"X-User": "name"})

    def open_page(name: str | None, page: str = "landing", **params: str) -> AppTest:
        app = AppTest.from_file(HOME, default_timeout=PATIENCE)
        app.user = {"name": name}
        return _opened(app, page, params)

    return open_page


@pytest.fixture
def interrupt(storage, data_folder):
    """A server that queued questions and was killed: `interrupt(question, done=3)`."""

    def leave(*questions, done=0, person="anna"):
        log = JobLog(jobs_file(data_folder))
        for question in questions:
            storage.pictures.put(question.request.image, question.chosen.data)
            log.begin(question.id, person, asking_of(question))
            if done:
                log.note(question.id, "running", done, question.request.num_samples)
        log.close()

    return leave
