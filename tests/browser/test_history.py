"""History in a real browser: addresses, notes, the trash, export to another server, computing again."""

import io
import re
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from cache import RunHistory
from core import Answer, ExplainRequest, ExplainResult, Token, load_picture
from core.models.checkpoints import describe_model
from core.scenes.scene import sample
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.settings import Settings
from dashboard.storage.data_folder import history_file, open_storage, results_folder
from tests.browser.serving import server
from tests.browser.test_dashboard import select_row
from tests.browser.viewing import shows
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser

RUNS = 27
"""Two pages."""


@pytest.fixture(scope="module")
def team(tmp_path_factory):
    """A server whose history has been written by hand: number 26 is the latest."""
    folder = tmp_path_factory.mktemp("team")
    data = folder / "data"
    storage = open_storage(Settings(data_folder=data))
    card, file = describe_model(device="cpu"), io.BytesIO()
    sample(1_700_006).image.resize((112, 112)).save(file, "PNG")
    chosen = ChosenPicture("crossing.png", file.getvalue(), load_picture(file.getvalue()))
    for number in range(RUNS):
        request = ExplainRequest(
            image=chosen.picture.digest,
            prompt="星形在哪里？" if number == 3 else f"Where is object {number}?",
            model=card.fingerprint,
            layers=tuple(range(card.total_layers)),
            num_samples=2,
            max_new_tokens=3,
            seed=number,
        )
        parts = [made_up(each, number) for each in whole_run(request)]
        keep(Question(request, chosen, card), gather(parts), storage, seconds=1.0, samples=2)
    storage.results.close()
    storage.runs.close()
    with server(folder) as address:
        yield address, data


def made_up(request, seed):
    heat = np.random.default_rng(seed).random((len(request.maps), 4, 4), dtype=np.float32)
    answer = Answer("on the left", (Token(1, "on the left", 0.5, (), 0, 11),))
    return ExplainResult(request, answer, heat, heat / 9, 2, 8, {"samples": 1.0})


def foot(page: Page, words: str) -> None:
    expect(page.locator(".st-key-history-foot").get_by_text(re.compile(words))).to_be_visible()


def press(page: Page, key: str) -> None:
    settled(page)
    page.locator(f".st-key-{key} button").first.click()


def test_the_address_is_the_view(visitor, team):
    page = visitor(f"{team[0]}/history")
    foot(page, "^of 2: 27 runs")
    number = page.get_by_label("Page", exact=True)
    number.fill("2")
    number.press("Enter")
    expect(page).to_have_url(re.compile("page=2"))
    search = page.get_by_label("Search prompts, answers, notes and titles")
    search.fill("星形")
    search.press("Enter")
    foot(page, "^One run")
    expect(page).to_have_url(re.compile("search="))
    search.fill("object 1")
    search.press("Enter")
    foot(page, "^12 runs")
    press(page, "more-filters")
    page.get_by_label("Samples from").fill("3")
    page.get_by_label("Samples from").press("Enter")
    expect(page.get_by_text("No run fulfils all of these filters.")).to_be_visible()
    expect(page).to_have_url(re.compile("samples-from=3"))
    shared = visitor(page.url)
    expect(shared.get_by_text("No run fulfils all of these filters.")).to_be_visible()
    expect(shared.get_by_text("Filters (1)")).to_be_visible()
    press(shared, "show-all")
    foot(shared, "^of 2: 27 runs")
    expect(shared).not_to_have_url(re.compile("samples-from"))


def test_what_one_writes_the_other_finds(visitor, team):
    page = visitor(f"{team[0]}/history?search=object 20")
    foot(page, "^One run")
    select_row(page, 0)
    press(page, "tag-runs")
    tags = page.get_by_role("combobox", name="Tags")
    tags.fill("figure 3")
    tags.press("Enter")
    press(page, "save-tags")
    settled(page)
    press(page, "note-runs")
    page.get_by_label("Note", exact=True).fill("**odd** edge, 边缘很奇怪")
    press(page, "save-note")
    settled(page)
    page.keyboard.press("Escape")
    press(page, "pin-runs")
    expect(page.locator(".st-key-pin-runs").get_by_text("Unpin")).to_be_visible()
    other = visitor(f"{team[0]}/history?tag=figure 3&search=奇怪")
    foot(other, "^One run")
    pinned = visitor(f"{team[0]}/history?pinned=true")
    foot(pinned, "^One run")
    select_row(pinned, 0)
    press(pinned, "note-runs")
    expect(pinned.get_by_label("Note", exact=True)).to_have_value("**odd** edge, 边缘很奇怪")


def test_deleting_can_be_taken_back_and_emptying_asks(visitor, team):
    page = visitor(f"{team[0]}/history?search=object 11")
    select_row(page, 0)
    press(page, "delete-runs")
    expect(page.get_by_text("No prompt, answer, note or title holds")).to_be_visible()
    press(page, "undo-button")
    foot(page, "^One run")
    select_row(page, 0)
    press(page, "delete-runs")
    trash = visitor(f"{team[0]}/history?trash=true")
    foot(trash, "^One run in the trash")
    press(trash, "empty-trash")
    expect(trash.get_by_text("This cannot be taken back.")).to_be_visible()
    trash.locator(".st-key-keep-trash button").click()
    foot(trash, "^One run in the trash")
    press(trash, "empty-trash")
    trash.locator(".st-key-confirm-empty button").click()
    expect(trash.get_by_text("The trash is empty.")).to_be_visible()


def test_a_run_is_taken_up_with_changes_and_nothing_starts(visitor, team):
    page = visitor(f"{team[0]}/history?search=object 12")
    select_row(page, 0)
    press(page, "change-run")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Where is object 12?")
    expect(page.get_by_text("crossing.png").first).to_be_visible()
    expect(page.get_by_text("Everything of that run is filled in")).to_be_visible()
    expect(page).not_to_have_url(re.compile("run="))
    expect(page.get_by_text("Stored already: opens at once")).to_be_visible()


def test_runs_move_to_another_server(visitor, team, tmp_path):
    page = visitor(f"{team[0]}/history?search=object 2")
    select_row(page, 0)
    select_row(page, 1)
    settled(page)
    with page.expect_download() as waiting:
        page.locator(".st-key-export-runs button").first.click()
    file = {"name": "runs.zip", "mimeType": "application/zip", "buffer": waiting.value.path().read_bytes()}
    with server(tmp_path) as address:
        page = visitor(f"{address}/history")
        press(page, "import")
        page.locator(".st-key-import input[type=file], input[type=file]").first.set_input_files(file)
        settled(page)
        page.locator(".st-key-import-runs button").first.click()
        expect(page.get_by_text("2 runs imported.").first).to_be_visible()
        page.keyboard.press("Escape")
        foot(page, "^2 runs")
        select_row(page, 0)
        press(page, "open-run")
        expect(page.get_by_text("From the store")).to_be_visible()
        expect(page.get_by_text("Imported: computed elsewhere")).to_be_visible()


def test_an_evicted_run_is_computed_again_with_one_click(visitor, team):
    address, data = team
    log = RunHistory(history_file(data))
    (run,) = log.recent(1, search="object 5?")
    log.close()
    from cache import keys

    key = keys.pass_key(ExplainRequest.from_dict(run.request))
    with closing(sqlite3.connect(results_folder(data) / "cache.db")) as connection, connection:
        assert connection.execute("DELETE FROM Cache WHERE key = ?", (key,)).rowcount == 1
    page = visitor(f"{address}/history?search=object 5?")
    select_row(page, 0)
    expect(page.get_by_text("The heat of this run is no longer stored")).to_be_visible()
    press(page, "again-runs")
    shows(page)
    expect(page).to_have_url(re.compile(f"run={run.run_id}"))


def test_the_storage_panel_has_an_address(visitor, team):
    page = visitor(f"{team[0]}/history?storage=true")
    panel = page.locator(".st-key-storage-panel")
    expect(panel.get_by_text("Hit rate")).to_be_visible()
    press(page, "preview-cleaning")
    expect(panel.get_by_role("button", name="Leave everything")).to_be_visible()
