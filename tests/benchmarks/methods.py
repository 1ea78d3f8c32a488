"""What further methods and words cost beyond the one pass. Run by hand: `python -m tests.benchmarks.methods`.

Everything is measured side by side in one run, in CPU time, and told as ratios of medians, since machines are
shared and noisy. The answer is given; all layers are mapped.
"""

import argparse
import time
from dataclasses import replace

import torch

from core.engine.explainer import Explainer
from core.inputs.pictures import Picture, load_picture
from core.scenes.scene import sample
from core.schema import Answer, ExplainRequest
from core.schema.methods import COMBINED, DEFAULT_METHOD, ONE_PASS_METHODS
from core.schema.target import Target
from core.schema.words import is_punctuation, words_of
from tests.benchmarks.sweep import MODELS, PROMPT, timed

WORDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1, help="more than one stalls where other work is running")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    picture = load_picture(sample(1_000_000, objects=4).image)
    sentence = spoken_answer(picture)
    for name, build in MODELS.items():
        explainer = build()
        answer = answer_of(explainer, picture, sentence)
        print(
            f"\n{name}: {explainer.total_layers} layers, {options.samples} samples, {len(answer.tokens)} answer tokens"
        )
        methods(explainer, picture, answer, options)
        words(explainer, picture, answer, options)


def spoken_answer(picture: Picture) -> str:
    """What the embedded model says of the picture, cut after `WORDS` words, punctuation not counted."""
    said = MODELS["embedded"]().answer(picture, PROMPT, max_new_tokens=96)
    spoken = [word for word in words_of(said) if not is_punctuation(word)]
    return said.text[: said.tokens[spoken[WORDS - 1].stop - 1].stop]


def answer_of(explainer: Explainer, picture: Picture, sentence: str) -> Answer:
    """The sentence as the model's answer: a model of random weights says nothing by itself."""
    request = replace(request_of(explainer, picture, 1), target=Target.text(sentence))
    return explainer.answer_to(picture, request)


def request_of(explainer: Explainer, picture: Picture, samples: int) -> ExplainRequest:
    """The combined map of the whole answer."""
    return ExplainRequest(
        image=picture.digest,
        prompt=PROMPT,
        model=explainer.loaded.fingerprint,
        layers=(),
        method=COMBINED,
        num_samples=samples,
        max_new_tokens=96,
    )


def methods(explainer: Explainer, picture: Picture, answer: Answer, options: argparse.Namespace) -> None:
    """All methods of the one pass against the default one."""
    base, layers = request_of(explainer, picture, options.samples), tuple(range(explainer.total_layers))

    def run(names):
        requests = [base.with_method(name, layers) for name in names]
        return lambda: explainer.run(picture, requests, answer=answer)

    decoder = [name for name in ONE_PASS_METHODS if name != "input_gradient"]
    blocks = base.with_method(DEFAULT_METHOD, tuple(range(explainer.depth("tower"))))
    blocks = replace(blocks, part="tower")
    one, both, every_but, every, tower = timed(
        [
            run([DEFAULT_METHOD]),
            run([DEFAULT_METHOD, COMBINED]),
            run(decoder),
            run(ONE_PASS_METHODS),
            lambda: explainer.run(picture, [blocks, base], answer=answer),
        ],
        options.repeats,
        time.process_time,
    )
    print(
        f"  against the default method alone ({1000 * one:.0f} ms): with the combined map {both / one:.2f}, "
        f"{len(decoder)} methods {every_but / one:.2f}, all {len(ONE_PASS_METHODS)} with the gradient at the "
        f"pixels {every / one:.2f} (goal: at most 1.5), the vision tower's blocks with the combined map "
        f"{tower / one:.2f}"
    )


def words(explainer: Explainer, picture: Picture, answer: Answer, options: argparse.Namespace) -> None:
    """The combined map of every word, against the one pass over all layers and against one combined map.

    A combined map alone goes back through the upper half of the layers, so that it costs less than the one pass.
    """
    base = replace(request_of(explainer, picture, 1), noise_std=0.0)
    spoken = [word for word in words_of(answer) if not is_punctuation(word)]
    requests = [base.for_word(word) for word in spoken]
    sweep = base.with_method(DEFAULT_METHOD, tuple(range(explainer.total_layers)))
    one_pass, whole, each = timed(
        [
            lambda: explainer.run(picture, [sweep], answer=answer),
            lambda: explainer.run(picture, [base], answer=answer),
            lambda: explainer.run(picture, requests, answer=answer),
        ],
        options.repeats,
        time.process_time,
    )
    print(
        f"  combined maps of {len(spoken)} words: {each / one_pass:.2f} times the one pass over all layers "
        f"({1000 * one_pass:.0f} ms; goal: at most 6), {each / whole:.2f} times one combined map of the whole answer"
    )


if __name__ == "__main__":
    main()
