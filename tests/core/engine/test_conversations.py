"""Questions that follow others: everything that takes a prompt takes a conversation, told in either way."""

import numpy as np
import pytest
from PIL import Image

from core import InputError, Region, Target, Turn, Video
from core.engine.comparison import compare_models
from core.inputs.pictures import load_picture
from tests.conftest import gradient_picture

PICTURE = load_picture(gradient_picture(84, 112))
EARLIER = (Turn("user", (0, "What is this?")), Turn("assistant", ("A picture.",)))
SYSTEM = "You name colours."
TURNS = (Turn("system", (SYSTEM,)), *EARLIER)
FAST = {"num_samples": 1, "noise_std": 0.0, "max_new_tokens": 3}


def message(role, *parts):
    return {
        "role": role,
        "content": [{"type": "text", "text": part} if isinstance(part, str) else part for part in parts],
    }


def messages(image):
    return [
        message("system", SYSTEM),
        message("user", image, "What is this?"),
        message("assistant", "A picture."),
        message("user", "Where is it?"),
    ]


@pytest.fixture(scope="module")
def asked(explainer):
    return explainer.explain(PICTURE, "Where is it?", conversation=TURNS, **FAST)


GIVEN = {
    "system apart": lambda: (PICTURE, "Where is it?", {"system": SYSTEM, "conversation": EARLIER}),
    "turns as JSON": lambda: (PICTURE, "Where is it?", {"conversation": [turn.to_dict() for turn in TURNS]}),
    "messages with their picture": lambda: (None, messages({"type": "image", "image": PICTURE}), {}),
    "messages with a PIL image": lambda: (None, messages({"type": "image", "image": PICTURE.to_pil()}), {}),
    "messages and a picture beside": lambda: (PICTURE, messages({"type": "image"}), {}),
}


@pytest.mark.parametrize("way", GIVEN)
def test_the_same_conversation_told_in_another_way_is_the_same_request(explainer, asked, way):
    image, prompt, options = GIVEN[way]()
    found = explainer.explain(image, prompt, **options, **FAST)
    assert found.request == asked.request and found.request.conversation == TURNS
    assert np.array_equal(found.heat, asked.heat) and found.answer == asked.answer


def test_everything_that_takes_a_prompt_takes_a_conversation(explainer, asked):
    given = {"conversation": TURNS}
    few = {"max_new_tokens": 3}
    assert explainer.answer(PICTURE, "Where is it?", **given, **few).text == asked.answer.text
    told = messages({"type": "image", "image": PICTURE})
    words = explainer.explain_words(None, told, sentence="A red square")
    assert [word.text for word in words] == ["A", "red", "square"]
    assert all(each.request.conversation == TURNS for each in words.values()) and words
    assert explainer.heads(None, told, layers=[1], **few).request.conversation == TURNS
    assert explainer.logit_lens(None, told, layers=[1]).request.conversation == TURNS
    region = Region(((0.1, 0.1), (0.5, 0.5)))
    assert explainer.what_if(None, told, region=region, fills=["mean"], **few).interventions
    resting = explainer.reliance(PICTURE, "Where is it?", **given, fills=["mean"], **few)
    assert resting.answer == asked.answer.text
    compared = compare_models(explainer, explainer, None, told, layers=[1], **FAST)
    assert np.array_equal(compared.base.heat, compared.tuned.heat)


def test_the_prompts_heat_counts_earlier_turns_to_the_prompt(explainer):
    plain = explainer.prompt_words(PICTURE, "Where is it?", target=Target.text("red"))
    found = explainer.prompt_words(PICTURE, "Where is it?", conversation=TURNS, target=Target.text("red"))
    assert [word.text for word in found.words] == [word.text for word in plain.words]
    assert plain.turn_heat == () == plain.turn_shares() and "turn_heat" not in plain.to_dict()
    shares = found.turn_shares()
    assert len(shares) == 3 and min(shares) > 0
    assert sum(shares) + sum(found.word_shares()) <= found.shares()["prompt"] * (1 + 1e-6)
    assert sum(found.shares().values()) == pytest.approx(1)
    assert type(found).from_dict(found.to_dict()) == found


def test_text_alone_before_the_question_moves_no_map(explainer):
    """A white square on black, explained by the same sentence: its cell stays the hottest, whatever was said before.

    Where the text stands before the picture, so does the whole map.
    """
    pixels = np.zeros((168, 168, 3), np.uint8)
    pixels[56:84, 112:140] = 255
    picture, question = load_picture(Image.fromarray(pixels)), "What colour is the square?"
    given = FAST | {"method": "combined", "target": Target.text("white")}
    spoken = [
        (),
        (Turn("system", ("You name colours.",)),),
        (Turn("user", ("Hello.",)), Turn("assistant", ("Hello! What can I do?",))),
        (Turn("user", (0, "Is there a cat?")), Turn("assistant", ("No, there is none.",))),
    ]
    found = [explainer.explain(picture, question, conversation=turns, **given) for turns in spoken]
    hottest = [divmod(int(each.heat[0].argmax()), 6) for each in found]
    assert [abs(row - 2) <= 1 and abs(column - 4) <= 1 for row, column in hottest] == [True] * 4
    likeness = [np.corrcoef(each.heat.ravel(), found[0].heat.ravel())[0, 1] for each in found[1:3]]
    assert min(likeness) > 0.99


def test_a_video_may_follow_text_and_stand_in_an_earlier_turn(explainer):
    video = Video.of(np.stack([np.full((56, 84, 3), shade, np.uint8) for shade in (0, 90, 180, 250)]), [0, 1, 2, 3])
    earlier = (Turn("user", (0, "What happens?")), Turn("assistant", ("It gets brighter.",)))
    for turns in (TURNS[:1], earlier):
        found = explainer.explain(
            video=video, prompt="And then?", conversation=turns, target=Target.text("white"), **FAST
        )
        assert found.heat.ndim == 4 and np.isfinite(found.heat).all()
    told = [
        message("user", {"type": "video", "video": video}, "What happens?"),
        message("assistant", "It gets brighter."),
    ]
    same = explainer.explain(None, [*told, message("user", "And then?")], target=Target.text("white"), **FAST)
    assert same.request == found.request
    with pytest.raises(InputError, match="a video was given"):
        explainer.heads(None, [*told, message("user", "And then?")])


WRONG = {
    "turns beside messages": (messages({"type": "image"}), {"conversation": EARLIER}, "Leave conversation= out"),
    "order beside messages": (messages({"type": "image"}), {"picture_first": False}, "Leave picture_first= out"),
    "no turns": ("What?", {"conversation": 5}, "turns of a conversation cannot be 5"),
    "blank system": ("What?", {"system": " "}, "The system prompt is empty"),
    "system that is none": ("What?", {"system": 3}, "The system prompt must be text"),
    "two pictures in turns": (
        "What?",
        {"conversation": [Turn("user", (0, 1, "x"))]},
        "2 pictures, and the prompt has 1",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_asked_is_refused_in_a_sentence(explainer, wrong):
    prompt, options, told = WRONG[wrong]
    for ask in (explainer.answer, explainer.explain, explainer.prompt_words):
        with pytest.raises(InputError, match=told):
            ask(PICTURE, prompt, **options)
