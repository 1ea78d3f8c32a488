"""Results about pictures whose truth is known."""

from dataclasses import replace

import pytest

from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.ui.sample_scenes import scenes


@pytest.fixture
def about_a_scene(ask, explain):
    """Makes the result of a question about the first sample scene: `about_a_scene("bottom left")`."""

    def make(text, **changes):
        request = replace(ask(**changes).request, image=scenes()[0].chosen.picture.digest)
        return gather([explain(each, text) for each in whole_run(request)])

    return make
