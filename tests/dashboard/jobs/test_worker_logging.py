"""What worker processes write: lines that name the job, and no words of prompts or answers."""

import json
import subprocess
import sys

from tests.waiting import PATIENCE

PROGRAM = """
import logging
from dataclasses import replace

def speak(explainer, *, on_step):
    logging.getLogger("core.speaking").info("a line of the engine's")

def fail(explainer, *, on_step):
    raise ValueError("SECRET")

def main():
    from core import ExplainRequest, InputError, Target, load_picture
    from core.models.checkpoints import describe_model
    from dashboard import logs
    from dashboard.jobs.backends import open_backend
    from dashboard.settings import Settings
    from tests.conftest import gradient_picture

    logs.configure("json", "INFO")
    models = open_backend(Settings(workers=1, device="cpu", log_format="json"))
    card, picture = describe_model(device="cpu"), load_picture(gradient_picture(84, 112))
    request = ExplainRequest(image=picture.digest, prompt="SECRET?", model=card.fingerprint, layers=(1,), num_samples=1)
    with logs.job("ab12"):
        workers = models.get(card)
        workers.call(speak)
        for what in (
            lambda: workers.call(fail),
            lambda: workers.run(picture, [replace(request, target=Target.words("SECRET"))]),
        ):
            try:
                what()
            except (ValueError, InputError):
                pass
    with logs.job("cd34"):
        models.get(card).call(speak)
    models.get(card).call(speak)
    workers.client.close()
    workers.client.cluster.close()

if __name__ == "__main__":
    main()
"""


def test_lines_of_workers_name_the_job_and_no_prompt(tmp_path):
    script = tmp_path / "speaking.py"
    script.write_text(PROGRAM)
    ended = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 0, ended.stderr
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    # Dask may say, too, that a worker of a busy machine took too long to end.
    ours = [line for line in lines if line["logger"].startswith("core.")]
    assert [(line["logger"], line["message"], line.get("job")) for line in ours] == [
        ("core.speaking", "a line of the engine's", "ab12"),
        ("core.distributed.explainer", "The task call failed with ValueError.", "ab12"),
        ("core.speaking", "a line of the engine's", "cd34"),
        ("core.speaking", "a line of the engine's", None),
    ]
    assert "SECRET" not in ended.stderr
