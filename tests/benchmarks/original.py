"""A faithful loop in the original's manner, to measure against: one layer at a time.

For every layer anew: generate the answer, then per sample a forward pass with all hidden states and
the whole vocabulary at every position, a backward pass down to the weights, and a Python loop over
channels. Only what today's transformers requires is added (token types for positions).
"""

import numpy as np
import torch

from core.engine.explainer import Explainer
from core.inputs.pictures import Picture
from core.inputs.prompt import prepare


def sweep(
    explainer: Explainer,
    picture: Picture,
    prompt: str,
    layers: tuple[int, ...],
    samples: int,
    max_new_tokens: int,
    max_pixels: int | None = None,
) -> np.ndarray:
    """Grad-CAM maps [layers, grid_h, grid_w], each the mean of maps divided by their own maximum."""
    model = explainer.loaded.model
    model.requires_grad_(True)
    try:
        sizes = samples, max_new_tokens, max_pixels
        return np.stack([_one_layer(explainer, picture, prompt, layer, *sizes) for layer in layers])
    finally:
        model.zero_grad(set_to_none=True)
        model.requires_grad_(False)


def _one_layer(explainer, picture, prompt, layer, samples, max_new_tokens, max_pixels):
    loaded = explainer.loaded
    model, module = loaded.model, loaded.layers[layer]
    prepared = prepare(loaded, picture, prompt, max_pixels)
    inputs = prepared.generation_inputs(loaded.device)
    with torch.no_grad():
        generated = model.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False)
    answer = generated[0, prepared.prompt_length :]
    ids, types = prepared.with_answer(answer)
    total = None
    for _ in range(samples):
        held = {}
        forward = module.register_forward_hook(lambda _m, _i, output, held=held: held.update(activation=output))
        backward = module.register_full_backward_hook(lambda _m, _i, out, held=held: held.update(gradient=out[0]))
        try:
            model.zero_grad()
            pixels = (inputs["pixel_values"] + 0.15 * torch.randn_like(inputs["pixel_values"])).clamp(-3, 3)
            logits = model(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                mm_token_type_ids=types,
                pixel_values=pixels.requires_grad_(),
                image_grid_thw=inputs["image_grid_thw"],
                output_hidden_states=True,
            ).logits
            score = logits[0, prepared.prompt_length - 1 : -1].gather(1, answer[:, None]).sum()
            score.backward()
        finally:
            forward.remove()
            backward.remove()
        activation = held["activation"][:, prepared.visual].detach().clone()
        weights = held["gradient"][:, prepared.visual].mean((0, 1))
        for channel in range(activation.shape[-1]):
            activation[:, :, channel] *= weights[channel]
        cam = activation.sum(-1).relu()[0].float().cpu().numpy().reshape(prepared.grids[0])
        cam = cam / cam.max() if cam.max() > 0 else cam
        total = cam if total is None else total + cam
    return total / samples
