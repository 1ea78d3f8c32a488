import pytest
from streamlit.testing.v1 import AppTest


def page(choice: str) -> None:
    from core.models.checkpoints import describe_model
    from dashboard.ui.form.how_loaded import how_loaded

    how_loaded(describe_model(choice or None, "cpu"))


def captions(choice: str) -> list[str]:
    return [caption.value for caption in AppTest.from_function(page, args=(choice,)).run().caption]


def test_nothing_is_said_of_a_model_as_it_was_published():
    assert captions("") == []


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("embedded;4bit", ["have weights of 4 bits, from which float32 is made each time. All methods work"]),
        ("embedded;device_map=disk", ["come to the device only while they run"]),
        ("embedded;8bit;device_map=auto", ["weights of 8 bits", "spread over the devices"]),
    ],
)
def test_what_options_mean_is_said(choice, said):
    found = captions(choice)
    assert len(found) == len(said) > 0
    assert all(words in caption for words, caption in zip(said, found, strict=True))
