"""What can be done with selected runs: opened, changed, computed again, shared, exported."""

import io
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.services.open import open_run
from dashboard.session import keys
from dashboard.session.keys import FormKey
from dashboard.storage.data_folder import count_stored
from dashboard.ui.history import actions
from tests.dashboard.eviction import evict
from tests.dashboard.interventions import store, what_if
from tests.dashboard.pages import select, sentences, shows_result, texts


def test_changing_a_run_fills_the_form_and_starts_nothing(visit, stored, monkeypatch):
    stored(prompt="left or right?", num_samples=7, noise_std=0.4)
    app = select(visit("history", search="left"), 0)
    monkeypatch.setattr(resources.jobs(), "submit", lambda *asked: pytest.fail("something was queued"))
    app.button(key="change-run").click().run()
    assert not app.exception
    assert app.text_area(key=FormKey.PROMPT).value == "left or right?"
    assert app.number_input(key=FormKey.CUSTOM_SAMPLES).value == 7 and app.number_input(key=FormKey.NOISE).value == 0.4
    assert "two-halves.png" in texts(app)
    assert "Everything of that run is filled in" in sentences(app)


def test_an_evicted_run_stays_says_so_and_is_computed_again(visit, stored, storage, monkeypatch, explainer, wait_until):
    from core.engine.model_pool import ModelPool

    name = stored(prompt="left or right?", num_samples=7)
    evict(storage)
    monkeypatch.setattr(ModelPool, "get", lambda models, card: explainer)
    app = visit("history")
    assert list(app.dataframe[0].value["size"]) == ["evicted"]
    select(app, 0)
    assert "no longer stored (evicted)" in sentences(app)
    app.button(key="again-runs").click().run()
    assert not app.exception and app.query_params[keys.RUN] == name
    wait_until(lambda: not resources.jobs().active())
    assert shows_result(visit("compute", run=name))
    assert list(visit("history").dataframe[0].value["size"]) != ["evicted"]
    assert len(explainer.asked) == 1 and explainer.asked[0][0][0].num_samples == 7


@pytest.mark.parametrize("noise", [0.15, 0.0])
def test_computed_again_the_values_are_the_same(ask, storage, explainer, noise):
    """With the embedded model itself: only a real one could fail to repeat its numbers."""
    from core import load_picture
    from core.engine.model_pool import ModelPool
    from core.scenes.scene import sample
    from dashboard.jobs.pictures import ChosenPicture
    from dashboard.jobs.runner import compute

    data = io.BytesIO()
    sample(1_700_005).image.resize((112, 112)).save(data, "PNG")
    chosen = ChosenPicture("scene.png", data.getvalue(), load_picture(data.getvalue()))
    question = ask(num_samples=3, noise_std=noise, max_new_tokens=3, seed=5)
    question = replace(question, request=replace(question.request, image=chosen.picture.digest), chosen=chosen)
    models = ModelPool(1)
    results = []
    for _ in range(2):
        compute(question, lambda progress: None, storage=storage, backend=models)
        results.append(storage.results.get_all(whole_run(question.request)))
        evict(storage)
        count_stored(storage)
        assert storage.runs.get(question.id).stored is None
    first, second = results
    assert first is not second and first.answer == second.answer
    for one, other in ((first, second), (first.of("combined"), second.of("combined"))):
        assert one.num_samples == other.num_samples and one.heat.max() > 0
        assert one.heat.tobytes() == other.heat.tobytes()
        assert one.squared_deviation.tobytes() == other.squared_deviation.tobytes()


def test_an_evicted_run_without_its_picture_is_one_sentence(visit, stored, storage):
    stored()
    evict(storage)
    next(storage.pictures.folder.glob("*.picture")).unlink()
    app = select(visit("history"), 0)
    app.button(key="again-runs").click().run()
    assert ["no longer stored. Upload it again" in error.value for error in app.error] == [True]


def test_a_run_is_opened_on_the_compute_page(visit, five_runs):
    app = select(visit("history", sort="When"), 0)
    app.button(key="open-run").click().run()
    assert not app.exception and app.query_params[keys.RUN] == five_runs["e"]
    assert shows_result(app)


def test_selected_runs_are_compared(visit, five_runs):
    app = select(visit("history", sort="When"), 0, 2)
    assert "open-run" not in {button.key for button in app.button}
    app.button(key="compare-runs").click().run()
    assert not app.exception and app.query_params[keys.RUNS] == f"{five_runs['e']},{five_runs['c']}"


def test_share_gives_the_addresses(visit, five_runs):
    names = [five_runs[letter] for letter in "ed"]
    shown = [code.value for code in select(visit("history", sort="When"), 0, 1).code]
    assert shown[0].endswith(f"/compare?runs={names[0]},{names[1]}")
    assert [line.rpartition("/")[2] for line in shown[1].splitlines()] == [f"compute?run={name}" for name in names]


def test_the_export_holds_the_runs_that_can_be_opened(five_runs):
    with zipfile.ZipFile(io.BytesIO(actions._export([five_runs["a"], "0" * 16], ""))) as file:
        names = file.namelist()
    assert any(five_runs["a"] in name for name in names) and not any("0" * 16 in name for name in names)


@pytest.mark.parametrize(
    ("stored_bytes", "words"),
    [
        ((10, 20), ""),
        ((None,), "The heat of this run is"),
        ((10, None, None), "The heat of 2 of the 3 selected runs is"),
    ],
)
def test_what_is_evicted_is_said_in_a_sentence(stored_bytes, words):
    said = actions.evicted_sentence([SimpleNamespace(stored=size, origin="") for size in stored_bytes])
    assert said.startswith(words) and bool(said) == bool(words)
    assert "gives the same values." in said or not words
    said = actions.evicted_sentence([SimpleNamespace(stored=size, origin="a" * 64) for size in stored_bytes])
    assert "a run of its own" in said or not words


def test_in_chinese_pages_speak_and_people_are_quoted(visit_in_chinese, five_runs):
    app = select(visit_in_chinese("history", search="b?"), 0)
    labels = {button.key: button.label for button in app.button}
    assert (labels["open-run"], labels["compare-runs"], labels["pin-runs"]) == ("打开", "比较", "置顶")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["title"], row["note"], row["prompt"]) == ("Figure 3", "边缘很奇怪", "b?")
    app.button(key="change-run").click().run()
    assert not app.exception and "左侧已填入该运行记录的全部设置" in sentences(app)


def test_an_evicted_run_says_so_in_chinese(visit_in_chinese, stored, storage):
    stored()
    evict(storage)
    app = visit_in_chinese("history")
    assert list(app.dataframe[0].value["size"]) == ["已逐出"]
    assert "这条运行记录的热度已不再存储（已逐出）。" in sentences(select(app, 0))


def test_what_is_exported_speaks_the_language_of_whoever_exports(five_runs):
    with zipfile.ZipFile(io.BytesIO(actions._export([five_runs["a"]], "", "zh_Hans"))) as file:
        shell, code = (file.read(f"{five_runs['a']}/reproduce.{kind}").decode() for kind in ("sh", "py"))
        assert file.read("runs.csv").decode().lstrip("\ufeff").startswith("run,first run,samples")
    assert "# 在装有本程序的机器上重新计算这条运行记录" in shell and "# 在装有本程序的机器上" in code
    compile(code, "reproduce.py", "exec")


def test_how_often_it_was_asked_what_if_is_said_of_a_single_run(visit, stored, storage):
    run, _other = open_run(stored(prompt="one")).result, stored(prompt="two")
    for found in (what_if(run), what_if(run, keep=True)):
        store(found, run, storage)
    assert "2 what-ifs were asked of it." in sentences(select(visit("history", search="one"), 0))
    assert "asked of it" not in sentences(select(visit("history", search="two"), 0))
    assert "asked of it" not in sentences(select(visit("history"), 0, 1))
