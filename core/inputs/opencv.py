"""OpenCV's decoders, for what Pillow cuts to 8 bits, refuses, or needs much memory for; imported when first needed."""

import numpy as np


def read_values(data: bytes) -> np.ndarray | None:
    """The values of a picture file as they are in it; None where OpenCV cannot read it.

    Returns:
        [height, width], or [height, width, 3 or 4] in the order blue, green, red, alpha.
    """
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what is wrong with it is said in a sentence
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
