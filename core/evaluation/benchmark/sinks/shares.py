"""Where the answer's attention goes: how much of it sinks take."""

import torch

from core.engine.explainer import Explainer
from core.evaluation.benchmark.localisation import Case
from core.evaluation.benchmark.sinks.measured import Shares
from core.inference.attention import AttentionRecorder, answer_rows, record_attention
from core.inference.forward import answer_states, build_sequence, encode, resolve_target
from core.inputs.prompt import prepare
from core.models.hooks import HookPoint, frozen, record_activations


def shares_of(explainer: Explainer, case: Case, threshold: float) -> Shares:
    """Measures one case, in one forward pass.

    Args:
        threshold: max |A| / rms(A) at mid-depth, from which on a token is a sink.
    """
    loaded = explainer.loaded
    middle = HookPoint(len(loaded.layers) // 2)
    with loaded.lock, frozen(loaded.model), torch.no_grad():
        prepared = prepare(loaded, case.picture, case.scene.question)
        sequence = build_sequence(loaded, prepared, case.answer)
        indices = resolve_target(loaded, case.target, case.answer).indices
        rows = sequence.rows(indices)
        recorder = AttentionRecorder(range(1, len(loaded.layers)), rows, graded=())
        with (
            record_activations({middle: loaded.layers[middle.layer]}, cut=False) as activations,
            record_attention(loaded.family.decoder_config(loaded.model), recorder) as attention,
        ):
            answer_states(loaded, sequence, encode(loaded, sequence, prepared.pixel_values[None]), indices)
        hidden = activations[middle][0].float()
        peaks = hidden.abs().amax(-1) / hidden.square().mean(-1).sqrt()
        everywhere = torch.arange(len(hidden), device=rows.device)
        each = [answer_rows(layer, rows, everywhere)[0].mean((0, 1)) for layer in attention.values()]
    looks, is_sink = torch.stack(each).mean(0), peaks >= threshold
    in_picture = torch.zeros_like(is_sink)
    in_picture[sequence.visual] = True
    on_picture = float(looks[in_picture].sum())
    on_sinks = float(looks[in_picture & is_sink].sum())
    return Shares(on_sinks / on_picture, on_sinks, float(looks[~in_picture & is_sink].sum()))
