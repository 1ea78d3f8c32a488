import argparse

import pytest

from core.cli.model_arguments import add_model, chosen_model
from core.errors import ModelError


def parse(*arguments: str) -> str | None:
    parser = argparse.ArgumentParser()
    add_model(parser)
    return chosen_model(parser.parse_args(arguments))


def test_options_of_a_model_are_said_beside_its_name_or_after_it():
    assert parse() is None and parse("--model_path", "a/b") == "a/b"
    assert parse("--quantisation", "4bit") == "embedded;4bit"
    assert parse("--model_path", "a/b;8bit", "--device-map", "auto") == "a/b;8bit;device_map=auto"
    assert parse("--model-path", "a/b", "--adapter", "/tuned") == "a/b;adapter=/tuned"


def test_they_may_not_contradict():
    with pytest.raises(ModelError, match="given twice"):
        parse("--model_path", "a/b;8bit", "--quantisation", "4bit")
