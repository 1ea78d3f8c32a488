"""History: kept, found in any language, shared by threads and processes, migrated."""

import json
import logging
import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import Run, RunLog, StoreError, run_id, run_table
from core.targets import Target
from tests.cache.samples import few_examples, make_request

ROOT = Path(__file__).parents[2]


def make_run(number: int = 0, **changes) -> Run:
    request = make_request(seed=number)
    values = {
        "run_id": run_id(request),
        "created": 1000.0 + number,
        "updated": 1000.0 + number,
        "image": request.image,
        "picture_name": "scene.png",
        "prompt": request.prompt,
        "answer": "on the left",
        "model_name": "embedded",
        "request": request.to_dict(),
        "method": request.method,
        "num_samples": request.num_samples,
        "duration": 2.5,
        "thumbnail": b"RIFF\0WEBP",
    }
    return Run(**{**values, **changes})


@pytest.fixture
def log(tmp_path):
    log = RunLog(tmp_path / "history" / "runs.db")
    yield log
    log.close()


@pytest.fixture(scope="module")
def searched_log(tmp_path_factory):
    log = RunLog(tmp_path_factory.mktemp("searched") / "runs.db")
    log.record(make_run(0, prompt="Where is the circle?", answer="on the left"))
    log.record(make_run(1, prompt="红色的圆形在哪里?", answer="在正方形旁边"))
    log.record(make_run(2, prompt='圆 100% a_b \\ "quoted"', answer=""))
    yield log
    log.close()


def test_a_run_comes_back(log):
    run = make_run()
    assert log.get(run.run_id) is None
    log.record(run)
    assert log.get(run.run_id) == run
    assert log.recent(10) == [run]


def test_running_again_keeps_the_time_it_was_created(log):
    log.record(make_run(1))
    log.record(make_run(2))
    log.record(make_run(1, created=5000.0, updated=5000.0, answer="on the right"))
    assert log.get(make_run(1).run_id) == make_run(1, updated=5000.0, answer="on the right")
    assert log.count() == 2
    assert log.count("left") == 1 and log.count("right") == 1


def test_pages_are_newest_first(log):
    for number in (3, 1, 4, 0, 2):
        log.record(make_run(number))
    assert [run.created for run in log.recent(2)] == [1004, 1003]
    assert [run.created for run in log.recent(2, offset=2)] == [1002, 1001]
    assert [run.created for run in log.recent(9, offset=4)] == [1000]


def test_delete(log):
    log.record(make_run())
    assert log.delete(make_run().run_id) is True
    assert log.delete(make_run().run_id) is False
    assert log.recent(10) == [] and log.count("circle") == 0


@pytest.mark.parametrize(
    "search, found",
    [
        (None, {0, 1, 2}),
        ("", {0, 1, 2}),
        ("  ", {0, 1, 2}),
        ("circ", {0}),
        ("CIRCLE", {0}),
        ("circle left", {0}),
        ("left circle", {0}),
        ("circle nothing", set()),
        ("红色的圆形", {1}),
        ("圆形", {1}),
        ("圆", {1, 2}),
        ("红色的 圆", {1}),
        ("100%", {2}),
        ("0%", {2}),
        ("%", {2}),
        ("a_", {2}),
        ("_", {2}),
        ("\\", {2}),
        ('"', {2}),
        ('"quoted"', {2}),
        ("circle OR 100", set()),
        ("circ*", set()),
        ("prompt:circle", set()),
        ("NEAR(circle left)", set()),
        ("-circle", set()),
        ("\0circle", set()),
        ("\ud83d", {0, 1}),
        ("x " * 5_000, set()),
    ],
)
def test_search(searched_log, search, found):
    assert {run.request["seed"] for run in searched_log.recent(10, search=search)} == found
    assert searched_log.count(search) == len(found)


@few_examples
@given(st.text(min_size=1, max_size=12), st.text(max_size=12))
def test_no_text_is_syntax_and_every_prompt_is_found_by_its_words(log, prompt, search):
    log.record(make_run(0, prompt=prompt))
    assert log.count(search) in (0, 1)
    assert log.count(prompt) == 1


def test_half_a_surrogate_pair_is_kept_in_the_request(log):
    request = make_request(prompt="\ud83d circle")
    log.record(make_run(0, prompt=request.prompt, request=request.to_dict()))
    (run,) = log.recent(1)
    assert (run.prompt, run.request["prompt"]) == ("? circle", "\ud83d circle")


def test_threads_share_one_log(log):
    def work(start: int) -> None:
        for number in range(start, start + 20):
            log.record(make_run(number))
            assert log.get(make_run(number).run_id) == make_run(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (0, 10, 20, 30)))
    assert log.count() == log.count("circle") == 50


def test_two_processes_share_one_file(tmp_path):
    path = tmp_path / "history" / "runs.db"
    program = (
        "import sys; from cache import RunLog; from tests.cache.test_runs import make_run\n"
        "log = RunLog(sys.argv[1])\n"
        "for number in range(int(sys.argv[2]), int(sys.argv[2]) + 60): log.record(make_run(number))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), start], cwd=ROOT) for start in ("0", "30")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    log = RunLog(path)
    assert log.count() == log.count("circle") == 90
    log.close()


def test_the_folder_is_private(log, tmp_path):
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o700


def test_a_broken_file_is_moved_aside(tmp_path, caplog):
    path = tmp_path / "history" / "runs.db"
    log = RunLog(path)
    log.record(make_run())
    log.close()
    path.write_bytes(b"not a database" * 1000)
    with caplog.at_level(logging.WARNING):
        log = RunLog(path)
    assert len(caplog.records) == 1 and "broken-" in caplog.text
    assert log.recent(10) == []
    log.record(make_run())
    assert log.count() == 1
    (aside,) = path.parent.glob("runs.db.broken-*Z")
    assert aside.read_bytes().startswith(b"not a database")
    log.close()


def test_an_older_file_is_migrated_and_keeps_its_rows(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    log = RunLog(path)
    log.record(make_run())
    log.close()
    added = ("ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT ''",)
    monkeypatch.setattr(run_table, "MIGRATIONS", (*run_table.MIGRATIONS, added))
    run_table.open_runs(path, 1).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT run_id, note FROM runs").fetchall() == [(make_run().run_id, "")]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(run_table.MIGRATIONS),)


FIRST_COLUMNS = (
    "run_id created updated image picture_name prompt answer model_name request method num_samples duration thumbnail"
).split()


def test_a_file_of_the_first_version_tells_noise_and_target_from_its_requests(tmp_path):
    """The rows are written with the first version's own statements, as a server of that time left them."""
    path = tmp_path / "runs.db"
    asked = [
        make_request(noise_std=0.4, target=Target.words("left", 2)),
        make_request(noise_std=0.0),
        make_request(seed=7),
    ]
    runs = [make_run(number, request=request.to_dict()) for number, request in enumerate(asked)]
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in run_table.MIGRATIONS[0]:
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 1")
        for number, run in enumerate(runs):
            request = {**run.request, "target": {"kind": "of another version"}} if number == 2 else run.request
            values = {**asdict(run), "request": json.dumps(request)}
            slots = ", ".join(f":{name}" for name in FIRST_COLUMNS)
            row = {name: values[name] for name in FIRST_COLUMNS}
            connection.execute(f"INSERT INTO runs ({', '.join(FIRST_COLUMNS)}) VALUES ({slots})", row)
    path.parent.chmod(0o700)
    log = RunLog(path)
    first, second, third = (log.get(run.run_id) for run in runs)
    assert (first.noise_std, first.target, first.computed_samples) == (0.4, Target.words("left", 2).describe(), 0)
    assert (second.noise_std, second.target) == (0.0, Target.answer().describe())
    assert (third.noise_std, third.target) == (0.15, "")  # this version does not read it, and says nothing
    assert log.count("circle") == 3
    log.close()


def test_prompts_and_pictures_come_once_each_and_latest_first(log):
    for number, (prompt, image) in enumerate([("a", "1"), ("b", "2"), ("a", "1"), ("红色?", "1"), ("b", "3")]):
        log.record(make_run(number, prompt=prompt, image=image * 64, created=5.0, picture_name=f"{number}.png"))
    assert log.recent_prompts(10) == ["b", "红色?", "a"]  # equal times: what was recorded later is later
    assert [run.picture_name for run in log.recent_pictures(10)] == ["4.png", "3.png", "1.png"]
    assert log.recent_prompts(1) == ["b"]
    assert [run.picture_name for run in log.recent_pictures(2)] == ["4.png", "3.png"]


def test_an_empty_history_has_no_prompts_pictures_or_pace(log):
    assert (log.recent_prompts(5), log.recent_pictures(5), log.pace("embedded", "combined")) == ([], [], None)


def test_the_pace_is_the_median_of_what_was_computed(log):
    took = [(2.0, 10), (9.0, 1), (3.0, 10), (0.0, 0)]  # 0.2, 9.0 (the model was loaded) and 0.3 seconds a sample
    for number, (duration, samples) in enumerate(took):
        log.record(make_run(number, method="gradcam", duration=duration, computed_samples=samples))
    assert log.pace("embedded", "gradcam") == pytest.approx(0.3)
    assert log.pace("embedded", "hirescam") is None
    assert log.pace("another", "gradcam") is None


def test_the_pace_follows_the_latest_twenty_runs(log):
    for number in range(40):
        log.record(make_run(number, duration=float(1 + number // 20), computed_samples=1))
    assert log.pace("embedded", make_run().method) == 2.0


def test_a_failing_migration_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    RunLog(path).close()
    broken = ("ALTER TABLE runs ADD COLUMN note TEXT", "ALTER TABLE nowhere ADD COLUMN note TEXT")
    with monkeypatch.context() as patch:
        patch.setattr(run_table, "MIGRATIONS", (*run_table.MIGRATIONS, broken))
        with pytest.raises(StoreError, match="nowhere"):
            run_table.open_runs(path, 1)
    log = RunLog(path)
    log.record(make_run())
    assert log.get(make_run().run_id) == make_run()
    log.close()


def test_a_newer_file_is_left_alone(tmp_path):
    path = tmp_path / "runs.db"
    RunLog(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer version"):
        RunLog(path)


def test_a_writer_that_does_not_let_go(log, tmp_path):
    impatient = RunLog(tmp_path / "history" / "runs.db", timeout=0.1)
    with closing(sqlite3.connect(tmp_path / "history" / "runs.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"):
            impatient.record(make_run())
    impatient.record(replace(make_run(), duration=3))
    assert log.get(make_run().run_id).duration == 3
    impatient.close()
