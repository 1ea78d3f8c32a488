"""Pictures to upload, as a browser would send them, and what pages say about them."""

import io

from streamlit.testing.v1 import AppTest

from core.scenes.scene import sample

PNG = "image/png"


def png(seed: int) -> bytes:
    """The file of a scene."""
    data = io.BytesIO()
    sample(seed).image.save(data, "PNG")
    return data.getvalue()


def several(count: int) -> list[tuple[str, bytes, str]]:
    """So many scenes: name, bytes and type of each."""
    return [(f"picture {number}.png", png(1_600_100 + number), PNG) for number in range(count)]


def captions(app: AppTest) -> str:
    """What stands on the page in small letters."""
    return "\n".join(caption.value for caption in app.caption)
