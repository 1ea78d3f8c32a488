"""Captions and LaTeX."""

import re
from dataclasses import replace

import pytest

from core.errors import InputError
from core.rendering.paper.caption import bibtex, caption, latex
from core.rendering.paper.look import FigureLook
from core.rendering.paper.sizes import KINDS
from core.schema.target import Target

HOSTILE = "\\input{x} $1 50% _a}\n\\end{figure} 图"


def test_a_caption_says_all_that_decides_the_numbers(make_result):
    said = caption(make_result(method="gradcam", seed=7), layer=2, model="Qwen2.5-VL-3B-Instruct")
    assert said == (
        "Where the answer comes from: layer 2 of 8 by Grad-CAM (as in the original). Model: Qwen2.5-VL-3B-Instruct. "
        "Prompt: “Where is it?”. Answer: “at the left”. Method: Grad-CAM (as in the original) (Selvaraju et al., "
        "2017), read at the input of decoder layers; mean over 10 noise samples (standard deviation 0.15, seed 7), "
        "SmoothGrad (Smilkov et al., 2017); score: the sum of the explained tokens' logits. Colours (inferno) run from "
        "no heat to 12 logits, the more opaque the hotter a place is."
    )


def test_what_is_not_as_usual_is_said(make_result, with_combined):
    result = make_result(noise_std=0, target=Target.words("left", score="logprob"), part="tower", tap="output")
    said = caption(
        result, "grid", look=FigureLook(even=True, threshold=0.2, colormap="jet"), remarks=["Nothing is hidden."]
    )
    assert "layer by layer: blocks 0, 2, 5 of 8" in said and 'the word "left"' in said
    assert "at the output of vision tower blocks; without noise" in said and "log-probabilities" in said
    assert "Colours (jet)" in said and "over all of the picture alike; heat below 20% of that is not coloured" in said
    assert said.endswith("Nothing is hidden.")
    assert "the combined map" in caption(with_combined) and "Kobayashi et al., 2020" in caption(with_combined)
    assert "dotted line marks layer" in caption(with_combined, "depth")
    assert "Colours" not in caption(with_combined, "depth")
    assert "“at the left”" not in caption(with_combined, "words")
    assert "Picture 2 of the 2" in caption(make_result(images=("h", "i"), picture=1))
    assert "Imported" in caption(make_result(origin="0" * 64))
    film = make_result(frames=6)
    assert "from 2.00 to 3.00 s of the video" in caption(film, layer=2)
    assert "Where and when" in caption(film, "grid") and "at 3 time steps" in caption(film, "grid")


def test_long_texts_are_cut_and_an_empty_answer_is_none(make_result):
    said = caption(make_result(prompt="word " * 200, text=""))
    assert "…”" in said and len(said) < 1_100 and "The answer has no text." in said


@pytest.mark.parametrize("kind", KINDS)
def test_latex_is_whole_and_peoples_text_commands_nothing(make_result, kind):
    result = make_result(prompt=HOSTILE, text="% } \\write18{x}")
    lines = latex(result, kind, file=f"{kind}.pdf", model="a_b%", width="page")
    code = "\n".join(line for line in lines.splitlines() if not line.startswith("%"))
    assert code.startswith("\\begin{figure*}[t]\n") and code.endswith("\\end{figure*}")
    assert f"\\includegraphics[width=\\textwidth]{{{kind}.pdf}}" in code and f"\\label{{fig:{kind}}}" in code
    bare = re.sub(r"\\[\\{}$&#_%]", "", code)
    assert bare.count("{") == bare.count("}") and not re.search(r"[%$#&]", bare)
    commands = set(re.findall(r"\\([A-Za-z]+)", bare))
    assert commands <= {
        *("begin", "end", "centering", "includegraphics", "columnwidth", "textwidth", "caption", "label", "cite"),
        *("textbackslash", "textasciicircum", "textless", "textgreater", "textbar", "symbol"),
    }
    assert "XeLaTeX" in lines  # for the Chinese character


def test_widths_and_files(make_result):
    result = make_result()
    assert "\\begin{figure}[t]" in latex(result) and "[width=\\columnwidth]{figure.pdf}" in latex(result)
    assert "[width=120mm]{sub/one.png}" in latex(result, file="sub/one.png", width=120)
    assert "\\includesvg[width=\\columnwidth]{a}" in latex(result, file="a.svg") and "svg" in latex(
        result, file="a.svg"
    )
    for file in ("a}.pdf", "a", "a b.pdf", "../%.pdf", "", None, "a.pdf\n"):
        with pytest.raises(InputError, match="The file of a figure"):
            latex(result, file=file)


def test_what_is_cited_has_its_entry(with_combined, make_result):
    for result in (with_combined, make_result(method="gradcam"), make_result(layers=(), method="tam")):
        keys = {key for kind in ("overlay", "words") for key in re.findall(r"\\cite\{([^}]+)\}", latex(result, kind))}
        entries = bibtex(result)
        assert keys and all(f"{{{key}," in entries for found in keys for key in found.split(","))
    assert bibtex(replace(make_result(method="gradient_deviation", noise_std=0))) == ""


def test_other_kinds_are_refused(make_result):
    with pytest.raises(InputError, match="figure for a paper"):
        caption(make_result(), "film")
    with pytest.raises(InputError, match="name"):
        caption(make_result(), model=3)
