"""Do maps point at what the answer speaks of? Held-out scenes, whose pixels are known.

Only answers that are right count: a wrong answer has no right place. Scenes come from seeds that no
training run has drawn from, and from a part of those that no choice between methods was made on.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.analysis.objects import cells_of
from core.engine.explainer import Explainer
from core.errors import InputError
from core.evaluation.benchmark.answer_matching import DESCRIPTIONS, SHORT, right_phrases
from core.evaluation.benchmark.metrics import METRICS, func_iou, obj_iou, otsu
from core.evaluation.trust.deletion import area, random_rankings, steps
from core.evaluation.trust.faithfulness import STEPS, both_ways, probabilities_without
from core.inference.forward import build_sequence, resolve_target
from core.inputs.pictures import Picture, load_picture
from core.inputs.prompt import prepare
from core.models.hooks import frozen
from core.scenes.scene import EVALUATION_SEEDS, Scene, sample
from core.schema import Answer, ExplainRequest, ExplainResult
from core.schema.methods import COMBINED, METHODS, ONE_PASS_METHODS
from core.schema.model_parts import Part
from core.schema.target import DEFAULT_SCORE, Score, Target
from core.schema.words import Word, find_phrase, is_punctuation, words_of

SEEDS = EVALUATION_SEEDS[600_000:]
KINDS = SHORT + DESCRIPTIONS
LONGEST = 96  # tokens; the longest description is shorter
PATIENCE, FEWEST = 40, 0.05
"""After so many questions, a model that has answered a smaller share right is given up."""


@dataclass(frozen=True, eq=False)
class Case:
    """One phrase of a right answer, and the pixels that it means.

    Attributes:
        mask: bool [height, width].
    """

    scene: Scene
    picture: Picture
    answer: Answer
    target: Target
    mask: np.ndarray


def cases(
    explainer: Explainer,
    count: int,
    kinds: Sequence[str] = SHORT,
    *,
    score: Score = DEFAULT_SCORE,
    share: tuple[int, int] = (0, 1),
) -> Iterator[list[Case]]:
    """Scenes of two to four objects that the model answers right, each with its phrases.

    A short answer that says nothing else is explained as a whole. Of a sentence, the phrase is explained, and of a
    description each object's name by itself.

    Args:
        count: scenes.
        share: (i, n): every n-th seed from the i-th on, so that n processes draw different scenes.

    Raises:
        InputError: the model answers hardly any question right, so that there is nothing to measure.
    """
    found, asked, offset = 0, 0, share[0]
    while found < count:
        if asked >= PATIENCE and found < FEWEST * asked:
            raise InputError(
                f"Of {asked} questions about coloured shapes the model answered {found} right: too few to measure "
                "where its maps point. Try other kinds of question; for any picture there is the trust badge."
            )
        kind = kinds[offset // share[1] % len(kinds)]
        scene = sample(SEEDS[offset], kind=kind, objects=2 + offset // (share[1] * len(kinds)) % 3)
        offset += share[1]
        if not scene.masks:
            continue
        picture, asked = load_picture(scene.image), asked + 1
        answer = explainer.answer(picture, scene.question, max_new_tokens=LONGEST)
        targets = {phrase: _target(answer, phrase, score) for phrase in right_phrases(scene, answer.text)}
        if targets:
            found += 1
            yield [Case(scene, picture, answer, target, scene.masks[phrase]) for phrase, target in targets.items()]


def _target(answer: Answer, phrase: str, score: Score) -> Target:
    return Target.answer(score=score) if phrase == answer.text else Target.words(phrase, score=score)


def maps_of(
    explainer: Explainer,
    case: Case,
    methods: Iterable[str],
    *,
    part: Part = "decoder",
    num_samples: int = 1,
    noise_std: float = 0.0,
) -> dict[str, ExplainResult]:
    """The case's maps by several methods, at every layer of a part of the model: method -> result."""
    first = _request(explainer, case, num_samples, noise_std)
    layers = tuple(range(explainer.depth(part)))
    requests = [replace(first.with_method(name, layers), part=part) for name in methods]
    results = explainer.run(case.picture, requests, answer=case.answer)
    return {result.request.method: result for result in results}


def _request(explainer: Explainer, case: Case, num_samples: int, noise_std: float) -> ExplainRequest:
    return ExplainRequest(
        image=case.picture.digest,
        prompt=case.scene.question,
        model=explainer.loaded.fingerprint,
        layers=(),
        method=COMBINED,
        target=case.target,
        num_samples=num_samples,
        noise_std=noise_std,
        max_new_tokens=LONGEST,
    )


def silence_of(explainer: Explainer, scene: Sequence[Case], methods: Sequence[str]) -> dict[str, np.ndarray]:
    """TAM's two measures of the words of one description, by method: float64 [maps, 4].

    (sum of obj-IoU over the objects' names, how many, sum of func-IoU over the words that mean no object, how many):
    TAM takes the means over all words of all descriptions. The threshold for words without an object is the mean of
    Otsu's for the names, on maps as they are: those of one answer have one unit.
    """
    case = scene[0]
    silent = function_words(case)
    if not silent:
        return {}
    base = _request(explainer, case, 1, 0.0)
    layers = tuple(range(explainer.total_layers))
    targets = [*(each.target for each in scene), *(base.for_word(word).target for word in silent)]
    requests = [replace(base.with_method(name, layers), target=target) for name in methods for target in targets]
    results = iter(explainer.run(case.picture, requests, answer=case.answer))
    found = {}
    for name in methods:
        heat = np.stack([next(results).heat for _ in targets], axis=1)  # [maps, targets, grid_h, grid_w]
        cells = [cells_of(each.mask, heat.shape[2:]) for each in scene]
        rows = []
        for nouns, others in zip(heat[:, : len(scene)], heat[:, len(scene) :], strict=True):
            threshold = float(np.mean([otsu(noun) for noun in nouns]))
            objects = [obj_iou(noun, where) for noun, where in zip(nouns, cells, strict=True)]
            silence = [func_iou(other, threshold) for other in others]
            rows.append((sum(objects), len(objects), sum(silence), len(silence)))
        found[name] = np.array(rows, np.float64)
    return found


def function_words(case: Case) -> list[Word]:
    """The words of a case's answer that are part of no phrase with a place in the picture."""
    spans = [span for phrase in case.scene.masks for span in find_phrase(case.answer.text, phrase)]
    tokens = case.answer.tokens

    def stands_in(word: Word) -> bool:
        begin, end = tokens[word.start].start, tokens[word.stop - 1].stop
        return any(begin < stop and end > start for start, stop in spans)

    return [word for word in words_of(case.answer) if not is_punctuation(word) and not stands_in(word)]


def judge(heat: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Every metric of every map.

    Args:
        heat: [maps, grid_h, grid_w].
        mask: bool [height, width], the object's pixels.

    Returns:
        float64 [maps, metrics], in the order of `METRICS`.
    """
    cells = cells_of(mask, heat.shape[1:])
    return np.array([[function(each, cells) for function, _ in METRICS.values()] for each in heat])


def chance(case: Case, grid: tuple[int, int]) -> float:
    """How often a blind map points right: the object's share of the cells."""
    return float(cells_of(case.mask, grid).mean())


def removal_areas(
    explainer: Explainer, case: Case, maps: dict[str, np.ndarray], *, orders: int = 4
) -> dict[str, tuple[float, float]]:
    """Areas under (deletion, insertion) on visual tokens, the mean token as baseline, by name of the map.

    "the true mask" is what a perfect map of the object would give; "random" is the mean over `orders` orders
    that know nothing, each read both ways.
    """
    loaded = explainer.loaded
    removed = {name: both_ways(heat) for name, heat in maps.items()}
    grid = next(iter(maps.values())).shape
    removed["the true mask"] = both_ways(cells_of(case.mask, grid).astype(float))
    size = next(iter(maps.values())).size
    fractions = steps(size, STEPS) / size
    blind = random_rankings(size, orders, seed=0)
    for number, order in enumerate(blind):
        ranks = np.argsort(order).reshape(grid)
        removed[f"random {number}"] = both_ways(-ranks.astype(float))
    with loaded.lock, frozen(loaded.model):
        prepared = prepare(loaded, case.picture, case.scene.question)
        sequence, target = (
            build_sequence(loaded, prepared, case.answer),
            resolve_target(loaded, case.target, case.answer),
        )
        everything = np.stack(list(removed.values()))
        found = probabilities_without(loaded, sequence, target, prepared.pixel_values, everything.reshape(-1, size))
    areas = area(found.reshape(everything.shape[:3]), fractions)
    by_name = {name: tuple(map(float, pair)) for name, pair in zip(removed, areas, strict=True)}
    blind_areas = np.array([by_name.pop(f"random {number}") for number in range(orders)])
    return by_name | {"random": tuple(map(float, blind_areas.mean(0)))}


TOWER_METHODS = tuple(name for name, method in METHODS.items() if method.has_tap)
SLOW_METHODS = tuple(name for name in METHODS if name not in ONE_PASS_METHODS)
