"""How the model of a run saw its picture, for runs that were stored before it was kept with them."""

from core.analysis.boxes import boxes_of
from core.schema.box_conventions import SeenPicture
from dashboard import resources
from dashboard.services.open import open_run

BOX = '{"bbox_2d": [0, 0, 112, 140]}'
SEEN = SeenPicture("qwen2_5_vl", (84, 56), (224, 140))
"""The model makes small pictures larger."""


def test_a_run_with_boxes_learns_it_from_the_models_files(stored):
    """The stand-in for the engine makes results that do not say it, as those of before."""
    run = open_run(stored(BOX))
    assert run.result.seen == SEEN
    assert boxes_of(run.result).each[0].pixels == (0, 0, 42, 56)
    assert run.result.of("combined").seen == run.result.seen


def test_others_stay_as_they_are(stored):
    assert open_run(stored("no boxes")).result.seen is None


def test_nothing_is_known_where_the_model_is_gone(stored, monkeypatch):
    monkeypatch.setattr(type(resources.catalogue()), "card_of", lambda catalogue, fingerprint: None)
    result = open_run(stored(BOX)).result
    assert result.seen is None
    assert boxes_of(result).notes[0].startswith("How the model saw the picture was not kept")


def test_each_of_several_pictures_has_its_own(ask_all, result_of, storage):
    from dashboard.jobs.persist import keep

    question = ask_all()
    name = keep(question, result_of(question, BOX), storage, seconds=2.0, samples=4).id
    run = open_run(name)
    assert len(run.result.pictures) == 3
    assert {each.seen for each in run.result.pictures} == {SEEN}
    assert run.of_picture(2).result.seen is not None
