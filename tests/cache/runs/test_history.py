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

from cache import Change, Filter, Order, RunHistory, RunRecord, StoreError, run_id
from cache.runs import migrations as run_table
from cache.runs.filters import ORDERS
from core.errors import InputError
from core.schema.target import Target
from tests.cache.samples import few_examples, make_request

ROOT = Path(__file__).parents[3]


def make_run(number: int = 0, **changes) -> RunRecord:
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
    return RunRecord(**{**values, **changes})


def total(log, **where) -> int:
    return log.find(Filter(**where), Order(), 1).total


@pytest.fixture
def log(tmp_path):
    log = RunHistory(tmp_path / "history" / "runs.db")
    yield log
    log.close()


@pytest.fixture(scope="module")
def searched_log(tmp_path_factory):
    log = RunHistory(tmp_path_factory.mktemp("searched") / "runs.db")
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
        "import sys; from cache import RunHistory; from tests.cache.runs.test_history import make_run\n"
        "log = RunHistory(sys.argv[1])\n"
        "for number in range(int(sys.argv[2]), int(sys.argv[2]) + 60): log.record(make_run(number))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), start], cwd=ROOT) for start in ("0", "30")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    log = RunHistory(path)
    assert log.count() == log.count("circle") == 90
    log.close()


def test_the_folder_is_private(log, tmp_path):
    assert stat.S_IMODE((tmp_path / "history").stat().st_mode) == 0o700


def test_a_broken_file_is_moved_aside(tmp_path, caplog):
    path = tmp_path / "history" / "runs.db"
    log = RunHistory(path)
    log.record(make_run())
    log.close()
    path.write_bytes(b"not a database" * 1000)
    with caplog.at_level(logging.WARNING):
        log = RunHistory(path)
    assert len(caplog.records) == 1 and "broken-" in caplog.text
    assert log.recent(10) == []
    log.record(make_run())
    assert log.count() == 1
    (aside,) = path.parent.glob("runs.db.broken-*Z")
    assert aside.read_bytes().startswith(b"not a database")
    log.close()


def test_damage_under_the_running_server_is_told_as_such(tmp_path):
    path = tmp_path / "history" / "runs.db"
    RunHistory(path).close()
    log = RunHistory(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with pytest.raises(StoreError, match="is damaged .* Start the server again"):
        log.recent(5)
    log.close()


def test_an_older_file_is_migrated_and_keeps_its_rows(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    log = RunHistory(path)
    log.record(make_run())
    log.close()
    added = ("ALTER TABLE runs ADD COLUMN mood TEXT NOT NULL DEFAULT ''",)
    monkeypatch.setattr(run_table, "MIGRATIONS", (*run_table.MIGRATIONS, added))
    run_table.open_runs(path, 1).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT run_id, mood FROM runs").fetchall() == [(make_run().run_id, "")]
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
    log = RunHistory(path)
    first, second, third = (log.get(run.run_id) for run in runs)
    assert (first.noise_std, first.target, first.computed_samples) == (0.4, Target.words("left", 2).describe(), 0)
    assert (second.noise_std, second.target) == (0.0, Target.answer().describe())
    assert (third.noise_std, third.target) == (0.15, "")  # this version does not read it, and says nothing
    assert log.count("circle") == 3
    log.close()


SECOND_COLUMNS = (*FIRST_COLUMNS, "noise_std", "target", "computed_samples")


def test_a_file_of_the_second_version_keeps_every_row_and_is_found_by_the_same_words(tmp_path):
    path = tmp_path / "runs.db"
    runs = [
        make_run(0, noise_std=0.4, target="the whole answer", computed_samples=7),
        make_run(1, prompt="红色的圆形在哪里?", answer="", thumbnail=bytes(9_000)),
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("explained", 1, lambda request: "")
        for statement in (*run_table.MIGRATIONS[0], *run_table.MIGRATIONS[1]):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 2")
        for run in runs:
            values = {**asdict(run), "request": json.dumps(run.request)}
            slots = ", ".join(f":{name}" for name in SECOND_COLUMNS)
            row = {name: values[name] for name in SECOND_COLUMNS}
            connection.execute(f"INSERT INTO runs ({', '.join(SECOND_COLUMNS)}) VALUES ({slots})", row)
    path.parent.chmod(0o700)
    for _ in range(2):  # migrated once, opened twice
        log = RunHistory(path)
        assert log.recent(9) == [runs[1], runs[0]]
        assert (log.count("circle"), log.count("红色的圆形"), log.count("圆形"), log.count("left")) == (1, 1, 1, 1)
        assert log.cost("embedded", runs[0].method).seconds == pytest.approx(2.5 / 7)
        log.close()
    log = RunHistory(path)
    log.write([runs[1].run_id], Change(note="seen", add_tags=("old",)))
    log.record(replace(runs[1], answer="in the middle"))
    assert log.get(runs[1].run_id) == replace(runs[1], answer="in the middle", note="seen", tags=("old",))
    assert log.count("seen") == log.count("middle") == total(log, tag="old") == 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO runs_text (runs_text, rank) VALUES ('integrity-check', 1)")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    log.close()


def test_prompts_and_pictures_come_once_each_and_latest_first(log):
    for number, (prompt, image) in enumerate([("a", "1"), ("b", "2"), ("a", "1"), ("红色?", "1"), ("b", "3")]):
        log.record(make_run(number, prompt=prompt, image=image * 64, created=5.0, picture_name=f"{number}.png"))
    assert log.recent_prompts(10) == ["b", "红色?", "a"]  # equal times: what was recorded later is later
    assert [run.picture_name for run in log.recent_pictures(10)] == ["4.png", "3.png", "1.png"]
    assert log.recent_prompts(1) == ["b"]
    assert [run.picture_name for run in log.recent_pictures(2)] == ["4.png", "3.png"]


def test_an_empty_history_has_no_prompts_pictures_or_pace(log):
    assert (log.recent_prompts(5), log.recent_pictures(5), log.cost("embedded", "combined")) == ([], [], None)


def test_the_cost_is_the_median_time_and_the_largest_memory_of_what_was_computed(log):
    took = [(2.0, 10), (9.0, 1), (3.0, 10), (0.0, 0)]  # 0.2, 9.0 (the model was loaded) and 0.3 seconds a sample
    for number, (duration, samples) in enumerate(took):
        log.record(make_run(number, method="gradcam", duration=duration, computed_samples=samples, peak_bytes=number))
    cost = log.cost("embedded", "gradcam")
    assert (cost.seconds, cost.peak_bytes) == (pytest.approx(0.3), 2)  # the last one computed nothing
    assert log.cost("embedded", "hirescam") is None
    assert log.cost("another", "gradcam") is None


def test_the_cost_follows_the_latest_twenty_runs(log):
    for number in range(40):
        log.record(make_run(number, duration=float(1 + number // 20), computed_samples=1))
    assert log.cost("embedded", make_run().method).seconds == 2.0


def test_a_failing_migration_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "runs.db"
    RunHistory(path).close()
    broken = ("ALTER TABLE runs ADD COLUMN mood TEXT", "ALTER TABLE nowhere ADD COLUMN mood TEXT")
    with monkeypatch.context() as patch:
        patch.setattr(run_table, "MIGRATIONS", (*run_table.MIGRATIONS, broken))
        with pytest.raises(StoreError, match="nowhere"):
            run_table.open_runs(path, 1)
    log = RunHistory(path)
    log.record(make_run())
    assert log.get(make_run().run_id) == make_run()
    log.close()


def test_a_newer_file_is_left_alone(tmp_path):
    path = tmp_path / "runs.db"
    RunHistory(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer version"):
        RunHistory(path)


def test_a_writer_that_does_not_let_go(log, tmp_path):
    impatient = RunHistory(tmp_path / "history" / "runs.db", timeout=0.1)
    with closing(sqlite3.connect(tmp_path / "history" / "runs.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"):
            impatient.record(make_run())
    impatient.record(replace(make_run(), duration=3))
    assert log.get(make_run().run_id).duration == 3
    impatient.close()


# What people write


def test_what_people_write_is_kept_when_a_run_is_recorded_again(log):
    log.record(make_run())
    name = make_run().run_id
    change = Change(
        title=" The  odd\none ", note="看起来 odd\n", rating=4, pinned=True, add_tags=("paper", " odd one ")
    )
    assert log.write([name], change) == 1
    log.record(make_run(created=9.0, updated=9.0, answer="on the right", num_samples=30))
    run = log.get(name)
    assert (run.title, run.note, run.rating, run.pinned) == ("The odd one", "看起来 odd", 4, True)
    assert run.tags == ("paper", "odd one")
    assert (run.answer, run.num_samples, run.created) == ("on the right", 30, 1000.0)


def test_what_is_imported_with_notes_has_them(log):
    run = make_run(title="t", note="n", tags=("a", "b"), rating=5, pinned=True, who="anna")
    log.record(run)
    assert log.get(run.run_id) == run
    filters = ({"tag": "a"}, {"tag": "c"}, {"who": "anna"}, {"rating": 5})
    assert [total(log, **one) for one in filters] == [1, 0, 1, 1]


def test_tags_come_and_go(log):
    for number in range(3):
        log.record(make_run(number))
    names = [make_run(number).run_id for number in range(3)]
    assert log.write([*names, "unknown"], Change(add_tags=("a", "b", " a ", ""))) == 3
    log.write(names[:1], Change(remove_tags=("a",), add_tags=("c",)))
    assert log.get(names[0]).tags == ("b", "c")
    assert [total(log, tag=tag) for tag in ("a", "b", "c", "A")] == [2, 3, 1, 0]
    assert log.choices().tags == ("a", "b", "c")
    log.delete(names[0])
    assert log.choices().tags == ("a", "b")


def test_notes_and_titles_are_found_in_any_language(log):
    log.record(make_run(0))
    log.record(make_run(1))
    log.write([make_run(1).run_id], Change(note="边缘很奇怪, look again", title="Figure 3"))
    for words in ("边缘很奇怪", "奇怪", "look again", "figure", "怪", "g"):
        assert make_run(1).run_id in [run.run_id for run in log.recent(9, search=words)], words
    assert log.count("边缘") == log.count("look again circle") == 1
    log.write([make_run(1).run_id], Change(note=""))
    assert log.count("边缘") == log.count("look again") == 0


def test_the_trash_hides_gives_back_and_is_emptied(log):
    for number in range(3):
        log.record(make_run(number))
    names = [make_run(number).run_id for number in range(3)]
    assert log.write(names[:2], Change(trash=True)) == 2
    assert (log.count(), log.count("circle"), total(log, trash=True)) == (1, 1, 2)
    assert log.recent_prompts(9) and [run.run_id for run in log.recent_pictures(9)] == names[2:]
    assert log.get(names[0]).deleted is not None
    log.write(names[:1], Change(trash=False))
    assert log.get(names[0]) == make_run(0)
    log.record(make_run(1))  # running again takes it out of the trash
    assert log.get(names[1]) == make_run(1) and log.empty_trash() == []
    log.write(names[1:], Change(trash=True))
    assert {run.run_id for run in log.empty_trash()} == set(names[1:])
    assert log.count() == 1 and log.get(names[2]) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": 6},
        {"rating": -1},
        {"title": "x" * 201},
        {"note": "x" * 10_001},
        {"add_tags": ("x" * 41,)},
    ],
)
def test_what_is_too_long_or_no_rating_is_one_sentence(wrong):
    with pytest.raises(InputError, match=r"^[^\n]+\.$"):
        Change(**wrong)


def test_too_many_tags_change_nothing(log):
    log.record(make_run())
    log.write([make_run().run_id], Change(add_tags=tuple(map(str, range(29)))))
    with pytest.raises(InputError, match="at most 30 tags"):
        log.write([make_run().run_id], Change(add_tags=("a", "b"), note="no"))
    assert len(log.get(make_run().run_id).tags) == 29 and log.get(make_run().run_id).note == ""


# Filters and orders


@pytest.fixture
def listed(log):
    """Ten runs: the even ones by another model, every third one rated."""
    for number in range(10):
        log.record(
            make_run(
                number,
                model_name="even" if number % 2 == 0 else "odd",
                method="combined" if number < 5 else "gradcam",
                num_samples=number,
                duration=10.0 - number,
                rating=5 if number % 3 == 0 else 0,
                pinned=number == 4,
                picture_name=f"Photo_{number}%.png",
            )
        )
    return log


@pytest.mark.parametrize(
    "where, found",
    [
        ({}, range(10)),
        ({"model": "even"}, (0, 2, 4, 6, 8)),
        ({"method": "combined"}, range(5)),
        ({"model": "even", "method": "gradcam"}, (6, 8)),
        ({"rating": 1}, (0, 3, 6, 9)),
        ({"samples": (3, 5)}, (3, 4, 5)),
        ({"samples": (None, 0)}, (0,)),
        ({"created": (1007.0, None)}, (7, 8, 9)),
        ({"duration": (None, 2.0)}, (8, 9)),
        ({"pinned": True}, (4,)),
        ({"picture": "photo_4"}, (4,)),
        ({"picture": "_"}, range(10)),
        ({"picture": "o%"}, ()),
        ({"picture": "' OR 1=1 --"}, ()),
        ({"model": "' OR 1=1 --"}, ()),
        ({"tag": "\ud83d"}, ()),
        ({"trash": True}, ()),
        ({"search": "circle", "rating": 5, "model": "odd"}, (3, 9)),
    ],
)
def test_filters(listed, where, found):
    page = listed.find(Filter(**where), Order("created", False), 20)
    assert [run.request["seed"] for run in page.runs] == list(found)
    assert page.total == listed.find(Filter(**where), Order(), 1).total == len(list(found))


@pytest.mark.parametrize("by", ORDERS)
def test_every_order_pages_through_each_run_once(listed, by):
    for descending in (True, False):
        order = Order(by, descending)
        pages = [run.run_id for offset in range(0, 12, 3) for run in listed.find(Filter(), order, 3, offset).runs]
        assert pages == [run.run_id for run in listed.find(Filter(), order, 99).runs]
        assert len(set(pages)) == 10


def test_orders(listed):
    def seeds(*order):
        return [run.request["seed"] for run in listed.find(Filter(), Order(*order), 20).runs]

    assert seeds("pinned") == [4, 9, 8, 7, 6, 5, 3, 2, 1, 0]
    assert seeds("rating")[:4] == [9, 6, 3, 0] and seeds("duration") == list(range(10))
    assert seeds("picture", False) == list(range(10)) and seeds("model", False)[:5] == [8, 6, 4, 2, 0]
    with pytest.raises(ValueError, match="no order"):
        Order("id; DROP TABLE runs")


def test_choices_are_what_occurs_outside_the_trash(listed):
    listed.write([make_run(number).run_id for number in range(5)], Change(trash=True))
    found = listed.choices()
    assert (found.models, found.methods, found.who) == (("even", "odd"), ("gradcam",), ())


def test_what_is_remembered_follows_every_writer(log, tmp_path):
    log.record(make_run(0))
    other = RunHistory(tmp_path / "history" / "runs.db")
    for number in range(1, 4):
        assert log.count() == total(log) == other.count() == number
        (log if number % 2 else other).record(make_run(number))
    other.write([make_run(0).run_id], Change(trash=True, add_tags=("x",)))
    assert (log.count(), log.choices().tags) == (3, ("x",))
    other.close()
