import json

from core.cli.explain import main
from core.embedded import CHECKPOINT


def test_models_are_described_with_their_options(capsys, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", f"{CHECKPOINT};4bit,, embedded")
    assert main(["models", "--device", "cpu"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("embedded\n    qwen2_5_vl, 8 layers, float32 on cpu, weights 8 MB\n")
    assert f"{CHECKPOINT};4bit\n" in told and "weights 4 MB in 4 bits, options 4bit" in told
    assert told.count("qwen2_5_vl") == 2


def test_what_cannot_be_used_is_told_in_a_sentence(capsys):
    assert main(["models", "/nowhere", "embedded;3bit", "embedded"]) == 1
    told = capsys.readouterr().out
    assert "/nowhere\n    cannot be used: There is no model folder '/nowhere'." in told
    assert "cannot be used: The option '3bit' of the model 'embedded' is not known." in told and "qwen2_5_vl" in told


def test_a_machine_reads_an_object_a_model(capsys):
    assert main(["models", "--json", "--device", "cpu", "embedded", "/nowhere"]) == 1
    known, wrong = map(json.loads, capsys.readouterr().out.splitlines())
    assert (known["model"], known["type"], known["layers"], known["dtype"]) == ("embedded", "qwen2_5_vl", 8, "float32")
    assert known["bytes"] > 10**6 and known["fingerprint"] and known["bits"] is None
    assert wrong == {"model": "/nowhere", "error": wrong["error"]} and "no model folder" in wrong["error"]
