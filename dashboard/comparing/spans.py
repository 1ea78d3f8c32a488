"""Several layers in words."""


def span(layers: tuple[int, ...]) -> str:
    """Layers in words."""
    if len(layers) == 1:
        return f"layer {layers[0]}"
    whole = layers == tuple(range(layers[0], layers[-1] + 1))
    return f"layers {layers[0]} to {layers[-1]}" if whole else f"{len(layers)} layers, {layers[0]} to {layers[-1]}"
