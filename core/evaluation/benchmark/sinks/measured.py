"""What comes out with sinks of one strength, scene by scene. No torch here."""

from dataclasses import dataclass, field

import numpy as np

FORMER = "combined_formula_1"
"""The combined map as it was before its attention was weighed, which the present one is held against."""


@dataclass(frozen=True)
class Shares:
    """Means over the rows at which the answer is predicted, all heads, and the layers in which sinks are on.

    Attributes:
        of_picture: of the attention on the picture, what its sinks take.
        in_picture: of all attention, what the picture's sinks take.
        in_prompt: of all attention, what sinks outside of the picture take.
    """

    of_picture: float
    in_picture: float
    in_prompt: float


@dataclass(eq=False)
class StrengthMeasured:
    """What came out with sinks of one strength; every list has an entry for each scene.

    Attributes:
        values: method, or `FORMER` -> float64 [maps, metrics], in the order of `METRICS`.
        same: whether the answer is that of the model as shipped.
        shares: where the answer's attention goes.
    """

    values: dict[str, list[np.ndarray]] = field(default_factory=dict)
    same: list[bool] = field(default_factory=list)
    shares: list[Shares] = field(default_factory=list)

    def extend(self, other: "StrengthMeasured") -> None:
        """Takes in the scenes of another process."""
        self.same += other.same
        self.shares += other.shares
        for name, values in other.values.items():
            self.values.setdefault(name, []).extend(values)
