"""Operations counted from dimensions, against what torch counts of real models, and numbers worked out by hand."""

import pytest
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode, flop_registry

from core.engine.one_pass import explain_chunk
from core.inference.generation import force_answer
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.memory.estimate import Workload
from core.memory.fit import dimensions_of, recomputing
from core.memory.operations import BACK, answer_operations, chunk_operations, layer_weights, tower_operations
from core.models.dimensions import Dimensions, Tower
from core.models.hooks import frozen
from core.schema import ExplainRequest, Target
from tests.benchmarks import gpu
from tests.benchmarks.sizes import build
from tests.conftest import gradient_picture

SENTENCE = "In the bottom left is a blue square."
TOWER = Tower(depth=2, width=4, inner=6, heads=2, patch=2, merge=2, window=4, whole=1, gated=True)
BY_HAND = Dimensions(layers=3, width=8, inner=10, heads=2, key_heads=1, head_width=4, vocabulary=100, tower=TOWER)


class Products(TorchDispatchMode):
    """Operations of matrix products, as torch counts them; its own mode hooks modules, where autograd then fails."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function._overloadpacket in flop_registry:
            self.total += flop_registry[function._overloadpacket](*args, **(kwargs or {}), out_val=result)
        return result


def test_a_layer_and_a_block_by_hand():
    # Queries and output 8 x 8, keys and values 8 x 4, three matrices of 8 x 10.
    assert layer_weights(BY_HAND) == 64 + 64 + 32 + 32 + 3 * 80
    # 16 patches of 2 x 3 x 2 x 2 numbers; of each: the embedding 24 x 4, two blocks with four matrices of 4 x 4 and
    # three of 4 x 6, a merger of four patches' 16 x 16 and 16 x 8; and attention to 4 patches in one block, 16 in the
    # other, two products of 4 each.
    each = 2 * 24 * 4 + 2 * 2 * (4 * 16 + 3 * 24) + 2 * (256 + 128) / 4 + 2 * 2 * 4 * (4 + 16)
    assert tower_operations(BY_HAND, 4) == 16 * each


def test_an_answer_by_hand():
    prompt, further = answer_operations(BY_HAND, 10, 4, 3)
    head = 2 * 8 * 100
    # Of ten tokens each sees those before it and itself, 10 x 10 / 2; two products of 8.
    assert prompt == tower_operations(BY_HAND, 4) + 3 * (2 * 432 * 10 + 2 * 2 * 8 * 50) + head
    # The two further ones see 11 and 12.
    assert further == 3 * (2 * 432 * 2 + 2 * 2 * 8 * (11 + 12)) + 2 * head
    assert answer_operations(BY_HAND, 10, 4, 1)[1] == 0


def test_a_chunk_by_hand():
    load = Workload(samples=2, length=12, visual=4, rows=2, depth=3)
    forward = 3 * (2 * 432 * 24 + 2 * 8 * 12 * 24) + 2 * 8 * 100 * 4
    assert chunk_operations(BY_HAND, Workload(samples=2, length=12, visual=4, rows=2)) == (
        forward + 2 * tower_operations(BY_HAND, 4)
    )
    back = 3 * (2 * 432 * 24 + BACK * 2 * 8 * 12 * 24) + 2 * 8 * 100 * 4
    assert chunk_operations(BY_HAND, load) == forward + back + 2 * tower_operations(BY_HAND, 4)


@pytest.mark.parametrize("model", ["tiny", "embedded"])
def test_an_answers_operations_are_those_that_torch_counts(model, explainer):
    loaded = explainer.loaded if model == "embedded" else build(model).loaded
    prepared = prepare(loaded, load_picture(gradient_picture(168, 224)), "Where?", 100_000)
    tokens, inputs = 6, prepared.generation_inputs(loaded.device)
    with frozen(loaded.model), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counted:
        loaded.model.generate(**inputs, min_new_tokens=tokens, max_new_tokens=tokens, do_sample=False)
    d, length = dimensions_of(loaded), prepared.prompt_length
    prompt, further = answer_operations(d, length, len(prepared.visual), tokens)
    # Attention by the book multiplies the masked half of the prompt, too.
    masked = d.layers * 2 * d.heads * d.head_width * length**2
    assert counted.get_total_flops() == pytest.approx(prompt + further + masked, rel=0.02)


@pytest.mark.parametrize("recompute", [False, True])
@pytest.mark.parametrize("method", ["gradient_norm", "input_gradient"])
def test_a_chunks_operations_are_those_that_torch_counts(recompute, method):
    loaded = build("tiny").loaded
    prepared = prepare(loaded, load_picture(gradient_picture(168, 224)), "Where?", 100_000)
    layers = (0, 1, 2, 3) if method == "gradient_norm" else ()
    request = ExplainRequest(
        image="i",
        prompt="q",
        model="m",
        method=method,
        layers=layers,
        num_samples=2,
        target=Target.answer(sentence=SENTENCE),
    )
    with frozen(loaded.model):
        answer = force_answer(loaded, prepared, SENTENCE)
        case = gpu.Case(None, None, prepared, answer, 0)
        object.__setattr__(case, "explainer", type("Holder", (), {"loaded": loaded}))
        load, _ = gpu.peak_of(case, [request], 2, recompute)
        with recomputing(recompute), Products() as counted:
            explain_chunk(loaded, prepared, answer, [request], range(2))
    d, tokens = dimensions_of(loaded), load.samples * load.length
    # The CPU's fused attention is not among what torch counts.
    wide, again = d.heads * d.head_width, load.depth * recompute
    attention = 2 * wide * load.length * tokens * (d.layers + again + BACK * load.depth)
    patches, t = load.samples * load.visual * 4, d.tower
    seen = 2 * min(64, load.visual * 4) + load.visual * 4
    attention += patches * 4 * t.width * seen * (1 + BACK if load.pixels else 1)
    linear = chunk_operations(d, load) - attention
    # Recomputation stops at the last thing that is needed, which leaves out a layer's last product.
    assert counted.total == pytest.approx(linear, rel=0.12 if recompute else 0.01)
