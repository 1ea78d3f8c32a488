"""One row that is damaged, in whatever column and way, costs that row alone on every page and in every command."""

import pytest

from cache import Filter, Order
from cache.runs.filters import ORDERS
from dashboard.__main__ import main
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import audit_folder, history_file, jobs_file
from dashboard.storage.unreadable import scan
from tests.cache.damage import KINDS, columns, damage
from tests.cache.samples import make_request, make_run
from tests.dashboard.pages import open_recent, prompts, sentences

SOUND = ("the first sound", "the second sound", "the third sound")


@pytest.fixture
def spoiled(storage, stored, batch_of):
    """A storage with hundreds of damaged rows, and with sound ones that came last."""
    history, jobs = history_file(storage.folder), jobs_file(storage.folder)
    for table in ("runs", "run_details"):
        with storage.runs.connection.statements() as connection:
            (first,) = connection.execute("SELECT IFNULL(MAX(id), 0) + 1 FROM runs").fetchone()
        done = [(column, kind) for column in columns(history, table) for kind in KINDS]
        for number in range(len(done)):
            storage.runs.record(make_run(first + number, request=make_request(seed=first + number).to_dict()))
        damage(history, table, [(first + row, column, KINDS[kind]) for row, (column, kind) in enumerate(done)])
    waiting = columns(jobs, "jobs")
    kinds = [(column, kind) for column in waiting if column not in ("state", "server") for kind in KINDS]
    for number in range(len(kinds)):
        storage.jobs.begin(f"{number:016x}", "anna", {"request": make_request(seed=number).to_dict()})
    damage(jobs, "jobs", [(row, column, KINDS[kind]) for row, (column, kind) in enumerate(kinds, 1)])
    batch = batch_of("")
    for number, content in enumerate((b"{", b"[]", b"7", b"\xff", b"[" * 5000, b'{"rows": 7}')):
        (storage.folder / "batches" / f"{number:016x}.batch").write_bytes(content)
    audit = AuditLog(audit_folder(storage.folder))
    audit.write("sign-in", "ada")
    with audit.path.open("ab") as file:
        file.writelines(line + b"\n" for line in (b"", b"{", b"7", b"[]", b"\xff", b'{"who": "', b"[" * 5000))
    return [stored(prompt=prompt) for prompt in SOUND], batch


@pytest.mark.parametrize(
    "page, params",
    [
        ("home", {}),
        ("history", {}),
        ("history", {"page": "9"}),
        ("history", {"storage": "true"}),
        ("history", {"search": "sound"}),
        ("history", {"sort": "duration"}),
        ("compute", {}),
        ("compare", {}),
        ("batch", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_every_page_opens_with_all_the_sound_rows(spoiled, visit, page, params):
    app = visit(page)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    if page == "compute":
        open_recent(app)
        assert any(button.label == SOUND[0] for button in app.button)
    assert not app.exception
    if page == "history" and "page" not in params:
        assert {*SOUND} <= {*prompts(app)}
    if page in ("home", "history"):
        assert "cannot be read" in "\n".join(error.value for error in app.error)
        assert "Nobody has run anything" not in sentences(app)


def test_sound_runs_are_met_behind_pages_full_of_damaged_ones(storage, stored, visit):
    names = [stored(prompt=prompt) for prompt in SOUND]
    for number in range(60):
        storage.runs.record(make_run(2 * 10**9 + number))  # later than the sound ones
    damage(history_file(storage.folder), "run_details", [(row, "request", "{") for row in range(4, 64)])
    assert {run.run_id for run in storage.runs.recent(4)} == {*names}
    home = visit("home")
    assert "There are no runs to show" not in sentences(home)
    app = visit("history")
    assert prompts(app) == []
    assert {*prompts(app.number_input(key="page").set_value(3).run())} == {*SOUND}


def test_a_sound_run_opens_and_is_compared_beside_the_damaged_ones(spoiled, visit):
    names, _ = spoiled
    assert not visit("compute", run=names[0]).error
    app = visit("compare", runs=",".join(names))
    assert not app.exception and not app.error


def test_every_list_and_order_has_all_the_sound_rows(spoiled, storage):
    for order in ORDERS:
        for descending in (True, False):
            found = storage.runs.find(Filter(search="sound"), Order(order, descending), 100)
            assert {run.prompt for run in found.runs} == {*SOUND}
    overview = storage.runs.overview
    assert "embedded" in overview.choices().models
    assert "the first sound" in overview.recent_prompts(50)
    assert overview.recent_pictures(50) and overview.owners() is not None and overview.model_names()
    overview.cost("embedded", "combined")


def test_commands_say_what_is_damaged_and_go_on(spoiled, storage, capsys):
    assert main(["store"]) == 0
    assert "cannot be read" in capsys.readouterr().out
    assert main(["store", "clean", "--dry-run"]) == 0
    assert "Would drop 0 pictures that no run names" in capsys.readouterr().out
    found = scan(storage.folder)
    assert min(map(len, found.values())) > 5
    assert main(["store", "acknowledge"]) == 0
    assert storage.damage() == []
