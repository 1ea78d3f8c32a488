"""Maps of the embedded model against the known pixels of held-out scenes."""

import numpy as np
import pytest

from core.analysis.objects import cells_of
from core.errors import InputError
from core.evaluation.benchmark.answer_matching import DESCRIPTIONS
from core.evaluation.benchmark.localisation import (
    PATIENCE,
    SEEDS,
    cases,
    chance,
    function_words,
    judge,
    maps_of,
    removal_areas,
    silence_of,
)
from core.evaluation.benchmark.metrics import METRICS, func_iou, obj_iou, otsu
from core.scenes.scene import TRAINING_SEEDS
from core.schema import Answer, Token
from core.schema.target import Target

SCENES = 24
POINTING, ENERGY, AUC = (list(METRICS).index(name) for name in ("pointing", "energy", "auc"))


@pytest.fixture(scope="module")
def judged(explainer):
    """method -> [scenes, maps, metrics], for three methods; and the mean chance of a blind map."""
    values, blind = {}, []
    for (case,) in cases(explainer, SCENES):
        results = maps_of(explainer, case, ["combined", "gradient_deviation", "gradcam"])
        blind.append(chance(case, results["combined"].grid))
        for name, result in results.items():
            values.setdefault(name, []).append(judge(result.heat, case.mask))
    return {name: np.array(rows) for name, rows in values.items()}, np.mean(blind)


def test_scenes_are_disjoint_from_training():
    assert SEEDS.start >= TRAINING_SEEDS.stop


def test_the_combined_map_points_at_what_the_answer_speaks_of(judged):
    """Twenty-four scenes leave about +-0.09 around a share: the bars here lie that much below what is measured."""
    values, blind = judged
    combined = values["combined"].mean(0)[0]
    assert blind < 0.15
    assert combined[POINTING] > 0.88 and combined[ENERGY] > 0.7 and combined[AUC] > 0.98


def test_the_default_map_of_a_layer_does_too(judged):
    layers = judged[0]["gradient_deviation"].mean(0)[:6]
    assert layers[:, POINTING].mean() > 0.84 and layers[:, AUC].min() > 0.95


def test_so_do_the_vision_towers_blocks_patch_by_patch(explainer):
    values, blind = [], []
    for (case,) in cases(explainer, SCENES):
        result = maps_of(explainer, case, ["gradient_deviation"], part="tower")["gradient_deviation"]
        rows, columns = maps_of(explainer, case, ["combined"])["combined"].grid
        assert result.grid == (2 * rows, 2 * columns) and result.layers == (0, 1, 2, 3)
        values.append(judge(result.heat, case.mask))
        blind.append(chance(case, result.grid))
    blocks = np.mean(values, axis=0)
    assert np.mean(blind) < 0.1
    assert blocks[:, POINTING].mean() > 0.84 and blocks[:, ENERGY].min() > 0.4 and blocks[:, AUC].min() > 0.95


def test_the_originals_average_over_tokens_does_not(judged):
    original, default = (judged[0][name].mean(0)[:, POINTING] for name in ("gradcam", "gradient_deviation"))
    assert original[2:].mean() < default[2:].mean() / 2


def test_a_description_is_cut_into_the_names_of_its_objects(explainer):
    (phrases,) = cases(explainer, 1, DESCRIPTIONS[:1])
    assert 2 <= len(phrases) <= 4
    for case in phrases:
        assert case.target == Target.words(case.target.phrase) and case.target.phrase in case.answer.text
        assert (case.mask == case.scene.masks[case.target.phrase]).all()


def test_words_that_mean_no_object_are_told_from_those_that_do(explainer):
    (scene,) = cases(explainer, 1, DESCRIPTIONS[:1])
    silent = {word.text for word in function_words(scene[0])}
    assert silent == set(scene[0].answer.text.replace(";", " ").rstrip(".").split()) - {
        word for phrase in scene[0].scene.masks for word in phrase.split()
    }
    (chinese,) = cases(explainer, 1, DESCRIPTIONS[1:])
    rest = chinese[0].answer.text
    for phrase in sorted(chinese[0].scene.masks, key=len, reverse=True):
        rest = rest.replace(phrase, " ")
    assert "".join(word.text for word in function_words(chinese[0])) == "".join(c for c in rest if c.isalpha())


def test_tams_measures_equal_one_word_at_a_time(explainer):
    (scene,) = cases(explainer, 1, DESCRIPTIONS[:1])
    found = silence_of(explainer, scene, ["combined", "gradient_deviation"])
    assert found["combined"].shape == (1, 4) and found["gradient_deviation"].shape == (8, 4)
    nouns, others = [], []
    for case in scene:
        result = maps_of(explainer, case, ["gradient_deviation"])["gradient_deviation"]
        nouns.append((result.at(3), cells_of(case.mask, result.grid)))
    for word in function_words(scene[0]):
        request = result.request.for_layers((3,)).for_word(word)
        others.append(explainer.run(scene[0].picture, [request], answer=scene[0].answer)[0].at(3))
    threshold = np.mean([otsu(heat) for heat, _ in nouns])
    objects, silence = [obj_iou(*noun) for noun in nouns], [func_iou(other, threshold) for other in others]
    sums = found["gradient_deviation"][3]
    assert (sums[1], sums[3]) == (len(objects), len(silence))
    assert (sums[0] / sums[1], sums[2] / sums[3]) == pytest.approx((np.mean(objects), np.mean(silence)), abs=0.02)


def test_shares_of_several_processes_do_not_overlap(explainer):
    first, second = ([case.picture.digest for (case,) in cases(explainer, 3, share=(i, 2))] for i in (0, 1))
    assert len({*first, *second}) == 6


def test_the_combined_map_takes_the_answer_away_sooner_than_the_originals(explainer):
    (case,) = next(cases(explainer, 1))
    results = maps_of(explainer, case, ["combined", "gradcam"])
    areas = removal_areas(explainer, case, {"combined": results["combined"].at(), "gradcam": results["gradcam"].at(4)})
    assert set(areas) == {"combined", "gradcam", "the true mask", "random"}
    assert areas["combined"][0] < areas["gradcam"][0] and areas["combined"][0] < areas["random"][0]
    assert areas["combined"][1] > areas["random"][1]


def test_a_model_that_is_hardly_ever_right_is_given_up(explainer, monkeypatch):
    asked = []

    def wrong(self, picture, question, **options):
        asked.append(question)
        return Answer("I cannot see.", (Token(1, "I cannot see.", 1.0),))

    monkeypatch.setattr(type(explainer), "answer", wrong)
    with pytest.raises(InputError, match=f"Of {PATIENCE} questions about coloured shapes the model answered 0 right"):
        list(cases(explainer, 5))
    assert len(asked) == PATIENCE


def test_of_a_whole_sentence_the_phrase_is_explained(explainer, monkeypatch):
    """As models answer that were not taught to say the phrase alone."""
    (case,) = next(cases(explainer, 1, ["color"]))
    said = f"The object is {case.answer.text}."
    monkeypatch.setattr(type(explainer), "answer", lambda *asked, **options: Answer(said, ()))
    (again,) = next(cases(explainer, 1, ["color"]))
    assert case.target == Target.answer() and again.target == Target.words(case.answer.text)
    assert again.picture.digest == case.picture.digest and (again.mask == case.mask).all()
