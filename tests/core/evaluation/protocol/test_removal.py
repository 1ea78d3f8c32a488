"""Deletion and insertion at the input, against the curves that the trust of one map rests on."""

import numpy as np
import pytest

from core.evaluation.protocol.plan import Plan
from core.evaluation.protocol.removal import removal_areas
from core.evaluation.trust import faithfulness
from core.evaluation.trust.deletion import area
from core.inference.forward import build_sequence, resolve_target
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare_for
from core.models.hooks import frozen
from core.scenes.scene import EVALUATION_SEEDS, sample
from core.schema import ExplainRequest


def test_areas_are_those_of_the_curves_at_the_input(explainer):
    scene = sample(EVALUATION_SEEDS[700_000], kind="color", objects=2)
    picture, loaded = load_picture(scene.image), explainer.loaded
    request = ExplainRequest(
        image=picture.digest, prompt=scene.question, model=loaded.fingerprint, layers=(), method="combined",
        num_samples=1, noise_std=0.0,
    )  # fmt: skip
    answer = explainer.answer_to(picture, request)
    (result,) = explainer.run(picture, [request], answer=answer)
    mask = scene.masks[scene.answer]
    found = removal_areas(explainer, picture, request, answer, {"combined": result.heat[0]}, mask, Plan(steps=5))
    with loaded.lock, frozen(loaded.model):
        prepared = prepare_for(loaded, picture, request)
        sequence, target = build_sequence(loaded, prepared, answer), resolve_target(loaded, request.target, answer)
        removed = faithfulness.both_ways(result.heat[0], 5).reshape(-1, result.heat[0].size)
        told = faithfulness.probabilities_without(
            loaded, sequence, target, prepared.pixel_values, removed, "pixels", "mean"
        ).reshape(2, -1)
    areas = area(told, np.linspace(0, 1, told.shape[1]))
    assert found["combined"] == pytest.approx(tuple(areas), abs=0.02)  # shares of the cells are whole cells
    assert set(found) == {"combined", "the true mask", "random", "centre"}
    assert found["random"][0] == found["random"][1] and found["centre"][0] != found["centre"][1]
    deletion, insertion = found["the true mask"]
    assert deletion < found["random"][0] < insertion
    assert all(0 <= area <= 1 for area in np.ravel(list(found.values())))
