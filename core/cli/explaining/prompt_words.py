"""`--prompt-words`: what of an answer's heat lies on the prompt's own words, as text and as files."""

import json
from collections.abc import Sequence
from pathlib import Path

from core.engine.explainer import Explainer
from core.engine.prompt_words import prompt_words
from core.export.prompt_words import prompt_words_csv, prompt_words_text
from core.inputs.pictures import Picture
from core.schema import ExplainResult
from core.schema.readings.prompt_heat import prompt_request


def write(explainer: Explainer, pictures: Sequence[Picture], result: ExplainResult, folder: Path) -> str:
    """Reads the heat of a result's prompt, and writes prompt_words.json and prompt_words.csv.

    Returns:
        What is printed.

    Raises:
        OutOfMemoryError: one sequence does not fit on the device.
        OSError: the folder cannot be written.
    """
    request = prompt_request(result.request)
    heat = explainer.call(prompt_words, pictures, request, result.answer, on_step=lambda *_: None)
    values = json.dumps({"request": request.to_dict()} | heat.to_dict(), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / "prompt_words.json").write_text(values, "utf-8")
    (folder / "prompt_words.csv").write_text(prompt_words_csv(heat), "utf-8")
    return prompt_words_text(heat)
