"""Where each method comes from, as BibTeX and as words: what a caption cites.

`core.schema.methods` names the same sources in a sentence each; a test holds the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.schema import ExplainResult


@dataclass(frozen=True)
class Reference:
    """A publication.

    Attributes:
        short: as a text cites it.
        kind: of the BibTeX entry.
        fields: of the BibTeX entry, in that order; values are LaTeX.
    """

    short: str
    kind: str
    fields: dict[str, str]

    def bibtex(self, key: str) -> str:
        """The entry."""
        lines = [f"  {name} = {{{value}}}" for name, value in self.fields.items()]
        return f"@{self.kind}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _preprint(short: str, author: str, title: str, number: str, year: int) -> Reference:
    journal = {"journal": f"arXiv preprint arXiv:{number}", "year": str(year)}
    return Reference(short, "article", {"author": author, "title": title, **journal})


def _talk(short: str, author: str, title: str, where: str, year: int) -> Reference:
    return Reference(short, "inproceedings", {"author": author, "title": title, "booktitle": where, "year": str(year)})


REFERENCES: dict[str, Reference] = {
    "smilkov2017smoothgrad": _preprint(
        "Smilkov et al., 2017",
        "Smilkov, Daniel and Thorat, Nikhil and Kim, Been and Vi{\\'e}gas, Fernanda and Wattenberg, Martin",
        "{SmoothGrad}: removing noise by adding noise",
        "1706.03825",
        2017,
    ),
    "kobayashi2020norms": _talk(
        "Kobayashi et al., 2020",
        "Kobayashi, Goro and Kuribayashi, Tatsuki and Yokoi, Sho and Inui, Kentaro",
        "Attention is Not Only a Weight: Analyzing Transformers with Vector Norms",
        "EMNLP",
        2020,
    ),
    "simonyan2014deep": _preprint(
        "Simonyan et al., 2014",
        "Simonyan, Karen and Vedaldi, Andrea and Zisserman, Andrew",
        "Deep Inside Convolutional Networks: Visualising Image Classification Models and Saliency Maps",
        "1312.6034",
        2014,
    ),
    "shrikumar2016not": _preprint(
        "Shrikumar et al., 2016",
        "Shrikumar, Avanti and Greenside, Peyton and Shcherbina, Anna and Kundaje, Anshul",
        "Not Just a Black Box: Learning Important Features Through Propagating Activation Differences",
        "1605.01713",
        2016,
    ),
    "draelos2020hirescam": _preprint(
        "Draelos and Carin, 2020",
        "Draelos, Rachel Lea and Carin, Lawrence",
        "Use {HiResCAM} instead of {Grad-CAM} for faithful explanations of convolutional neural networks",
        "2011.08891",
        2020,
    ),
    "jiang2021layercam": Reference(
        "Jiang et al., 2021",
        "article",
        {
            "author": "Jiang, Peng-Tao and Zhang, Chang-Bin and Hou, Qibin and Cheng, Ming-Ming and Wei, Yunchao",
            "title": "{LayerCAM}: Exploring Hierarchical Class Activation Maps for Localization",
            "journal": "IEEE Transactions on Image Processing",
            "volume": "30",
            "pages": "5875--5888",
            "year": "2021",
        },
    ),
    "selvaraju2017gradcam": _talk(
        "Selvaraju et al., 2017",
        "Selvaraju, Ramprasaath R. and Cogswell, Michael and Das, Abhishek and Vedantam, Ramakrishna and Parikh, Devi "
        "and Batra, Dhruv",
        "{Grad-CAM}: Visual Explanations from Deep Networks via Gradient-Based Localization",
        "ICCV",
        2017,
    ),
    "chattopadhay2018gradcampp": _talk(
        "Chattopadhay et al., 2018",
        "Chattopadhay, Aditya and Sarkar, Anirban and Howlader, Prantik and Balasubramanian, Vineeth N.",
        "{Grad-CAM++}: Generalized Gradient-Based Visual Explanations for Deep Convolutional Networks",
        "WACV",
        2018,
    ),
    "fu2020xgradcam": _talk(
        "Fu et al., 2020",
        "Fu, Ruigang and Hu, Qingyong and Dong, Xiaohu and Guo, Yulan and Gao, Yinghui and Li, Biao",
        "Axiom-based {Grad-CAM}: Towards Accurate Visualization and Explanation of {CNNs}",
        "BMVC",
        2020,
    ),
    "zhang2025redundancy": _talk(
        "Zhang et al., 2025",
        "Zhang, Xiaofeng and Quan, Yihao and Shen, Chen and Yuan, Xiaosong and Yan, Shaotian and Xie, Liang and Wang, "
        "Wenxiao and Gu, Chaochen and Tang, Hao and Ye, Jieping",
        "From Redundancy to Relevance: Information Flow in {LVLMs} Across Reasoning Tasks",
        "NAACL",
        2025,
    ),
    "chefer2021generic": _talk(
        "Chefer et al., 2021",
        "Chefer, Hila and Gur, Shir and Wolf, Lior",
        "Generic Attention-Model Explainability for Interpreting Bi-Modal and Encoder-Decoder Transformers",
        "ICCV",
        2021,
    ),
    "abnar2020quantifying": _talk(
        "Abnar and Zuidema, 2020",
        "Abnar, Samira and Zuidema, Willem",
        "Quantifying Attention Flow in Transformers",
        "ACL",
        2020,
    ),
    "nostalgebraist2020lens": Reference(
        "nostalgebraist, 2020",
        "misc",
        {
            "author": "{nostalgebraist}",
            "title": "interpreting {GPT}: the logit lens",
            "howpublished": "LessWrong",
            "year": "2020",
        },
    ),
    "li2025tam": _talk(
        "Li et al., 2025",
        "Li, Yi and Wang, Hualiang and Ding, Xinpeng and Wang, Haonan and Li, Xiaomeng",
        "Token Activation Map to Visually Explain Multimodal {LLMs}",
        "ICCV",
        2025,
    ),
    "sundararajan2017axiomatic": _talk(
        "Sundararajan et al., 2017",
        "Sundararajan, Mukund and Taly, Ankur and Yan, Qiqi",
        "Axiomatic Attribution for Deep Networks",
        "ICML",
        2017,
    ),
    "zeiler2014visualizing": _talk(
        "Zeiler and Fergus, 2014",
        "Zeiler, Matthew D. and Fergus, Rob",
        "Visualizing and Understanding Convolutional Networks",
        "ECCV",
        2014,
    ),
    "sun2024massive": _talk(
        "Sun et al., 2024",
        "Sun, Mingjie and Chen, Xinlei and Kolter, J. Zico and Liu, Zhuang",
        "Massive Activations in Large Language Models",
        "COLM",
        2024,
    ),
    "kang2025see": _talk(
        "Kang et al., 2025",
        "Kang, Seil and Kim, Jinyeong and Kim, Junhyeok and Hwang, Seong Jae",
        "See What You Are Told: Visual Attention Sink in Large Multimodal Models",
        "ICLR",
        2025,
    ),
}

SMOOTHGRAD = "smilkov2017smoothgrad"
_OF_METHODS: dict[str, tuple[str, ...]] = {
    "combined": ("kobayashi2020norms",),
    "gradient_norm": ("simonyan2014deep",),
    "abs_activation_gradient": ("shrikumar2016not",),
    "hirescam": ("draelos2020hirescam",),
    "layercam": ("jiang2021layercam",),
    "gradcam": ("selvaraju2017gradcam",),
    "gradcam_plus_plus": ("chattopadhay2018gradcampp",),
    "xgradcam": ("fu2020xgradcam",),
    "llava_cam": ("zhang2025redundancy",),
    "attention_gradient": ("chefer2021generic",),
    "attention_rollout": ("abnar2020quantifying",),
    "logit_lens": ("nostalgebraist2020lens",),
    "tam": ("li2025tam",),
    "input_gradient": ("simonyan2014deep",),
    "integrated_gradients": ("sundararajan2017axiomatic",),
    "occlusion": ("zeiler2014visualizing",),
    "activation_peak": ("sun2024massive", "kang2025see"),
}
"""A method that is not here is this project's own, or nobody's in particular."""


def of_method(method: str) -> tuple[str, ...]:
    """The keys of a method's sources."""
    return _OF_METHODS.get(method, ())


def has_noise(result: ExplainResult) -> bool:
    """Whether its maps are means over noise samples, as in SmoothGrad."""
    return result.request.noise_std > 0


def of_result(result: ExplainResult) -> tuple[str, ...]:
    """The keys of all that a caption of this result's own maps cites."""
    return (*of_method(result.request.method), *((SMOOTHGRAD,) if has_noise(result) else ()))


def bibtex(keys: Iterable[str]) -> str:
    """Their entries, each once."""
    return "\n".join(REFERENCES[key].bibtex(key) for key in dict.fromkeys(keys))
