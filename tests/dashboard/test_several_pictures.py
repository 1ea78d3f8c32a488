"""One question about several pictures: one run, in which each picture has its maps."""

import io

from PIL import Image

from cache.keys import pass_key
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.formatting import PICTURE_POSITIONS
from dashboard.jobs.persist import keep
from dashboard.jobs.question import question_to_dict
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services.open import open_run
from dashboard.session.keys import FormKey
from dashboard.storage.data_folder import count_stored
from dashboard.storage.maintenance import plan_cleaning
from dashboard.ui.compare import region
from dashboard.ui.compare.measures import lettered
from dashboard.ui.form.draft import WAYS
from dashboard.ui.history.differences import differences
from tests.dashboard.eviction import evict
from tests.dashboard.pages import select
from tests.dashboard.uploading import captions


def test_opening_a_run_fills_the_form_with_all_pictures(visit, stored_all):
    app = visit("compute", run=stored_all(picture_first=False))
    assert app.radio(key=FormKey.TOGETHER).value == WAYS[True]
    assert app.selectbox(key=FormKey.PICTURE_FIRST).value == PICTURE_POSITIONS[False]
    assert "3 pictures: Run asks one question about all of them." in captions(app)
    assert "Stored already: opens at once" in "\n".join(mark.value for mark in app.markdown)


def test_heat_that_is_gone_is_computed_again_for_all(visit, stored_all, storage, pictures):
    name = stored_all()
    storage.results._cache.clear()
    lost = open_run(name)
    assert isinstance(lost, EvictedRun) and len(lost.pictures) == 3
    app = visit("compute", run=name)
    assert "heat is no longer stored" in app.warning[0].value
    assert "3 pictures: Run asks one question about all of them." in captions(app)


def test_pictures_are_kept_as_long_as_any_run_or_job_names_them(stored_all, ask_all, storage, monkeypatch):
    monkeypatch.setattr("cache.pictures.SETTLED", -1.0)
    name = stored_all()
    assert plan_cleaning(storage.folder, None).orphans == {}
    storage.runs.delete(name)
    assert len(plan_cleaning(storage.folder, None).orphans) == 3
    storage.jobs.begin("job", "", question_to_dict(ask_all()))
    assert plan_cleaning(storage.folder, None).orphans == {}


def test_the_ledger_counts_the_maps_of_every_picture(stored_all, ask_all, storage, result_of, ask, explain):
    one = ask_all()
    single = ask(prompt="one")
    keep(single, gather([explain(part) for part in whole_run(single.request)]), storage, seconds=1.0)
    three = storage.runs.get(stored_all()).stored
    assert three > 2 * storage.runs.get(single.id).stored
    storage.results._cache.delete(pass_key(one.request.of_picture(2)))
    count_stored(storage)
    assert storage.runs.get(one.id).stored is None


def test_compare_sets_the_pictures_of_a_run_side_by_side(visit, stored_all, stored):
    app = visit("compare", runs=f"{stored_all()},{stored(prompt='alone')}")
    legend = app.dataframe[0].value
    assert list(legend[""]) == ["A", "B", "C", "D"]
    assert [told.split(",")[0] for told in legend["Picture"]][:3] == ["two-halves.png", "b & c.png", "c.png"]
    assert list(legend["Pictures"]) == [*["two-halves.png, b & c.png, c.png"] * 3, "one"]


def test_compare_takes_no_more_maps_than_it_has_colours_for(visit, stored_all):
    app = visit("compare", runs=",".join(stored_all(prompt=f"question {number}") for number in range(3)))
    assert "about 9 pictures in all; the maps of the first 8 are compared" in app.warning[0].value


def test_history_lists_it_once_and_takes_it_up_again(visit, stored_all, storage):
    name = stored_all()
    app = visit("history")
    table = next(each.value for each in app.dataframe if "prompt" in each.value)
    assert list(table["picture"]) == ["3 pictures: two-halves.png, b & c.png, c.png"]
    found = storage.runs.get(name)
    with Image.open(io.BytesIO(found.thumbnail)) as small:
        assert max(small.size) <= 160
    assert storage.runs.overview.recent_pictures(5)[0].names == found.names


def test_an_evicted_run_is_computed_again_about_all_pictures(visit, stored_all, storage, without_model, wait_until):
    name = stored_all()
    evict(storage)
    select(visit("history"), 0).button(key="again-runs").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert [request.picture for request in without_model.asked[0][0]] == [0, 0, 1, 1, 2, 2]
    assert isinstance(open_run(name), LoadedRun)


def test_change_and_run_fills_in_all_pictures_or_says_that_one_is_gone(visit, stored_all, storage, pictures):
    stored_all()
    app = select(visit("history"), 0).button(key="change-run").click().run()
    assert "3 pictures: Run asks one question about all of them." in captions(app)
    storage.pictures.drop(pictures[1].picture.digest)
    app = select(visit("history"), 0).button(key="change-run").click().run()
    assert "Some of its 3 pictures are no longer stored: upload them again." in app.info[0].value


def test_how_long_it_takes_is_judged_by_runs_of_as_many_pictures(stored_all, stored, storage):
    stored_all(method="gradcam")
    assert storage.runs.overview.cost("embedded", "gradcam", 3).seconds == 0.5
    assert (
        storage.runs.overview.cost("embedded", "gradcam") is None
        and storage.runs.overview.cost("embedded", "gradcam", 2) is None
    )


def test_a_region_is_kept_with_the_first_picture_alone(stored_all, stored):
    runs = lettered(open_run(stored_all()).each_picture())
    region._keep(runs, runs[1], "0.1,0.1;0.2,0.2")
    assert region._kept(runs[0]) == region._kept(runs[1]) == ""
    region._keep(runs, runs[0], "0.1,0.1;0.3,0.3")
    assert region._kept(runs[0]) == "0.1,0.1;0.3,0.3" and region._kept(runs[1]) == ""


def test_differences_name_every_picture(stored_all, stored, storage):
    runs = [storage.runs.get(name) for name in (stored_all(picture_first=False), stored())]
    found = differences(runs)
    assert found["Picture"][0].count("(") == 3 and found["Picture"][1].count("(") == 1
    assert found["Picture stands"] == ["after the prompt", "before the prompt"]
