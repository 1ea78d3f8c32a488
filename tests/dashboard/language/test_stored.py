"""Sentences of real errors, raised by real calls, in another language."""

import dataclasses
import io
import re
import time
import zipfile

import numpy as np
import pytest
from PIL import Image

from cache.errors import store_error
from cache.runs.annotations import Change
from core import Brightness, ExplainError, ExplainRequest, Target
from core.analysis.regions import Region
from core.devices import resolve_device
from core.evaluation.trust import verdict
from core.export.npz_reader import from_npz
from core.export.zips import ZipLimits, open_zip
from core.inputs.pictures import load_picture
from core.models.checkpoints import describe_model
from core.schema.checks import check_list
from core.schema.layers import select_layers
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS
from core.schema.target import SCORES
from dashboard.batch.table import read_pairs
from dashboard.language import sentence, speaking
from dashboard.layer_ranges import parse_layers, span
from dashboard.storage import damage

CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b[A-Za-z]+ [a-z]+ [a-z]+\b")
ANSWERED = {"image": "a" * 64, "prompt": "What is it?", "model": "m", "layers": (0,)}


def _request(**values):
    return ExplainRequest(**{**ANSWERED, **values})


def _tiff(high):
    file = io.BytesIO()
    Image.fromarray(np.array([[0, high]] * 64, np.uint16).repeat(32, 1)).save(file, "TIFF")
    return file.getvalue()


def _zip(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, data in files.items():
            opened.writestr(name.replace("_", "/"), data)
    return file.getvalue()


RAISED = {
    "no prompt": lambda: _request(prompt=" "),
    "long prompt": lambda: _request(prompt="a" * 20_001),
    "samples": lambda: _request(num_samples=0),
    "seed": lambda: _request(seed=-1),
    "noise": lambda: _request(noise_std=-0.5),
    "method": lambda: _request(method="magic"),
    "tap": lambda: _request(tap="middle"),
    "budget": lambda: _request(max_pixels=5),
    "one map": lambda: _request(method="combined"),
    "tower": lambda: _request(method="attention", part="tower"),
    "order": lambda: _request(layers=(3, 1)),
    "fields": lambda: ExplainRequest.from_dict({"target": {}, "model": "m"}),
    "unknown field": lambda: ExplainRequest.from_dict({**_request().to_dict(), "colour": 1}),
    "no layers": lambda: select_layers([], 8),
    "no such layer": lambda: select_layers([8], 8),
    "no such block": lambda: select_layers([31], 24, "tower"),
    "no choice": lambda: select_layers("deep", 8),
    "no list": lambda: check_list("Layers", 1.5, 3),
    "layer text": lambda: parse_layers("one to three"),
    "phrase": lambda: Target.words(" "),
    "span": lambda: Target.tokens(3, 2),
    "contrast": lambda: Target(kind="contrast", position=0, instead="b", score="margin"),
    "long phrase": lambda: Target.words("a" * 2_001),
    "area": lambda: Region(((0.1, 0.1), (0.1, 0.5))),
    "corners": lambda: Region(((0.1, 0.1),)),
    "device": lambda: resolve_device("tpu"),
    "brightness": lambda: Brightness.parse("dim"),
    "brightness range": lambda: Brightness("range", 5.0, 1.0),
    "empty file": lambda: load_picture(b""),
    "web page": lambda: load_picture(b"<!doctype html> and more of it"),
    "text file": lambda: load_picture(b"Dear diary, today was nice"),
    "cut off": lambda: load_picture(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    "no model": lambda: describe_model("/nowhere/at/all"),
    "table": lambda: read_pairs(b""),
    "table column": lambda: read_pairs(b"prompt\nWhat?\n"),
    "table rows": lambda: read_pairs(b"picture,prompt\n"),
    "damaged zip": lambda: open_zip(b"PK\3\4 and then nothing", ZipLimits()),
    "zip of elsewhere": lambda: open_zip(_zip(**{".._a.png": b"1"}), ZipLimits()),
    "export": lambda: from_npz(_zip(**{"a.npy": b"1"})),
    "title": lambda: Change(title="a" * 1_000),
    "rating": lambda: Change(rating=9),
}


def _error(call) -> str:
    with pytest.raises(ExplainError) as raised:
        call()
    return str(raised.value)


def _figures(text: str) -> list[str]:
    return sorted(re.findall(r"\d[\d.,]*\d|\d", text))


def test_there_are_many_kinds():
    assert len(RAISED) >= 40
    assert len({_error(call) for call in RAISED.values()}) == len(RAISED)


@pytest.mark.parametrize("name", RAISED)
def test_errors_are_said_in_chinese_with_their_figures(name):
    english = _error(RAISED[name])
    assert sentence(english) == english
    with speaking("zh_Hans"):
        said = sentence(english)
    assert CHINESE.search(said) and not ENGLISH.search(re.sub(r"[\"'“].*?[\"'”]", "", said)), said
    assert _figures(said) == _figures(english)
    assert not re.search(r"\{\w+\}", said)


def test_what_is_filled_in_stays_as_it_is():
    with speaking("zh_Hans"):
        assert sentence(_error(RAISED["seed"])) == "随机种子须为 0 到 9,223,372,036,854,775,807 的整数，而不是 -1。"
        assert sentence(_error(RAISED["no such block"])).startswith("没有块 31：该模型有 24 个在用的视觉塔块")
        assert sentence(_error(RAISED["web page"])) == (
            "该文件是网页，不是可读取的图片。请保存图片本身，而不是显示它的网页。"
        )
        assert "'deep'" in sentence(_error(RAISED["no choice"]))


@pytest.mark.parametrize("part", ["history", "results", "jobs", "pictures", "batches", "audit"])
@pytest.mark.parametrize("kind", ["set aside", "lost", "damaged", "unreadable"])
@pytest.mark.parametrize("count", [1, 4])
def test_damage_is_told_in_chinese(tmp_path, part, kind, count):
    several = [damage.Damage(f"{part}/row {n} (note)", part, kind, 1.7e9) for n in range(count)]
    (english,) = damage.sentences(tmp_path, several)
    with speaking("zh_Hans"):
        said = sentence(english)
    command = re.compile(r"python -m dashboard store recover( --stored-for NAME)?")
    assert CHINESE.search(said) and not ENGLISH.search(command.sub("", said).replace(str(tmp_path), "")), said
    assert bool(command.search(said)) == bool(command.search(english))
    assert str(tmp_path) in said or kind == "lost"


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), OSError(13, "Permission denied"), OSError(5, "Input/output error")],
    ids=lambda error: error.strerror,
)
def test_a_store_that_cannot_be_used(tmp_path, error):
    with speaking("zh_Hans"):
        said = sentence(str(store_error(error, f"The list of jobs in {tmp_path}")))
    assert f"位于 {tmp_path} 的任务列表" in said and not re.search(
        "cannot|written|jobs", said.replace(str(tmp_path), "")
    )


def test_sentences_after_one_another():
    notes = load_picture(_tiff(4_000)).notes
    assert notes
    together = " ".join([*notes, _error(RAISED["no prompt"]), _error(RAISED["seed"])])
    with speaking("zh_Hans"):
        said = sentence(together)
        assert said == "".join(map(sentence, (*notes, _error(RAISED["no prompt"]), _error(RAISED["seed"]))))
        assert sentence(f"Unheard of. {_error(RAISED['no prompt'])}") == (
            "Unheard of. 提示词为空。请输入关于图片的问题。"
        )
    assert CHINESE.search(said) and not ENGLISH.search(said)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (Target.answer(), "整个回答"),
        (Target.tokens(2, 5), "词元 2 到 4"),
        (Target.tokens(2, None), "词元 2 到最后一个"),
        (Target.words("red circle", 2), '词语 "red circle"（第 2 次出现）'),
        (Target.words("red", score="margin"), '词 "red"，得分为 margin'),
        (Target.words("red", sentence="It is red."), '词 "red"，针对句子 "It is red."'),
        (Target.contrast(1, "blue"), '所说的内容，而非 "blue"（词元 1 处）'),
    ],
    ids=str,
)
def test_what_is_explained(target, said):
    with speaking("zh_Hans"):
        assert sentence(target.describe()) == said


def test_titles_and_words_of_the_vocabulary():
    words = [word for method in METHODS.values() for word in (method.title, method.sentence)]
    words += [getattr(part, field.name) for part in PARTS.values() for field in dataclasses.fields(part)]
    words += [*SCORES.values(), *verdict.MEANS.values(), verdict.DOES_NOT_MEAN, span((1, 2, 3)), span((0, 4), "tower")]
    own_names = {"HiResCAM", "LayerCAM", "Grad-CAM++", "XGrad-CAM", "LLaVA-CAM", "Logit lens", "TAM"}
    with speaking("zh_Hans"):
        untold = {word for word in words if not CHINESE.search(sentence(word))}
    assert untold == own_names


PEOPLES = (
    "The prompt is empty. Type a question about the picture.",
    "decoder layer",
    "The history",
    "{what} is blank. Type at least one character.",
    "{phrase}",
    "a\\1b",
)


@pytest.mark.parametrize("text", PEOPLES)
def test_text_of_people_is_carried_over(text):
    answer = f'The words "{text}" are not in the answer, which is "{text}". Choose words that it holds.'
    named = f"{text} is larger than 100 MB, the most that can be read."
    with speaking("zh_Hans"):
        assert sentence(answer) == f'词语 "{text}" 不在回答中，回答为 "{text}"。请选择回答中有的词语。'
        assert sentence(named) == f"{text} 超过 100 MB，这是可读取的上限。"


def test_what_no_catalogue_knows_stays():
    with speaking("zh_Hans"):
        for text in ("", " ", "Dear diary", "Dear diary. Today was nice. Was it? Yes!", "。", "{what}"):
            assert sentence(text) == text


def test_a_long_text_takes_no_long_time():
    texts = [
        "a" * 100_000,
        "No. " * 25_000,
        "The words " * 10_000,
        " must be a whole number from " * 4_000,
        "The prompt is empty. Type a question about the picture. " * 2_000,
        f'The words "{"x. " * 33_000}" are not in the answer, which is "{"y. " * 33_000}". Choose words that it holds.',
    ]
    with speaking("zh_Hans"):
        sentence("Warm up.")
        began = time.process_time()
        said = [sentence(text) for text in texts]
        took = time.process_time() - began
    assert [len(each) for each in said[:5]] == [len(text) for text in texts[:5]]
    assert said[5].startswith('词语 "x. x. ') and said[5].endswith("请选择回答中有的词语。")
    assert took < 2  # trying every way to cut them takes minutes
