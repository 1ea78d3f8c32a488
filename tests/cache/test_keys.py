"""Keys: the same question has the same key, and any other question another."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import answer_key, map_key, run_id, run_key
from cache.keys import canonical, digest, digests, map_keys, model_report_key, pass_key, report_key
from core.schema import ExplainRequest, Target
from core.schema.conversation import Turn
from core.schema.drawn_answers import MAX_SEED, TEMPERATURES
from core.schema.limits import MAX_FRAMES
from core.schema.methods import METHODS
from core.schema.request import FORMULAS
from tests.cache.samples import few_examples, make_request

# Each strategy gives valid values of one field; noise above 0, where seed and count do matter.
FIELDS = {
    "image": st.text("0123456789abcdef", min_size=64, max_size=64),
    "prompt": st.text(min_size=1, max_size=40).filter(str.strip),
    "model": st.text(min_size=1, max_size=40),
    "layers": st.sets(st.integers(0, 79), min_size=1, max_size=8).map(lambda layers: tuple(sorted(layers))),
    "method": st.sampled_from(sorted(name for name, method in METHODS.items() if method.has_tap)),
    "tap": st.sampled_from(["input", "output"]),
    "part": st.sampled_from(["decoder", "tower"]),
    "target": st.builds(
        lambda start, length: Target.tokens(start, length and start + length),
        st.integers(0, 50),
        st.none() | st.integers(1, 50),
    ),
    "num_samples": st.integers(1, 1000),
    "noise_std": st.floats(1e-6, 10, allow_nan=False),
    "seed": st.integers(0, 2**63 - 1),
    "max_new_tokens": st.integers(1, 1024),
    "max_pixels": st.none() | st.integers(28 * 28 * 4, 28 * 28 * 16384),
    "picture_first": st.booleans(),
    "origin": st.text("0123456789abcdef", min_size=64, max_size=64),
    "formula": st.sampled_from(FORMULAS),
    "frames": st.integers(0, MAX_FRAMES),
    "temperature": st.floats(*TEMPERATURES),  # above 0, where the others matter
    "top_p": st.floats(0, 1, exclude_min=True),
    "answer_seed": st.integers(0, MAX_SEED),
    "conversation": st.builds(
        lambda shown, texts: tuple(
            Turn(role, ((0, text) if shown and not number and role == "user" else (text,)))
            for number, text in enumerate(texts)
            for role in ("user", "assistant")
        ),
        st.booleans(),
        st.lists(st.sampled_from("abc"), max_size=3),
    ),
}
SEVERAL = {"images", "picture"}  # which hang together with `image`: see the tests of several pictures
REQUESTS = st.builds(ExplainRequest, **FIELDS)
ANSWER_FIELDS = {"image", "frames", "prompt", "model", "max_new_tokens", "max_pixels", "picture_first", "origin"}
ANSWER_FIELDS |= {"temperature", "top_p", "answer_seed", "conversation"}


def test_golden_digests():
    """These very keys are on people's disks: a change here needs a new version tag."""
    asked = {"layers": (2, 5), "noise_std": 0.15, "target": Target.tokens(1, 3), "max_pixels": 1003520}
    request = make_request(**asked, formula=1)
    assert run_key(request) == "cam2:f33f926c941828aad01d40066f2a397e52ccca9ce4deed009fe298fe7d698cd7"
    assert map_key(request, 5) == "cam2:0f9b4fae2b5777dc6386983277cc5059a08a08564ffd0fb8cb13815f4b5d560b"
    assert answer_key(request) == "cam2:35d724a5ba9e0bfc49cea94d71daaa87b48e984a431b1af4040c098f40880e4e"
    assert run_id(request) == run_key(request)[5:21]


@pytest.mark.parametrize(
    ("study", "key"),
    [
        ("evidence", "cam2:3add47a017a48431ab85cffae35d95303ea7085da77cf37b3237e33fddf129c9"),
        ("evidence-tower", "cam2:cb0be04b1ce505674aa6be34e09214b1666c67ef8756c5c2d1e008eb212dfdb3"),
    ],
)
def test_a_report_about_a_model_has_the_key_that_is_on_peoples_disks(study, key):
    assert model_report_key("evidence-1-200-40-40", "m@1", study) == key


def test_a_report_about_a_model_is_told_apart_by_each_of_its_parts():
    found = {model_report_key(*parts) for parts in (("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"), ("a", "b", "x"))}
    assert len(found) == 4


def test_strategies_name_every_field():
    assert set(FIELDS) | SEVERAL == {field.name for field in dataclasses.fields(ExplainRequest)}


@pytest.mark.parametrize("name", FIELDS)
@few_examples
@given(data=st.data())
def test_every_field_changes_the_key(name, data):
    request = data.draw(REQUESTS)
    other = dataclasses.replace(request, **{name: data.draw(FIELDS[name])})
    differs = other != request
    assert (run_key(other) != run_key(request)) == differs
    assert (run_id(other) != run_id(request)) == differs
    of_the_map = differs and name not in ("layers", "formula")
    assert (map_key(other, 3) != map_key(request, 3)) == of_the_map
    assert (pass_key(other) != pass_key(request)) == of_the_map
    assert (answer_key(other) != answer_key(request)) == (differs and name in ANSWER_FIELDS)


@few_examples
@given(REQUESTS)
def test_key_survives_json(request):
    assert run_key(ExplainRequest.from_dict(request.to_dict())) == run_key(request)


@few_examples
@given(REQUESTS)
def test_kinds_and_layers_never_share_a_key(request):
    found = [run_key(request), pass_key(request), answer_key(request)]
    found += [map_key(request, layer) for layer in range(4)]
    assert len(set(found)) == len(found)
    assert map_keys(request) == {layer: map_key(request, layer) for layer in request.layers}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@few_examples
@given(st.dictionaries(st.text(max_size=9), JSON), st.text("lmnop", min_size=1, max_size=5), st.lists(JSON))
def test_names_that_share_their_beginning_are_those_of_each_by_itself(values, name, each):
    """Whatever sorts before and after it, as these very keys are on people's disks."""
    values.pop(name, None)
    assert digests("a kind", values, name, each) == [digest("a kind", {**values, name: value}) for value in each]


def test_each_picture_of_a_prompt_has_maps_of_its_own_and_one_answer():
    several = make_request(image="a", images=("a", "b", "a"))
    others = [several.of_picture(number) for number in (1, 2)]
    requests = [make_request(image="a"), several, *others, make_request(image="a", images=("a", "a", "b"))]
    assert len({run_key(request) for request in requests}) == len({map_key(request, 3) for request in requests}) == 5
    assert {answer_key(request) for request in (several, *others)} == {answer_key(several)}
    assert len({answer_key(request) for request in requests}) == 3
    assert {run_id(request) for request in (several, *others)} == {run_id(several)}  # one run about all of them
    assert len({run_id(request) for request in requests}) == 3
    for request in requests:
        assert ExplainRequest.from_dict(request.to_dict()) == request


def test_equal_numbers_have_equal_keys():
    assert run_key(make_request(noise_std=1)) == run_key(make_request(noise_std=1.0))
    assert run_key(make_request(noise_std=0.0)) == run_key(make_request(noise_std=-0.0))
    assert run_key(make_request(noise_std=0.1 + 0.2)) != run_key(make_request(noise_std=0.3))
    assert canonical({"a": (1.0, -0.0, 0.5, 1e300)}) == {"a": [1, 0, 0.5, 1e300]}


def test_without_noise_seed_and_count_do_not_matter_to_the_map():
    one, other = make_request(noise_std=0, seed=1), make_request(noise_std=0.0, seed=2, num_samples=50)
    assert map_key(one, 0) == map_key(other, 0)
    assert pass_key(one) == pass_key(other)
    assert run_key(one) != run_key(other)


def test_where_nothing_is_drawn_every_key_is_that_of_before():
    plain, sentence = make_request(), make_request(target=Target.text("red"))
    assert not {"temperature", "top_p", "answer_seed"} & plain.to_dict().keys()
    greedy = make_request(temperature=0, top_p=0.5, answer_seed=7)
    forced = make_request(target=Target.text("red"), temperature=0.7, answer_seed=7)
    assert (greedy, forced) == (plain, sentence)
    assert [run_key(each) for each in (greedy, forced)] == [run_key(plain), run_key(sentence)]
    assert run_key(make_request(temperature=1)) == run_key(make_request(temperature=1.0)) != run_key(plain)


def test_what_is_asked_now_is_another_run_and_shares_all_but_the_combined_map_with_former_ones():
    now, former = make_request(layers=(2, 5)), make_request(layers=(2, 5), formula=1)
    assert run_id(now) != run_id(former)
    assert map_keys(now) == map_keys(former) and pass_key(now) == pass_key(former)
    assert report_key("trust", now) == report_key("trust", former)
    combined = [request.with_method("combined", ()) for request in (now, former)]
    assert [request.formula for request in combined] == [2, 1]
    for name in (lambda request: map_key(request, None), pass_key, lambda request: report_key("trust", request)):
        assert len(set(map(name, combined))) == 2
    assert answer_key(now) == answer_key(former)


def test_half_a_surrogate_pair_has_a_key():
    assert run_key(make_request(prompt="\ud83d")) != run_key(make_request(prompt="?"))


def test_numbers_without_json_form_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        digest("run", {"noise_std": float("nan")})
