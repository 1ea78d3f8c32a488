"""The question that many tests of the engine ask, and how far two maps are apart."""

import numpy as np

QUESTION = "Where is the red square?"
SHORT = {"max_new_tokens": 5}


def relative_error(got: np.ndarray, wanted: np.ndarray) -> float:
    return np.linalg.norm(got - wanted) / np.linalg.norm(wanted)
