"""Pictures to upload, as a browser would send them, and what pages say about them."""

import io

from PIL import Image
from streamlit.testing.v1 import AppTest

from core.scenes.scene import sample
from dashboard import resources
from dashboard.session.keys import FormKey

PNG = "image/png"
UPLOAD = f"{FormKey.UPLOAD}-0"
"""The upload in the form of Compute, before anything else was taken into it."""


def png(seed: int) -> bytes:
    """The file of a scene."""
    return encoded(sample(seed).image)


def encoded(image: Image.Image) -> bytes:
    """A picture as a PNG file."""
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def several(count: int) -> list[tuple[str, bytes, str]]:
    """So many scenes: name, bytes and type of each."""
    return [(f"picture {number}.png", png(1_600_100 + number), PNG) for number in range(count)]


def captions(app: AppTest) -> str:
    """What stands on the page in small letters."""
    return "\n".join(caption.value for caption in app.caption)


def upload(app: AppTest, files: list[tuple[str, bytes, str]]) -> AppTest:
    """Uploads files on the page of a batch."""
    app.file_uploader[0].set_value(files).run()
    assert not app.exception
    return app


def ended(name: str) -> bool:
    """Whether nothing of a batch is fed to the queue any more."""
    feeder = resources.feeders().get(name)
    return feeder is not None and not feeder.active
