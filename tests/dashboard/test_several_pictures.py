"""One question about several pictures: one run, in which each picture has its maps."""

import io
import json
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from cache.keys import pass_key
from core import InputError, Progress, load_picture
from core.export.npz_reader import from_npz
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.export import bundle as bundles
from dashboard.export.bundle_reader import TAG, keep_bundle, read_bundle
from dashboard.formatting import PLACES
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import asking_of, names_of, question_of
from dashboard.jobs.runner import compute
from dashboard.jobs.studies.base import StudyTools
from dashboard.jobs.studies.registry import find_study, trust_name
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services import open
from dashboard.services import submit as services
from dashboard.services.open import stored_pictures
from dashboard.session.keys import FormKey
from dashboard.settings import Settings
from dashboard.storage.data_folder import count_stored, open_storage
from dashboard.storage.maintenance import plan_cleaning
from dashboard.ui.compare import region
from dashboard.ui.compare.measures import lettered
from dashboard.ui.form import forecast
from dashboard.ui.form.draft import WAYS
from dashboard.ui.history.differences import differences
from dashboard.ui.progress.partial_map import growing_map
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.picture_chooser import shares
from dashboard.ui.viewer.view import View
from tests.dashboard.eviction import evict
from tests.dashboard.pages import select
from tests.dashboard.ui.viewer.test_trust_panel import make_report
from tests.dashboard.uploading import captions, several

UPLOAD = f"{FormKey.UPLOAD}-0"


def picture(name: str, colour: tuple[int, int, int]) -> ChosenPicture:
    data = io.BytesIO()
    Image.fromarray(np.full((56, 84, 3), colour, np.uint8)).save(data, "PNG")
    return ChosenPicture(name, data.getvalue(), load_picture(data.getvalue()))


@pytest.fixture
def pictures(chosen):
    return (chosen, picture("b & c.png", (0, 90, 0)), picture("c.png", (0, 0, 90)))


@pytest.fixture
def question(ask, pictures, card):
    """Makes questions about all of them: `question(prompt="...")`."""

    def make(**changes):
        images = tuple(each.picture.digest for each in pictures)
        return question_of(ask(images=images, **changes).request, pictures, card)

    return make


@pytest.fixture
def models(explainer):
    """Models whose only explainer is the one without a model."""
    return SimpleNamespace(get=lambda card: explainer)


@pytest.fixture
def explain(explain):
    """Picture n is n + 1 times as hot as the first."""

    def make(request, *rest, **more):
        result = explain(request, *rest, **more)
        return replace(result, heat=result.heat * (request.picture + 1))

    return make


@pytest.fixture
def result_of(explain):
    """The whole result of a question."""
    return lambda question, text="right": gather([explain(part, text) for part in whole_run(question.request)])


@pytest.fixture
def kept(question, result_of, storage):
    """Stores a run about all of them and returns its name."""

    def put(**changes):
        asked = question(**changes)
        outcome = keep(asked, result_of(asked), storage, seconds=2.0, samples=4)
        assert outcome.kept
        return outcome.id

    return put


def parameters(app) -> dict[str, str]:
    table = next(each.value for each in app.dataframe if "parameter" in each.value)
    return dict(zip(table["parameter"], table["value"], strict=True))


def texts(app) -> list[str]:
    return [text.value for text in app.text]


def test_all_pictures_are_one_run_computed_in_one_pass(question, explainer, storage, models):
    asked = question(num_samples=4)
    outcome = compute(asked, lambda progress: None, storage=storage, models=models)
    ((requests, answer),) = explainer.asked
    assert requests == whole_run(asked.request) and answer is None and len(requests) == 6
    assert [each.request.picture for each in outcome.result.pictures] == [0, 1, 2]
    row = storage.runs.get(outcome.id)
    assert storage.runs.count() == 1 and row.names == ("two-halves.png", "b & c.png", "c.png")
    assert row.picture_name == "3 pictures: two-halves.png, b & c.png, c.png"
    assert set(storage.pictures.digests()) == set(asked.request.images)
    again = compute(asked, lambda progress: None, storage=storage, models=models)
    assert (
        len(explainer.asked) == 1
        and again.result.pictures[2].heat.tobytes() == outcome.result.pictures[2].heat.tobytes()
    )


def test_a_stopped_run_is_kept_for_every_picture_and_goes_on(question, explainer, storage, models):
    asked, explainer.samples_before_stop = question(num_samples=8), 3
    outcome = compute(asked, lambda progress: None, storage=storage, models=models)
    assert outcome.stopped and [each.num_samples for each in outcome.result.pictures] == [3, 3, 3]
    explainer.samples_before_stop = None
    compute(asked, lambda progress: None, storage=storage, models=models)
    assert explainer.begun[-1] == [3] * 6


def test_only_the_picture_that_is_missing_is_computed(question, explainer, result_of, storage, models):
    asked = question()
    storage.results.put(result_of(asked).pictures[1])
    compute(asked, lambda progress: None, storage=storage, models=models)
    assert [request.picture for request in explainer.asked[0][0]] == [0, 0, 2, 2]


def test_a_run_opens_with_each_of_its_pictures(kept, pictures):
    run = open.open_run(kept())
    assert isinstance(run, LoadedRun) and run.chosen.picture.digest == pictures[0].picture.digest
    each = run.each_picture()
    assert [one.chosen.name for one in each] == [chosen.name for chosen in pictures]
    assert [one.result.heat.max() / run.result.heat.max() for one in each] == pytest.approx([1, 2, 3])
    assert len({one.key for one in each}) == 3 and {one.id for one in each} == {run.id}
    assert each[2].of_picture(0).result is run.result and each[2].of_picture(1).result is each[1].result
    assert shares(run) == pytest.approx([1 / 6, 2 / 6, 3 / 6]) == shares(each[1])


def test_the_page_shows_the_picture_of_the_address(visit, kept):
    name = kept()
    app = visit("compute", run=name, image="3", tab="Parameters")
    assert app.segmented_control(key="image").value == "3"
    assert {"1: two-halves.…", "2: b & c.png", "3: c.png"} <= set(texts(app))
    assert "50% of the heat" in captions(app)
    assert parameters(app)["Maps of"] == "picture 3"
    app.segmented_control(key="image").set_value("2").run()
    assert parameters(app)["Maps of"] == "picture 2" and parameters(app)["Run"] == name
    assert parameters(app)["Picture 3"] == "c.png, 84 × 56 pixels" and not app.exception


def test_an_address_with_a_picture_that_is_not_there_shows_the_first(visit, kept):
    app = visit("compute", run=kept(), image="7")
    assert app.segmented_control(key="image").value == "1"


def test_a_run_of_one_picture_has_no_chooser(visit, stored):
    app = visit("compute", run=stored(), image="2")
    assert not [each for each in app.segmented_control if each.key == "image"]


def test_one_question_is_asked_about_all_uploaded_pictures(visit, wait_until, without_model):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(2)).run()
    app.radio(key=FormKey.TOGETHER).set_value(WAYS[True]).run()
    assert "2 pictures: Run asks one question about all of them." in captions(app)
    app.text_area(key=FormKey.PROMPT).set_value("what differs").run()
    app.selectbox(key=FormKey.PICTURE_FIRST).set_value(PLACES[False]).run()
    app.button(key="run-button").click().run()
    assert "runs" not in app.query_params
    wait_until(lambda: not resources.jobs().active())
    app.run()
    row = resources.storage().runs.get(app.query_params["run"])
    assert row.names == ("picture 0.png", "picture 1.png") and len(row.request["images"]) == 2
    assert row.request["picture_first"] is False and resources.storage().runs.count() == 1
    assert app.segmented_control(key="image").value == "1"
    # Asking the same again reads the store; each picture alone is another question.
    app.button(key="run-button").click().run()
    assert len(without_model.asked) == 1
    app.radio(key=FormKey.TOGETHER).set_value(WAYS[False]).run()
    app.button(key="run-button").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert resources.storage().runs.count() == 3


def test_more_pictures_than_a_prompt_can_hold_are_refused(visit):
    app = visit("compute")
    app.file_uploader(key=UPLOAD).set_value(several(9)).run()
    app.radio(key=FormKey.TOGETHER).set_value(WAYS[True]).run()
    app.text_area(key=FormKey.PROMPT).set_value("what differs").run()
    app.button(key="run-button").click().run()
    assert "8 pictures at most, and 9 are chosen" in app.error[0].value


def test_opening_a_run_fills_the_form_with_all_pictures(visit, kept):
    app = visit("compute", run=kept(picture_first=False))
    assert app.radio(key=FormKey.TOGETHER).value == WAYS[True]
    assert app.selectbox(key=FormKey.PICTURE_FIRST).value == PLACES[False]
    assert "3 pictures: Run asks one question about all of them." in captions(app)
    assert "Stored already: opens at once" in "\n".join(mark.value for mark in app.markdown)


@pytest.mark.parametrize("gone", [0, 2])
def test_a_picture_that_is_gone_is_said_with_all_names(visit, kept, storage, pictures, gone):
    name = kept()
    storage.pictures.drop(pictures[gone].picture.digest)
    lost = open.open_run(name)
    assert isinstance(lost, EvictedRun) and lost.chosen is None and lost.pictures == ()
    app = visit("compute", run=name)
    assert "not all of its 3 pictures are stored any more" in app.warning[0].value
    assert "in this order: two" in app.warning[0].value and not app.exception
    with pytest.raises(InputError, match="no longer stored. Upload it again"):
        stored_pictures(lost.request, lost.row.names)


def test_heat_that_is_gone_is_computed_again_for_all(visit, kept, storage, pictures):
    name = kept()
    storage.results._cache.clear()
    lost = open.open_run(name)
    assert isinstance(lost, EvictedRun) and len(lost.pictures) == 3
    app = visit("compute", run=name)
    assert "heat is no longer stored" in app.warning[0].value
    assert "3 pictures: Run asks one question about all of them." in captions(app)


def test_words_are_mapped_in_all_pictures_by_one_job(kept, storage, explainer):
    run = open.open_run(kept()).of_picture(2)
    pictures = tuple(each.picture for each in run.all_pictures)
    bench = StudyTools(run.result, pictures, storage.results, lambda: explainer, lambda progress: None)
    study = find_study("words")
    assert study.read(run.result, storage.results) is None
    study.save(study.compute(bench), run.result, storage.results)
    assert [request.picture for request in explainer.asked[0][0]] == [0, 1, 2]
    found = study.read(run.of_picture(1).result, storage.results)
    assert len(found) == 3 and open.findings(run, "words") is not None


def test_trust_is_measured_for_each_picture_alone(kept, storage):
    run = open.open_run(kept())
    second = run.of_picture(1)
    names = [trust_name(layer, each.request.picture) for each in (run, second) for layer in (None, 3)]
    assert len(set(names)) == 4
    study = find_study(names[3])
    study.save(make_report(answer="right"), second.result, storage.results)
    assert study.read(second.result, storage.results) is not None
    assert find_study(names[1]).read(run.result, storage.results) is None


def test_a_study_of_another_picture_is_queued_with_all_of_them(kept, wait_until, without_model):
    run = open.open_run(kept()).of_picture(1)
    job = services.begin_study(run, "words")
    assert [chosen.name for chosen in job.question.all_pictures] == ["two-halves.png", "b & c.png", "c.png"]
    wait_until(lambda: not resources.jobs().active())
    assert resources.jobs().view(job.id).state == "done"


def test_a_growing_map_is_drawn_over_the_picture_that_it_is_of(question, explain, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "dashboard.ui.progress.partial_map.overlay", lambda pixels, heat: drawn.append(pixels) or pixels
    )
    asked = question(layers=(2,))
    part = explain(asked.request.of_picture(1), num_samples=1)
    growing_map("job", Progress("samples", 1, 4, (part,)), asked)
    assert np.array_equal(drawn[0], asked.pictures[1].preview)


def test_an_interrupted_question_goes_on_with_its_pictures(question, storage, without_model, wait_until):
    asked = question()
    for each in asked.pictures:
        storage.pictures.put(each.picture.digest, each.data)
    told = json.loads(json.dumps(asking_of(asked)))
    assert names_of(told) == ("two-halves.png", "b & c.png", "c.png")
    resources.storage().jobs.begin(asked.id, "", told)
    (row,) = [resources.storage().jobs.get(asked.id)]
    job = services.go_on(row)
    assert job.id == asked.id and len(job.question.pictures) == 3
    wait_until(lambda: not resources.jobs().active())
    assert resources.storage().runs.get(asked.id).names == names_of(told)


def test_a_question_that_an_earlier_version_wrote_down_has_one_name():
    assert names_of({"picture": "a.png"}) == ("a.png",)


def test_pictures_are_kept_as_long_as_any_run_or_job_names_them(kept, question, storage, monkeypatch):
    monkeypatch.setattr("cache.pictures.SETTLED", -1.0)
    name = kept()
    assert plan_cleaning(storage.folder, None).orphans == {}
    storage.runs.delete(name)
    assert len(plan_cleaning(storage.folder, None).orphans) == 3
    storage.jobs.begin("job", "", asking_of(question()))
    assert plan_cleaning(storage.folder, None).orphans == {}


def test_the_ledger_counts_the_maps_of_every_picture(kept, question, storage, result_of, ask, explain):
    one = question()
    single = ask(prompt="one")
    keep(single, gather([explain(part) for part in whole_run(single.request)]), storage, seconds=1.0)
    three = storage.runs.get(kept()).stored
    assert three > 2 * storage.runs.get(single.id).stored
    storage.results._cache.delete(pass_key(one.request.of_picture(2)))
    count_stored(storage)
    assert storage.runs.get(one.id).stored is None


def test_an_export_comes_back_on_another_server(kept, tmp_path, monkeypatch, pictures):
    run = open.open_run(kept())
    data = bundles.bundle([run.of_picture(1)])
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        names = {name.split("/")[1] for name in file.namelist() if "/" in name}
        assert {"picture-1.png", "picture-2.png", "picture-3.png", "overlay-1.png", "overlay-3.png"} <= names
        command = file.read(f"{run.id}/reproduce.sh").decode()
        assert all(f"--image_path=picture-{number}.png" in command for number in (1, 2, 3))
        compile(file.read(f"{run.id}/reproduce.py"), "reproduce.py", "exec")
        assert len(from_npz(file.read(f"{run.id}/result.npz")).pictures) == 3
    other = open_storage(Settings(data_folder=tmp_path / "other"))
    (incoming,) = read_bundle(data)
    assert keep_bundle([incoming], other).added == (run.id,)
    row = other.runs.get(run.id)
    assert row.names == tuple(each.name for each in pictures) and TAG in row.tags
    assert set(other.pictures.digests()) == {each.picture.digest for each in pictures}
    back = other.results.get_all(whole_run(run.request))
    for got, wanted in zip(back.pictures, run.result.pictures, strict=True):
        assert got.heat.tobytes() == wanted.heat.tobytes()


@pytest.mark.parametrize(
    ("left_out", "words"),
    [("picture-2.png", "without its picture"), ("result.npz", "holds no run")],
)
def test_an_export_that_lacks_a_part_is_one_sentence(kept, left_out, words):
    data = without(bundles.bundle([open.open_run(kept())]), left_out)
    with pytest.raises(InputError, match=words):
        read_bundle(data)


def test_an_export_of_one_picture_of_several_is_no_run(kept):
    run = open.open_run(kept())
    alone = replace(run, result=run.result.pictures[0], whole=None)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        bundles.write_run(file, alone)
    with pytest.raises(InputError, match="without the maps of all its pictures"):
        read_bundle(data.getvalue())


def without(data: bytes, name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(out, "w") as rest:
        for member in file.infolist():
            if not member.filename.endswith(name):
                rest.writestr(member.filename, file.read(member))
    return out.getvalue()


def test_the_archive_holds_the_maps_of_every_picture(kept):
    run = open.open_run(kept()).of_picture(1)
    with zipfile.ZipFile(io.BytesIO(exports.archive(run, View(layer=3)))) as file:
        names = file.namelist()
        for number in (1, 2, 3):
            assert {f"picture-{number}_layer-03_heat.png", f"picture-{number}_combined_overlay.png"} <= set(names)
            assert f"picture-{number}_heat.csv" in names and f"picture-{number}.png" in names
    assert exports.caption_of(run, View(layer=3))["Picture"] == "2 of the 3 in the prompt"


def test_compare_sets_the_pictures_of_a_run_side_by_side(visit, kept, stored):
    app = visit("compare", runs=f"{kept()},{stored(prompt='alone')}")
    legend = app.dataframe[0].value
    assert list(legend[""]) == ["A", "B", "C", "D"]
    assert list(legend["picture"])[:3] == ["two-halves.png", "b & c.png", "c.png"]


def test_compare_takes_no_more_maps_than_it_has_colours_for(visit, kept):
    app = visit("compare", runs=",".join(kept(prompt=f"question {number}") for number in range(3)))
    assert "about 9 pictures in all; the maps of the first 8 are compared" in app.warning[0].value


def test_history_lists_it_once_and_takes_it_up_again(visit, kept, storage):
    name = kept()
    app = visit("history")
    table = next(each.value for each in app.dataframe if "prompt" in each.value)
    assert list(table["picture"]) == ["3 pictures: two-halves.png, b & c.png, c.png"]
    found = storage.runs.get(name)
    with Image.open(io.BytesIO(found.thumbnail)) as small:
        assert max(small.size) <= 160
    assert storage.runs.recent_pictures(5)[0].names == found.names


def test_an_evicted_run_is_computed_again_about_all_pictures(visit, kept, storage, without_model, wait_until):
    name = kept()
    evict(storage)
    select(visit("history"), 0).button(key="again-runs").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert [request.picture for request in without_model.asked[0][0]] == [0, 0, 1, 1, 2, 2]
    assert isinstance(open.open_run(name), LoadedRun)


def test_change_and_run_fills_in_all_pictures_or_says_that_one_is_gone(visit, kept, storage, pictures):
    kept()
    app = select(visit("history"), 0).button(key="change-run").click().run()
    assert "3 pictures: Run asks one question about all of them." in captions(app)
    storage.pictures.drop(pictures[1].picture.digest)
    app = select(visit("history"), 0).button(key="change-run").click().run()
    assert "Some of its 3 pictures are no longer stored: upload them again." in app.info[0].value


def test_how_long_it_takes_is_judged_by_runs_of_as_many_pictures(kept, stored, storage):
    kept(method="gradcam")
    assert storage.runs.cost("embedded", "gradcam", 3).seconds == 0.5
    assert storage.runs.cost("embedded", "gradcam") is None and storage.runs.cost("embedded", "gradcam", 2) is None


def test_the_memory_of_a_first_run_is_predicted_from_every_picture(question, monkeypatch):
    seen = []
    monkeypatch.setattr(forecast, "predicted_peak", lambda card, sizes, request: seen.append(sizes) or 2**30)
    words = forecast.cost_words("embedded", "gradcam", 4, question())
    assert seen == [[(84, 56)] * 3] and "with this method and 3 pictures" in words and "1.0 GB" in words


def test_a_region_is_kept_with_the_first_picture_alone(kept, stored):
    runs = lettered(open.open_run(kept()).each_picture())
    region._keep(runs, runs[1], "0.1,0.1;0.2,0.2")
    assert region._kept(runs[0]) == region._kept(runs[1]) == ""
    region._keep(runs, runs[0], "0.1,0.1;0.3,0.3")
    assert region._kept(runs[0]) == "0.1,0.1;0.3,0.3" and region._kept(runs[1]) == ""


def test_differences_name_every_picture(kept, stored, storage):
    runs = [storage.runs.get(name) for name in (kept(picture_first=False), stored())]
    found = differences(runs)
    assert found["Picture"][0].count("(") == 3 and found["Picture"][1].count("(") == 1
    assert found["Picture stands"] == ["after the prompt", "before the prompt"]


def test_recent_pictures_put_all_of_a_run_into_the_form(visit, kept):
    kept()
    app = visit("compute")
    use = next(button for button in app.button if (button.key or "").startswith("use-"))
    use.click().run()
    assert "3 pictures: Run asks one question about all of them." in captions(app)
    assert app.radio(key=FormKey.TOGETHER).value == WAYS[True]
