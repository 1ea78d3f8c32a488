"""How much memory a chunk will take at its peak, predicted from the model's dimensions. No torch here.

What autograd saves of a layer was counted with `torch.autograd.graph.saved_tensors_hooks` on transformers'
Qwen decoder layers with frozen weights and SDPA; a test counts it again. With the weights frozen, a
linear layer saves nothing: what stays are the norms' float32 copies, what attention took and gave, and
three tensors of an MLP's inner width, which are two thirds of it all.
"""

from dataclasses import dataclass

from core.models.dimensions import CHANNELS, FRAMES, Dimensions, Tower

FLOAT = 4
CHUNK = 64
"""Tokens that a gated delta rule works on at once."""
ROLLOUT_ROWS = 256
"""Rows of attention that a rollout works on at once."""


@dataclass(frozen=True)
class Workload:
    """One chunk's work.

    Attributes:
        samples: noise samples at once.
        length: tokens of prompt and answer.
        visual: visual tokens among them.
        rows: answer tokens that count.
        depth: decoder layers that the backward pass reaches; 0 where there is none.
        taps: hook points whose activation is recorded, of the shape of hidden states.
        graded: of these, those whose gradient is wanted.
        read: hook points that methods read at the visual tokens, in float32.
        attended: layers whose attention is recorded for the answer's rows.
        whole: of these, those of which every row is recorded.
        attention_gradients: of these, those whose gradient is wanted.
        pixels: whether the gradient goes through the vision tower.
        blocks: blocks of the vision tower that it goes through where it does not go down to the pixels.
        patched: hook points in the vision tower that are recorded and read, patch by patch.
        targets: how many are explained; with several, the graph stays while the first ones are read.
        recompute: whether a layer's inside is computed again in the backward pass instead of saved.
    """

    samples: int
    length: int
    visual: int
    rows: int
    depth: int = 0
    taps: int = 0
    graded: int = 0
    read: int = 0
    attended: int = 0
    whole: int = 0
    attention_gradients: int = 0
    pixels: bool = False
    blocks: int = 0
    patched: int = 0
    targets: int = 1
    recompute: bool = False


@dataclass(frozen=True)
class Phases:
    """Bytes over the weights, at the peak of each phase of a chunk.

    Attributes:
        tower: the picture is encoded.
        forward: the decoder has run, and everything that the backward pass needs is there.
        backward: its worst moment.
        reading: maps are read off.
    """

    tower: int
    forward: int
    backward: int
    reading: int

    @property
    def peak(self) -> int:
        """The most of all."""
        return max(self.tower, self.forward, self.backward, self.reading)


def sweep_load(layers: int, length: int, visual: int, rows: int, samples: int = 1, blocks: int = 0) -> Workload:
    """What the default run takes: every layer's map and the combined one; of the vision tower's blocks as well."""
    attended = layers - layers // 2
    return Workload(
        samples, length, visual, rows, layers, layers, layers, layers, attended, blocks=blocks, patched=blocks
    )


def saved_by_layer(dimensions: Dimensions, item: int) -> int:
    """Bytes that autograd saves of one decoder layer for each token, its input aside in 16-bit types.

    Two norms: their float32 input (the layer's own input in float32) and its factor. Attention: queries,
    keys, values, output and one float32 number a head. MLP: gate, its activation, and what it gates; where a
    token is given to experts, these of each of them, and what each gave, which is weighted.
    """
    d = dimensions
    norms = 2 * FLOAT * (d.width + 1)
    attention = item * d.head_width * (2 * d.heads + 2 * d.key_heads) + FLOAT * d.heads
    return norms + attention + item * (3 * d.inner + d.experts * d.width) + FLOAT * d.beside


def saved_by_linear_layer(dimensions: Dimensions, item: int) -> int:
    """The same of a layer that mixes tokens by a gated delta rule, as transformers computes it in float32.

    Counted like the rest: `mixed_by_linear_layer`, two norms and an MLP.
    """
    d = dimensions
    return 2 * FLOAT * (d.width + 1) + mixed_by_linear_layer(d, item) + item * (3 * d.inner + d.experts * d.width)


def mixed_by_linear_layer(dimensions: Dimensions, item: int) -> int:
    """What of that is the mixing of tokens.

    In float32, of each value head ten vectors of a key's width and seven of a value's, five rows as long as a chunk,
    and the state that each chunk leaves. Kernels made for it keep less.
    """
    n = dimensions.linear
    vectors = 8 * n.key_width + 6 * n.value_width + n.key_width * n.value_width // CHUNK + 5 * CHUNK + 10
    mixing = FLOAT * n.value_heads * vectors + item * (2 * n.mixed + n.value_heads * n.value_width)
    if item == FLOAT:
        mixing += FLOAT * (n.mixed + 2 * n.value_heads * n.key_width)
    return mixing


def saved_by_block(tower: Tower, item: int) -> int:
    """The same of one block of the vision tower, for each patch, where pixels want a gradient."""
    plain = 2 * FLOAT * (tower.width + 1) + 4 * item * tower.width + FLOAT * tower.heads + 3 * item * tower.inner
    return plain + FLOAT * tower.beside + item * tower.filled  # the latter: a row of the mask


def phases(dimensions: Dimensions, load: Workload, item: int) -> Phases:
    """What a chunk takes, phase by phase, `item` bytes a number."""
    d, tokens = dimensions, load.samples * load.length
    hidden = item * d.width * tokens
    layer, most = (each * tokens for each in _saved(d, item))
    logits = load.samples * load.rows * d.vocabulary * item
    pixels, tower, graph = _tower_bytes(d, load, item)
    # The picture, its features, the embeddings, and the positions' cosines and sines.
    fixed = pixels + item * d.width * load.samples * load.visual + hidden + 2 * item * d.head_width * tokens
    recorded = _recorded(d, load, item)
    if load.recompute:
        saved, inside = max(load.taps, load.depth) * hidden, most
    else:
        # In float32 a norm saves its very input, which is the tap.
        own = max(0, load.taps - load.depth) if item == FLOAT else load.taps
        saved, inside = load.depth * layer + own * hidden, 0
    if load.depth:
        saved += graph + FLOAT * (d.width + 1) * tokens  # and the last norm's float32 copy
    patches, own_patches, patches_read = _patch_bytes(d, load, item)
    held = fixed + recorded + saved + own_patches
    # A layer on its way forward: what its MLP holds at once, and the hidden states around it.
    moving = (3 * item * d.inner + (4 + 2 * d.experts) * item * d.width) * tokens
    if d.linear is not None and (load.recompute or not load.depth):
        # Where no graph keeps it, a sixth of it is gone again before the mixing is done.
        moving = max(moving, (mixed_by_linear_layer(d, item) * 5 // 6 + 2 * item * d.width) * tokens)
    forward = held + max(logits, moving)
    # On its way back: gradients of what the MLP gates, of the gate and of its activation.
    back = (3 * item * d.inner + (2 + d.experts) * item * d.width) * tokens
    grown = patches + load.graded * hidden + load.attention_gradients * item * d.heads * d.head_width * tokens
    left = pixels + patches + recorded + load.taps * hidden + logits
    backward = 0
    if load.depth:
        backward = max(held + 2 * logits, held + logits + inside + back, left + grown + inside + back)
    whole = left if load.targets == 1 else max(left, held + logits)  # the graph stays
    reading = grown + max(patches_read, _read(d, load)) + whole
    return Phases(fixed + tower, forward, backward, reading)


def peak(dimensions: Dimensions, load: Workload, item: int, weights: int) -> int:
    """Bytes in use at the worst moment of a chunk, weights included."""
    return weights + phases(dimensions, load, item).peak


def _saved(d: Dimensions, item: int) -> tuple[int, int]:
    """What autograd saves of a layer for each token: (in the mean of all layers, of one that takes most)."""
    attending = saved_by_layer(d, item)
    if d.linear is None:
        return attending, attending
    # A hybrid's attention normalises queries and keys, and gates what comes out.
    attending += item * d.head_width * (4 * d.heads + d.key_heads)
    linear = saved_by_linear_layer(d, item)
    return round(d.linear.share * linear + (1 - d.linear.share) * attending), max(linear, attending)


def _recorded(d: Dimensions, load: Workload, item: int) -> int:
    """Recorded attention that autograd does not save anyway, where a layer's inside is saved."""
    numbers = d.heads * (load.attended * load.rows + load.whole * (load.length - load.rows))  # queries
    if load.recompute or not load.depth:
        numbers += load.length * (
            d.key_heads * (load.attended + load.attention_gradients) + d.heads * load.attention_gradients
        )
    return item * d.head_width * load.samples * numbers


def _read(d: Dimensions, load: Workload) -> int:
    """Of one layer: activation and gradient in float32 and two of their like, or attention of the answer's rows."""
    now = 4 * FLOAT * d.width * load.samples * load.visual if load.read else 0
    rows = max(load.rows if load.attended else 0, ROLLOUT_ROWS if load.whole else 0)
    return max(now, 2 * FLOAT * d.heads * load.samples * rows * load.length)


def _patch_bytes(d: Dimensions, load: Workload, item: int) -> tuple[int, int, int]:
    """Taps in the vision tower: (all of them, those that autograd does not save anyway, what reading them takes)."""
    if d.tower is None:
        return 0, 0, 0
    one = d.tower.width * load.samples * load.visual * d.tower.merge**2
    anyway = (d.tower.depth if load.pixels else load.blocks) if load.recompute or item == FLOAT else 0
    # Read, block by block: activation and gradient in float32 and in the picture's order, and two of their like.
    return item * load.patched * one, item * max(0, load.patched - anyway) * one, 4 * FLOAT * one * bool(load.patched)


def _tower_bytes(d: Dimensions, load: Workload, item: int) -> tuple[int, int, int]:
    """(the picture, what encoding it takes for a moment and saves, what of that is saved for the backward pass)."""
    if d.tower is None:
        return 0, 0, 0
    t, patches = d.tower, load.samples * load.visual * d.tower.merge**2
    pixels = FLOAT * CHANNELS * FRAMES * t.patch**2 * patches
    # Around attention: residual, normed, queries with keys and values; and rotating both in float32.
    rotating = 5 * item * t.width + 5 * FLOAT * t.width
    gating = 2 * item * t.width + 3 * item * t.inner
    rounded = item * CHANNELS * FRAMES * t.patch**2 if item < FLOAT else 0
    moving = (rounded + max(rotating, gating)) * patches
    if t.filled:
        # Patches are pooled by a matrix of each token's patches, 16 bytes an entry.
        moving = max(moving, (16 * t.filled // t.merge**2 + FLOAT * t.width) * patches) + item * t.filled * patches
    through = t.depth if load.pixels else load.blocks
    if not through:
        return pixels, moving, 0
    block = saved_by_block(t, item) * patches
    merger = (FLOAT * (t.width + 1) + 2 * item * t.width) * patches
    graph = merger + through * (item * t.width * patches if load.recompute else block)
    # On the way back, the merger's share is gone when a block's inside is worked out again.
    inside = max(0, block - merger) if load.recompute else 0
    if t.filled:  # what pools patches is gone by then, the mask is not
        return pixels, graph + max(moving, inside + item * t.filled * patches), graph
    return pixels, graph + moving + inside, graph
