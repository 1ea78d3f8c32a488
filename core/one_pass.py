"""The one pass: one forward and one backward over a chunk of noise samples, for all layers together.

All decoder layers lie on one graph, so `torch.autograd.grad(score, taps)` gives the gradient at every
tap for the price of one. A sweep over all layers costs what one layer costs.
"""

import torch

from core.attribution import ATTRIBUTIONS
from core.errors import OutOfMemoryError
from core.loading import LoadedModel
from core.prompt import Prepared
from core.schema import Answer, ExplainRequest
from core.smoothgrad import Moments, noisy
from core.taps import record_activations

# Tokens that go through the decoder at once: enough to keep the device busy, few enough that progress
# moves and that 36 layers of width 2,048 (about 90 KB a token and layer, kept for the backward pass) stay
# below 14 GB.
CHUNK_TOKENS = {"cpu": 2_048, "cuda": 4_096}


def explain_chunk(
    loaded: LoadedModel, prepared: Prepared, answer: Answer, request: ExplainRequest, samples: range
) -> Moments:
    """One forward and one backward pass over a batch of noise samples, for all layers together.

    The caller holds the model's lock and has frozen it.

    Returns:
        Moments of heat [layers, visual tokens] over these samples.
    """
    family, model, device = loaded.family, loaded.model, loaded.device
    count = len(samples)
    answer_ids = torch.tensor([token.id for token in answer.tokens])
    ids, types = (tensor.to(device) for tensor in prepared.with_answer(answer_ids))
    grid, visual = prepared.image_grid.to(device), prepared.visual.to(device)
    spoken = torch.tensor(request.target.indices(len(answer.tokens)), device=device)

    with torch.no_grad():
        pixels = noisy(prepared.pixel_values, request.noise_std, request.seed, samples).to(device, model.dtype)
        features = family.encode_image(model, pixels.flatten(0, 1), grid.expand(count, -1))
        embeddings = family.embed_tokens(model, ids).repeat(count, 1, 1)
        embeddings[:, visual] = features.view(count, len(visual), -1).to(embeddings.dtype)
        positions = family.positions(model, ids, types, grid).expand(-1, count, -1)

    tapped = {index: loaded.layers[index] for index in request.layers}
    with torch.enable_grad(), record_activations(tapped, request.tap) as activations:
        logits = model(
            inputs_embeds=embeddings,
            position_ids=positions,
            use_cache=False,
            # The token at position p is predicted at p - 1.
            logits_to_keep=prepared.prompt_length - 1 + spoken,
        ).logits  # [samples, target tokens, vocabulary]
        said = answer_ids.to(device)[spoken].expand(count, -1)
        # Samples do not see each other, so the gradient of the sum holds each one's own.
        score = logits.gather(-1, said[..., None]).float().sum()
        hidden = [activations[index] for index in request.layers]
        gradients = torch.autograd.grad(score, hidden)

    attribute = ATTRIBUTIONS[request.method]
    with torch.no_grad():
        heat = torch.stack(
            [attribute(a[:, visual].float(), g[:, visual].float()) for a, g in zip(hidden, gradients, strict=True)],
            dim=1,
        )  # [samples, layers, visual tokens]
    return Moments.of(heat.cpu().numpy())


def first_chunk_size(length: int, device: str, total: int) -> int:
    """Samples to begin with, at most `total`, for sequences of `length` tokens."""
    return max(1, min(total, CHUNK_TOKENS.get(device, CHUNK_TOKENS["cpu"]) // length))


def smaller_chunk(size: int, error: RuntimeError) -> int:
    """Half of `size` after an out-of-memory error; any other error is raised again.

    Raises:
        OutOfMemoryError: there is no half of one sample.
    """
    if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
        raise error
    if size == 1:
        raise OutOfMemoryError(
            "The device has no room for even one noise sample. Use a smaller picture (a lower pixel budget), a "
            "shorter answer, a smaller model, or a device with more memory."
        ) from error
    return size // 2
