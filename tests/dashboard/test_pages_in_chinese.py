"""Every page in Chinese: nothing on it is English but what people wrote and what things are called."""

from functools import partial

import pytest
from streamlit.testing.v1 import AppTest

from cache import Change
from core.models.checkpoints import EMBEDDED
from dashboard.language import speaking
from dashboard.session import keys
from dashboard.ui.sample_scenes import scenes
from tests.dashboard import page_texts
from tests.dashboard.eviction import evict
from tests.dashboard.pages import fill_in, select
from tests.dashboard.people import ADA, ROOT, SECRET
from tests.dashboard.uploading import several, upload
from tests.some import some
from tests.waiting import PATIENCE

PEOPLES = ("the note that somebody wrote", "figure three of ours", "old red tag")


@pytest.fixture
def visit(visit_in_chinese):
    """Opens a page in Chinese, as an administrator: `visit("compute", run="...")`."""
    return partial(visit_in_chinese, name=ROOT)


@pytest.fixture
def runs(administrators, stored_all, stored, storage) -> tuple[str, ...]:
    """Three runs, of one of them several pictures, with all that can be written about them."""
    names = (
        stored(prompt="红色的圆在哪里？"),
        stored(prompt="有几个？", method="gradcam"),
        stored_all(prompt="有何不同？"),
    )
    note, title, tag = PEOPLES
    storage.runs.write([names[0]], Change(note=note, title=title, add_tags=(tag,), rating=3, pinned=True))
    return names


def english_on(app: AppTest) -> list[str]:
    """What is English on a page, a line each."""
    of_people = (
        *PEOPLES,
        *(scene.question for scene in scenes()),
        *(scene.chosen.name for scene in scenes()),
        *(EMBEDDED, "What is this?", f"Where is the {SECRET}?"),
    )
    shown = some(list(page_texts.texts(app)))
    found = [
        f"{where}: {english[0]!r} in {text[:160]!r}"
        for where, text in shown
        if (english := page_texts.english_in(text, of_people))
    ]
    return list(dict.fromkeys(found))


PAGES = {
    "home": ("home", {}),
    "glossary": ("glossary", {}),
    "compute": ("compute", {}),
    "compute, no such run": ("compute", {keys.RUN: "0" * 16}),
    "compute, a wrong view": ("compute", {keys.RUN: "{0}", "layer": "99", "opacity": "x"}),
    "batch": ("batch", {}),
    "batch, no such one": ("batch", {keys.BATCH: "0" * 16}),
    "compare": ("compare", {}),
    "compare, one": ("compare", {keys.RUNS: "{0}"}),
    "compare, two": ("compare", {keys.RUNS: "{0},{1}", keys.CompareKey.PARAMETERS: "true"}),
    "compare, three": ("compare", {keys.RUNS: "{0},{1},{2}"}),
    "history": ("history", {}),
    "history, nothing found": ("history", {keys.HistoryKey.SEARCH: "无"}),
    "history, storage": ("history", {keys.HistoryKey.STORAGE: "true"}),
    "history, the trash": ("history", {keys.HistoryKey.TRASH: "true"}),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page(visit, runs, name):
    page, params = PAGES[name]
    app = visit(page, **{str(key): value.format(*runs) for key, value in params.items()})
    assert english_on(app) == []


@pytest.mark.parametrize("number", range(3))
def test_a_run(visit, runs, number):
    app = visit("compute", run=runs[number])
    assert english_on(app) == []


def test_the_form_filled_in(visit, runs):
    assert english_on(fill_in(visit("compute"))) == []


@pytest.mark.parametrize("rows", [(0,), (0, 1), (0, 1, 2)], ids=len)
def test_what_can_be_done_with_runs(visit, runs, rows):
    app = visit("history")
    select(app, *rows)
    assert english_on(app.run()) == []


def test_what_went_wrong(visit, runs):
    app = visit("history")
    app.session_state["session"].problem = "The prompt is empty. Type a question about the picture."
    assert english_on(app.run()) == []


def test_a_batch(visit, administrators, batch_of):
    app = visit("batch", batch=batch_of(ADA, private=True).id)
    assert page_texts.english_in(app.header[0].value) == [] and len(app.dataframe) == 1
    assert english_on(app) == []


def test_pictures_of_a_batch_and_what_is_wrong_with_some(visit, administrators):
    app = upload(visit("batch"), [*several(2), ("diary.png", b"Dear diary", "image/png"), ("a.csv", b"x", "text/csv")])
    assert len(app.error) == 2
    assert english_on(app) == []


def test_a_run_whose_heat_is_gone(visit, runs, storage):
    evict(storage)
    for app in (visit("compute", run=runs[0]), visit("compare", runs=",".join(runs[:2])), select(visit("history"), 0)):
        assert english_on(app) == []


def test_what_is_damaged(visit, runs, data_folder):
    (data_folder / "results" / "cache.db.broken-20260101T101010.1Z").write_bytes(b"")
    app = visit("history")
    assert len(app.warning) + len(app.error) > 0
    assert english_on(app) == []


def test_people_see_what_they_wrote(visit, runs):
    app = visit("history")
    shown = "\n".join(text for _, text in page_texts.texts(app))
    assert all(text in shown for text in PEOPLES)


def test_a_page_in_english_is_english(administrators, visit_as, runs):
    with speaking("en"):
        assert len(english_on(visit_as(ROOT, "history"))) > 10


PLANTED = {
    "st.caption('这里 some words are left')": ["some words are left"],
    "st.button('行', help='What it does and why')": ["What it does and why"],
    "st.error('Nothing was found here.')": ["Nothing was found here"],
    "st.selectbox('选', ['a'], placeholder='Choose one of them')": ["Choose one of them"],
    "st.selectbox('选', ['a'], format_func=lambda _: 'the first of all')": ["the first of all"],
    "st.popover('open it now', help='x').text('文')": ["open it now"],
    "st.dataframe({'a': ['one of the cells']})": ["one of the cells"],
    "st.dataframe({'a': [['one of the marks']]})": ["one of the marks"],
    "st.dataframe({'a': ['文']}, column_config={'a': st.column_config.TextColumn('the first column')})": [
        "the first column"
    ],
    "st.dataframe({'a': ['文']}, column_config={'a': st.column_config.TextColumn('列', help='in what it is')})": [
        "in what it is"
    ],
    "st.dataframe({'a': [['as it is stored']]}, column_config={'a': st.column_config.MultiselectColumn('列', "
    "options=['as it is stored'], format_func=lambda v: '词')})": [],
    "st.dataframe({'a': [['as it is stored']]}, column_config={'a': st.column_config.MultiselectColumn('列', "
    "options=['as it is stored'], format_func=lambda v: 'as it is shown')})": ["as it is shown"],
    "st.metric('量', '1', help='as many as there are')": ["as many as there are"],
    "st.progress(0.5, 'half of it done')": ["half of it done"],
    "import plotly.graph_objects as go; st.plotly_chart(go.Figure(layout={'title': {'text': 'all of the layers'}}))": [
        "all of the layers"
    ],
    "st.code('this is no text')": [],
    "st.caption('提示词：`where is the cat`，见 https://a.b/where-it-is，Qwen2.5-VL')": [],
    "st.caption('3 张图片，Grad-CAM 与 SmoothGrad')": [],
}


@pytest.mark.parametrize("code", PLANTED)
def test_planted_english_is_found(code):
    app = AppTest.from_string(f"import streamlit as st\n{code}", default_timeout=PATIENCE).run()
    assert not app.exception
    found = [each for _, text in page_texts.texts(app) for each in page_texts.english_in(text)]
    assert list(dict.fromkeys(found)) == PLANTED[code]


def test_text_of_people_does_not_count():
    assert page_texts.english_in("备注：the note that somebody wrote", PEOPLES) == []
    assert page_texts.english_in("备注：some note that nobody wrote", PEOPLES) == ["some note that nobody wrote"]
