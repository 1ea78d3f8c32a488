"""Runs without a model: requests, pictures and results made by hand, kept in a temporary data folder."""

import gc
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import psutil
import pytest
import streamlit as st
from PIL import Image
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from cache import Asker, JobLog
from cache.batches.batch import Batch, Row
from core import Answer, ExplainRequest, ExplainResult, Picture, Progress, Token, Video, load_picture
from core.engine.model_pool import ModelPool
from core.inputs.videos.clips import to_clip
from core.models.checkpoints import ModelCard, describe_model
from core.schema import TimeStep, gather
from core.schema.run_requests import whole_run
from dashboard import resources, settings
from dashboard.auth import identity
from dashboard.auth.identity import Person
from dashboard.batch.feeder import Feeder
from dashboard.jobs import device_speed
from dashboard.jobs.job import Job
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question, question_of, question_to_dict
from dashboard.jobs.queue import JobQueue
from dashboard.jobs.runner import compute
from dashboard.jobs.videos import ChosenVideo
from dashboard.language import speaking
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import FormKey
from dashboard.settings import Settings
from dashboard.storage.data_folder import Storage, jobs_file, open_storage
from tests import waiting
from tests.dashboard.people import ADA, ROOT, SECRET
from tests.limits import with_published_limits
from tests.waiting import PATIENCE

# At every run of a page AppTest reads what all installed packages say of themselves, a tenth of a second each time.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

MOST_OPEN_FILES = 300
"""Beyond which those that nobody uses any more are closed; some systems allow 1,024."""
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
        "VISUAL_TOKENS",
        "MAX_UPLOAD_MB",
        "UPLOAD_MB_PER_VISITOR",
        "UPLOAD_MB_IN_ALL",
        "DECODED_MB",
        "MODELS_IN_MEMORY",
        "WORKER_DEVICES",
        "SCHEDULER",
        "ADMINS",
        "PEOPLE",
        "NAME_CLAIM",
        "PROXY_ONLY",
        "API",
    ):
        monkeypatch.delenv(f"SMOOTHCAM_{name}", raising=False)
    monkeypatch.setenv("SMOOTHCAM_WORKERS", "0")  # in this process, where a test can put a stand-in for the engine
    monkeypatch.setattr(settings, "secrets_files", lambda: (tmp_path / "secrets.toml",))
    st.cache_resource.clear()
    yield tmp_path / "data"
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch) -> None:
    """No device is measured, which would bring torch."""
    monkeypatch.setattr(device_speed, "measure", lambda *_: None)


@pytest.fixture(autouse=True)
def nothing_left(data_folder, monkeypatch) -> Iterator[None]:
    """What a test has asked for and not waited for is stopped with it, so that nothing goes on beside later ones."""
    queues, feeders = [], []

    def note(method, made: list):
        def noted(self, *arguments, **options):
            made.append(self)
            return method(self, *arguments, **options)

        return noted

    monkeypatch.setattr(JobQueue, "__init__", note(JobQueue.__init__, queues))
    monkeypatch.setattr(Feeder, "start", note(Feeder.start, feeders))
    yield
    for feeder in feeders:
        feeder.stop()
    for queue in queues:
        for job in JobQueue.active(queue):  # tests put stand-ins on it
            queue.cancel(job.id, "", force=True)
    waiting.wait_until(
        lambda: not any(map(JobQueue.active, queues)) and not any(feeder.active for feeder in feeders),
        "The test left a job or a batch that goes on although it was stopped.",
    )
    if psutil.Process().num_fds() > MOST_OPEN_FILES:
        gc.collect()  # the databases of earlier tests, which Python closes when it happens to look for them


@pytest.fixture
def storage(data_folder) -> Storage:
    """The storage that pages of this test see, too."""
    return open_storage(Settings())


@pytest.fixture(scope="session")
def card() -> ModelCard:
    """The embedded model, looked at and not loaded."""
    return describe_model(device="cpu")


@pytest.fixture
def roomy(tmp_path, monkeypatch) -> ModelCard:
    """The embedded model with Qwen2.5-VL's published limits of pixels, offered on the pages of this test."""
    folder = with_published_limits(tmp_path / "roomy")
    monkeypatch.setenv("SMOOTHCAM_MODELS", str(folder))
    return describe_model(folder, "cpu")


@pytest.fixture
def photo(tmp_path) -> ChosenPicture:
    """A picture of 4000 x 3000 pixels, 15,301 visual tokens by those limits."""
    path = tmp_path / "photo.png"
    Image.new("RGB", (4000, 3000), (90, 120, 60)).save(path)
    return ChosenPicture(path.name, path.read_bytes(), load_picture(path))


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
    """Makes a result: layer l is hot in the right third, the more the later; picture n is n + 1 times as hot."""

    def make(request: ExplainRequest, text: str = "right", num_samples: int | None = None) -> ExplainResult:
        side = 2 if request.part == "tower" else 1  # patches on a visual token's side
        heat = np.full((len(request.maps), 2 * side, 3 * side), 0.1, np.float32)
        heat[:, :, 2 * side :] += np.array(request.layers or (4,), np.float32)[:, None, None]
        heat *= request.picture + 1
        steps = tuple(TimeStep(step / 2, (step + 1) / 2) for step in range(request.frames // 2))
        if steps:  # the hotter the later
            heat = heat[:, None] * np.arange(1, len(steps) + 1, dtype=np.float32)[:, None, None]
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
            steps=steps,
        )

    return make


@pytest.fixture
def film() -> ChosenVideo:
    """A video of 6 frames of 84 x 56 pixels, a quarter of a second each: a bar that moves to the right, over noise."""
    frames = np.random.default_rng(0).integers(0, 90, (6, 56, 84, 3), np.uint8)
    for number, frame in enumerate(frames):
        frame[:, 14 * number : 14 * number + 14] = (250, 240, 20)
    video = Video.of(frames, np.arange(6) / 4, 1.5, ("The camera's orientation mark was applied.",))
    return ChosenVideo("walk.mp4", to_clip(video), video)


@pytest.fixture
def ask_film(film, card) -> Callable[..., Question]:
    """Makes questions about the video."""

    def make(**changes) -> Question:
        values = {"prompt": "When does the bar move?", "layers": tuple(range(card.total_layers))}
        request = ExplainRequest(image=film.digest, frames=6, model=card.fingerprint, **(values | changes))
        return Question(request, film, card)

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
    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    return explainer


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Waits for what another thread does."""
    return waiting.wait_until


@pytest.fixture
def stored(ask, explain, storage) -> Callable[..., str]:
    """Puts a run into storage and history, and returns its name: `stored(prompt="...")`."""

    def put(text: str = "right", **changes) -> str:
        question = ask(**changes)
        result = gather([explain(request, text) for request in whole_run(question.request)])
        outcome = keep(question, result, storage, seconds=2.0)
        assert outcome.kept
        return outcome.id

    return put


@pytest.fixture
def result_by_method(explain) -> Callable[..., ExplainResult]:
    """The whole result of a question: combined maps are hot at the left, and those of other methods at the right."""

    def make(question: Question) -> ExplainResult:
        parts = [explain(part) for part in whole_run(question.request)]
        return gather(
            [replace(each, heat=each.heat[:, :, ::-1]) if each.request.method == "combined" else each for each in parts]
        )

    return make


@pytest.fixture
def stored_by_method(ask, result_by_method, storage) -> Callable[..., str]:
    """Stores a run whose combined map is another than that of its method: `stored_by_method(method="gradcam")`."""

    def put(**changes) -> str:
        question = ask(**{"layers": (2, 5)} | changes)
        outcome = keep(question, result_by_method(question), storage, seconds=2.0)
        assert outcome.kept
        return outcome.id

    return put


@pytest.fixture
def pictures(chosen) -> tuple[ChosenPicture, ...]:
    """The picture and two more of its size, for one prompt."""

    def plain(name: str, colour: tuple[int, int, int]) -> ChosenPicture:
        data = io.BytesIO()
        Image.fromarray(np.full((56, 84, 3), colour, np.uint8)).save(data, "PNG")
        return ChosenPicture(name, data.getvalue(), load_picture(data.getvalue()))

    return chosen, plain("b & c.png", (0, 90, 0)), plain("c.png", (0, 0, 90))


@pytest.fixture
def ask_all(ask, pictures, card) -> Callable[..., Question]:
    """Makes questions about all three: `ask_all(prompt="...")`."""

    def make(**changes) -> Question:
        images = tuple(each.picture.digest for each in pictures)
        return question_of(ask(images=images, **changes).request, pictures, card)

    return make


@pytest.fixture
def result_of(explain) -> Callable[..., ExplainResult]:
    """The whole result of a question."""
    return lambda question, text="right": gather([explain(part, text) for part in whole_run(question.request)])


@pytest.fixture
def stored_all(ask_all, result_of, storage) -> Callable[..., str]:
    """Stores a run about all three and returns its name."""

    def put(**changes) -> str:
        question = ask_all(**changes)
        outcome = keep(question, result_of(question), storage, seconds=2.0, samples=4)
        assert outcome.kept
        return outcome.id

    return put


@pytest.fixture
def visit() -> Callable[..., AppTest]:
    """Opens a page as a new visitor, with all fields of its form: `visit("compute", run="...")`."""

    def open_page(page: str, /, **params: str) -> AppTest:
        return _opened(AppTest.from_file(HOME, default_timeout=PATIENCE), page, params)

    return open_page


def _opened(app: AppTest, page: str, params: dict[str, str]) -> AppTest:
    app.session_state[FormKey.ADVANCED] = True  # its fields are drawn only while it is open
    if page != "home":
        app.switch_page(f"app_pages/{page}.py")
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

    def open_page(name: str | None, page: str = "home", /, **params: str) -> AppTest:
        app = AppTest.from_file(HOME, default_timeout=PATIENCE)
        app.user = {"name": name}
        return _opened(app, page, params)

    return open_page


@pytest.fixture
def visit_in_chinese(option) -> Iterator[Callable[..., AppTest]]:
    """Opens a page as a visitor who reads Chinese: `visit_in_chinese("compute", run="...")`.

    The test itself speaks it, too: what a test chooses by its title, AppTest names in the test's own thread.
    """
    option("server.trustedUserHeaders", {"X-User": "name"})

    def open_page(page: str, /, name: str = ADA, **params: str) -> AppTest:
        app = AppTest.from_file(HOME, default_timeout=PATIENCE)
        app.user = {"name": name}
        app.session_state["language"] = "zh_Hans"
        return _opened(app, page, params)

    with speaking("zh_Hans"):
        yield open_page


@pytest.fixture
def interrupt(storage, data_folder):
    """A server that queued questions and was killed: `interrupt(question, done=3)`."""

    def leave(*questions, done=0, person="anna"):
        log = JobLog(jobs_file(data_folder))
        for question in questions:
            storage.pictures.put(question.request.image, question.chosen.data)
            log.begin(question.id, person, question_to_dict(question))
            if done:
                log.note(question.id, "running", done, question.request.num_samples)
        log.close()

    return leave


@pytest.fixture
def administrators(monkeypatch) -> None:
    """ROOT of `tests.dashboard.people` is the server's administrator."""
    monkeypatch.setenv("SMOOTHCAM_ADMINS", ROOT)
    st.cache_resource.clear()


@pytest.fixture
def stored_by(ask, result_of, storage) -> Callable[..., str]:
    """Puts a run into the history of whoever asked: `stored_by(ADA, private=True, prompt="...")`."""

    def put(name: str, private: bool = False, **changes) -> str:
        question = replace(ask(**changes), asker=Asker(name, private))
        outcome = keep(question, result_of(question), storage, seconds=2.0)
        assert outcome.kept
        return outcome.id

    return put


@pytest.fixture
def as_person(monkeypatch) -> Callable[..., None]:
    """Makes the test's own thread somebody's page."""

    def become(name: str, *, is_admin: bool = False, signed_in: bool = True) -> None:
        monkeypatch.setattr(identity, "person", lambda: Person(name, is_admin, signed_in))

    return become


class Held:
    """Stands for the queue's work: computes when it is told to."""

    def __init__(self, storage, explainer):
        self.go = threading.Event()
        self.storage, self.explainer = storage, explainer

    def __call__(self, question, on_progress):
        assert self.go.wait(PATIENCE)
        backend = type("Backend", (), {"get": lambda _, card: self.explainer})()
        return compute(question, on_progress, storage=self.storage, backend=backend)


@pytest.fixture
def holding(storage, explain, monkeypatch) -> Iterator[Callable[[type[Held]], Held]]:
    """Gives this test a queue whose jobs wait; in the end they go on."""
    begun = []

    def begin(kind: type[Held]) -> Held:
        work = kind(storage, FakeExplainer(explain))
        jobs = JobQueue(work, resources.is_waiting)
        monkeypatch.setattr(resources, "jobs", lambda: jobs)
        begun.append(work)
        return work

    yield begin
    for work in begun:
        work.go.set()


@pytest.fixture
def held(holding) -> Held:
    """The queue of this test, whose jobs wait for `held.go.set()`."""
    return holding(Held)


class Told(Held):
    """Likewise; before that it tells what a test says: `told.tell(Progress(...))`."""

    def __call__(self, question, on_progress):
        self.tell = on_progress
        on_progress(Progress("load", 0, 1))
        return super().__call__(question, on_progress)


@pytest.fixture
def told(holding) -> Told:
    """The queue of this test, whose jobs tell what it says and wait for `told.go.set()`."""
    return holding(Told)


@pytest.fixture
def batch_of(ask, chosen, storage) -> Callable[..., Batch]:
    """A stored batch of two rows: `batch_of(ADA, private=True)`."""

    def put(name: str, private: bool = False) -> Batch:
        storage.pictures.put(chosen.picture.digest, chosen.data)
        prompts = ("What is this?", f"Where is the {SECRET}?")
        rows = tuple(Row(n, "two-halves.png", chosen.picture.digest, prompt) for n, prompt in enumerate(prompts, 1))
        batch = Batch(1.0, ask(num_samples=2).request, rows, name, private)
        storage.batches.put(batch)
        return batch

    return put


@pytest.fixture
def backend(explainer) -> ModelPool:
    """What computes in this test: its only explainer is the one without a model."""
    return ModelPool(1, load=lambda card: explainer)


@pytest.fixture
def tower_run(ask, explain) -> LoadedRun:
    """A run about the blocks of the vision tower."""
    question = ask(part="tower", layers=(0, 1, 2, 3))
    return LoadedRun(explain(question.request), question.chosen)


@pytest.fixture
def exported(ask, explain, storage) -> Callable[..., LoadedRun]:
    """Runs as a page has them, with this heat in all layers: `exported(prompt="...")`."""

    def make(heat=None, **changes):
        question = ask(**changes)
        parts = [explain(request, "in the right half") for request in whole_run(question.request)]
        if heat is not None:
            maps = np.resize(heat, parts[0].heat.shape)
            parts[0] = replace(parts[0], heat=maps, squared_deviation=maps[::-1].copy())
        outcome = keep(question, gather(parts), storage, seconds=2.0, samples=3)
        return LoadedRun(outcome.result, question.chosen, storage.runs.get(outcome.id))

    return make


@pytest.fixture
def job(ask) -> Callable[..., Job]:
    """Makes jobs: `job("done", 2.0)`."""

    def make(state: str, seconds: float = 0.0) -> Job:
        question = ask(prompt="a secret prompt")
        return Job(question, state, "", 0, 1, None, False, seconds, None, None, None)

    return make
