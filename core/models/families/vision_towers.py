"""How vision towers lay patches out that are given images of one size: image after image, row by row.

Some put tokens that show no part of the image (CLIP's class token) before an image's patches.
"""

from collections.abc import Sequence

from torch import Tensor, nn

from core.models.families.vision_inputs import Vision, VisionInputs
from core.models.token_layout import Tile, TokenLayout
from core.schema.model_parts import blocks_in_use


def encoder_blocks(model: nn.Module) -> nn.ModuleList:
    """The blocks of a CLIP or SigLIP tower that become features; none of a tower of another build."""
    encoder = getattr(model.model.vision_tower, "encoder", None)
    return in_use(model, getattr(encoder, "layers", nn.ModuleList()))


def in_use(model: nn.Module, blocks: nn.ModuleList) -> nn.ModuleList:
    """Those blocks of a tower that become features, as the model's configuration says."""
    return blocks[: blocks_in_use(len(blocks), getattr(model.config, "vision_feature_layer", -1))]


def image_layouts(inputs: VisionInputs, layouts: Sequence[TokenLayout]) -> tuple[TokenLayout, ...]:
    """How the tower sees each picture: every image that it is given is a grid of patches."""
    size = inputs.config.vision_config.patch_size
    patch = (size, size) if isinstance(size, int) else tuple(size)
    rows, columns = (length // side for length, side in zip(inputs.shape[-2:], patch, strict=True))
    # Where patches do not divide an image, its last pixels are seen by none.
    down, across = (
        (0, count * side, length) for count, side, length in zip((rows, columns), patch, inputs.shape[-2:], strict=True)
    )

    def patches(layout: TokenLayout) -> TokenLayout:
        tiles = tuple(Tile(rows, columns, rect.section(down, across)) for rect in layout.crops)
        return TokenLayout(tiles, layout.crops, len(tiles) * rows * columns)

    return tuple(patches(layout) for layout in layouts)


def image_patches(model: nn.Module, hidden: Tensor, vision: Vision, layouts: Sequence[TokenLayout]) -> Tensor:
    """Hidden states of a block [batch x images, (others +) patches, width] -> [batch, patches of all tiles, width]."""
    tiles = [tile for layout in layouts for tile in layout.tiles]
    placed = hidden[:, hidden.shape[1] - tiles[0].tokens :]
    return placed.unflatten(0, (-1, len(tiles))).flatten(1, 2)
