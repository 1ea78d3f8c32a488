"""Maps whose statistics are known by hand."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

ONE_CELL = np.eye(1, 20).reshape(4, 5)
UNIFORM = np.full((4, 5), 3.0)
BLANK = np.zeros((4, 5))
TWO_EQUAL = np.array([[1.0, 0.0], [0.0, 1.0]])
TWO_BLOBS = np.zeros((6, 10))
TWO_BLOBS[1:3, 1:3] = 1.0
TWO_BLOBS[4, 7:9] = 2.0

MAPS = arrays(np.float32, (3, 4), elements=st.floats(0, 1e6, width=32))
