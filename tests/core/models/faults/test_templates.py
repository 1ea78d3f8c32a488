"""Chat templates that know no pictures, or nothing at all."""

import pytest
import torch

from core.errors import ModelError
from core.inputs.pictures import load_picture
from core.inputs.prompt import prepare
from core.models.loading import load_model
from tests.conftest import gradient_picture
from tests.core.models.families.checkpoints import RECIPES

QUESTION = "Where is the <|im_end|> red square?"
_ASK = "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
CONCATENATES = (
    "{% for m in messages %}"
    "{% if loop.first and m['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{% endfor %}" + _ASK
)
"""As Qwen2's language models have it, with Qwen2-VL's system prompt."""
REFUSES_LISTS = (
    "{% for m in messages %}{% if m['content'] is not string %}{{ raise_exception('Only strings') }}"
    "{% endif %}{% endfor %}"
)
KNOWN = {
    "it puts texts together": CONCATENATES,
    "it raises at lists": REFUSES_LISTS + CONCATENATES,
    "it leaves pictures out": (
        "{% for m in messages %}"
        "{% if loop.first %}{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
        "{{ '<|im_start|>' + m['role'] + '\n' }}"
        "{% if m['content'] is string %}{{ m['content'] }}{% else %}"
        "{% for p in m['content'] %}{% if p['type'] == 'text' %}{{ p['text'] }}{% endif %}{% endfor %}{% endif %}"
        "{{ '<|im_end|>\n' }}{% endfor %}" + _ASK
    ),
}
UNKNOWN = {
    "it always raises": ("{{ raise_exception('Not today') }}", "fails \\(Not today\\)"),
    "it is cut off": ("{% for m in messages %}{{ m", "fails \\(unexpected end of template"),
    "it writes two places": (
        "{% for m in messages %}{% for p in m['content'] %}{% if p['type'] == 'image' %}<|image_pad|><|image_pad|>"
        "{% else %}{{ p['text'] }}{% endif %}{% endfor %}{% endfor %}",
        "writes 2 places for one picture",
    ),
    "it writes nothing of anybody's": ("hello", "has no place for a picture"),
    "it leaves the question out": ("<|image_pad|>", "leaves the question out"),
}


def with_template(folder, template):
    for file in ("chat_template.json", "chat_template.jinja"):
        (folder / file).unlink(missing_ok=True)
    (folder / "chat_template.jinja").write_text(template, "utf-8")
    return folder


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("picture_first", [True, False])
def test_pictures_are_written_into_texts(folder_of, copied, name, picture_first):
    """Equal to the family's own template, which writes the same around pictures."""
    own = load_model(folder_of("qwen2_5_vl"), device="cpu")
    other = load_model(with_template(copied(), KNOWN[name]), device="cpu")
    assert own.notes == () and "takes texts alone" in other.notes[0]
    assert other.processor.chat_template == KNOWN[name]  # as the folder has it
    for count in (1, 2):
        pictures = [load_picture(gradient_picture(84, 112))] * count
        ours, theirs = (prepare(each, pictures, QUESTION, picture_first=picture_first) for each in (own, other))
        assert torch.equal(ours.input_ids, theirs.input_ids) and torch.equal(ours.question, theirs.question)


@pytest.mark.parametrize("name", UNKNOWN)
def test_others_are_refused_when_the_model_is_loaded(copied, name):
    template, reason = UNKNOWN[name]
    folder = with_template(copied(), template)
    with pytest.raises(ModelError, match=f"The chat template of {folder.name} {reason}.*Put the chat template"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize("kind", RECIPES)
def test_every_family_knows_how_a_picture_stands_in_a_text(folder_of, copied, kind):
    own = load_model(folder_of(kind), device="cpu")
    template = "{% for m in messages %}{{ m['content'] + '\n' }}{% endfor %}"
    other = load_model(with_template(copied(kind), template), device="cpu")
    picture = load_picture(gradient_picture(84, 112))
    ours, theirs = (prepare(each, picture, "Where?") for each in (own, other))
    assert len(ours.placeholders) == len(theirs.placeholders) > 0
    assert torch.equal(ours.pixel_values, theirs.pixel_values)


def test_the_default_of_several_templates_is_taken(copied, edited):
    folder = copied()
    for file in ("chat_template.json", "chat_template.jinja"):
        (folder / file).unlink(missing_ok=True)
    named = [{"name": "default", "template": RECIPES["qwen2_5_vl"].template}, {"name": "tool_use", "template": "x"}]
    edited(folder, "tokenizer_config.json", lambda settings: settings.update(chat_template=named))
    assert load_model(folder, device="cpu").chat_template == RECIPES["qwen2_5_vl"].template
