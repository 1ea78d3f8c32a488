"""The list of attribution methods: names, a sentence each, equation and source.

Kept apart from the functions (`core.methods`), which need torch, so that a page or `--help` can list the methods
without loading it. A test holds that the two agree.

Notation: A and G, both [visual tokens, width], are the activation at the tap and the gradient of the
score there; P and dP, [heads, rows, visual tokens], the attention probabilities of the rows at which
the explained tokens are predicted, and the score's gradient with respect to them; t runs over visual
tokens, c over the width, h over heads, r over rows, l over layers.
"""

from dataclasses import dataclass
from typing import Literal

from core.schema.checks import check_choice
from core.schema.model_parts import Part

Group = Literal["recommended", "gradient", "attention", "last layer", "pixels", "diagnostic"]


@dataclass(frozen=True)
class Method:
    """One attribution method, as shown to people.

    Attributes:
        name: the identifier used in requests and on the command line.
        title: the name shown on pages.
        sentence: what it shows and how far it was found true.
        equation: heat of token t.
        source: where the equation comes from, with any deviation.
        group: its kind, for choosers.
        per_layer: whether there is a map for each decoder layer, or one in all.
        has_tap: whether it can be read at a layer's output as well as at its input.
        own_passes: whether it needs forward passes of its own, many of them.
        heat_unit: unit of its heat.
        former_unit: that of its heat by the first formula of the combined map, where it is another.
        false_in: parts of a model in which its maps were measured to point wrong more often than right, by far in the
            decoder; `docs/maps.md` has the figures.
    """

    name: str
    title: str
    sentence: str
    equation: str
    source: str
    group: Group
    per_layer: bool = True
    has_tap: bool = False
    own_passes: bool = False
    heat_unit: str = ""
    former_unit: str | None = None
    false_in: tuple[Part, ...] = ()


_GRADIENT = {"group": "gradient", "has_tap": True}
_AVERAGES = _GRADIENT | {"false_in": ("decoder", "tower")}
_WHOLE = {"per_layer": False}

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "combined",
            "Combined map",
            "One map from the upper half of the layers: where the gradient deviation is high in all of them and "
            "the answer's words look and find something to carry. The truest map that was found: begin here.",
            "heat_t = (prod_l D_lt)^(1/L) * mean_l sum_r mean_h P_lhrt ||v_lht||_2,  D the gradient deviation, v the "
            "values",
            "This project's own; l runs over the upper half of the layers, L of them. Attention is weighed by the norm "
            "of what it carries (Kobayashi et al. 2020, arXiv:2004.10102), which until November 2026 it was not.",
            group="recommended",
            **_WHOLE,
            heat_unit="logits x activation",
            former_unit="logits x probability",
        ),
        Method(
            "gradient_deviation",
            "Gradient deviation",
            "How much the score may at most change if a visual token were replaced by the average one. The truest "
            "map of a single layer.",
            "heat_t = ||G_t||_2 ||A_t - mean_s A_s||_2",
            "This project's own: the Cauchy-Schwarz bound on the first-order change |G_t . (A_t - mean_s A_s)|.",
            group="recommended",
            has_tap=True,
            heat_unit="logits",
        ),
        Method(
            "gradient_norm",
            "Gradient norm",
            "How strongly the score reacts to any change of a visual token. Right nearly as often as the gradient "
            "deviation, with more heat beside the object.",
            "heat_t = sqrt(sum_c G_tc^2)",
            "Simonyan et al. 2014 (arXiv:1312.6034), on a layer's input instead of pixels, with the 2-norm over "
            "the width instead of the maximum over colour channels.",
            **_GRADIENT,
            heat_unit="logits per unit of activation",
        ),
        Method(
            "abs_activation_gradient",
            "|activation x gradient|",
            "How much of the score each visual token carries to first order, whatever the sign. Tighter than "
            "the gradient norm, and right a little less often; at the last layer nothing but rounding.",
            "heat_t = |sum_c A_tc G_tc|",
            "Gradient x input (Shrikumar et al. 2016, arXiv:1605.01713) at a hidden layer, absolute value.",
            **_GRADIENT,
            heat_unit="logits",
        ),
        Method(
            "hirescam",
            "HiResCAM",
            "Activation times gradient, cell by cell, positive part: what speaks for the answer. At the last "
            "layer nothing but rounding.",
            "heat_t = ReLU(sum_c A_tc G_tc)",
            "Draelos and Carin 2020 (arXiv:2011.08891), equation 4, plus ReLU.",
            **_GRADIENT,
            heat_unit="logits",
        ),
        Method(
            "layercam",
            "LayerCAM",
            "HiResCAM with negative gradients left out. Activations of a decoder have both signs, which the "
            "equation does not expect.",
            "heat_t = ReLU(sum_c ReLU(G_tc) A_tc)",
            "Jiang et al. 2021 (LayerCAM, IEEE TIP), one layer.",
            **_GRADIENT,
            heat_unit="logits",
        ),
        Method(
            "gradcam",
            "Grad-CAM (as in the original)",
            "Averages the gradient over all visual tokens first. Kept for comparison: in a decoder the average "
            "destroys the map, which from the third layer on points right hardly more often than chance.",
            "heat_t = ReLU(sum_c w_c A_tc),  w_c = mean_t G_tc",
            "Selvaraju et al. 2017 (arXiv:1610.02391), equations 1 and 2, visual tokens taking the place of pixels.",
            **_AVERAGES,
            heat_unit="logits",
        ),
        Method(
            "gradcam_plus_plus",
            "Grad-CAM++",
            "Grad-CAM with tokens weighted by higher powers of their gradients. Kept for comparison; it averages "
            "over tokens too.",
            "heat_t = ReLU(sum_c w_c A_tc),  w_c = sum_t alpha_tc ReLU(G_tc)",
            "Chattopadhay et al. 2018 (arXiv:1710.11063), equations 10 and 19, without the factor exp(score).",
            **_AVERAGES,
            heat_unit="arbitrary",
        ),
        Method(
            "xgradcam",
            "XGrad-CAM",
            "Grad-CAM with gradients weighted by activations that are assumed positive, which a decoder's are not. "
            "Kept for comparison.",
            "heat_t = ReLU(sum_c w_c A_tc),  w_c = sum_t A_tc G_tc / sum_t A_tc",
            "Fu et al. 2020 (arXiv:2008.02312).",
            **_AVERAGES,
            heat_unit="arbitrary",
        ),
        Method(
            "llava_cam",
            "LLaVA-CAM",
            "Grad-CAM with negative gradients left out, at the norm that follows a layer's attention. Kept for "
            "comparison; it averages over tokens too, and is blank at the last layer.",
            "heat_t = ReLU(sum_c w_c A_tc),  w_c = mean_t ReLU(G_tc)",
            "Zhang et al. 2025 (From Redundancy to Relevance), as in its code, less the normalisation of samples.",
            group="gradient",
            false_in=("decoder",),
            heat_unit="logits",
        ),
        Method(
            "attention",
            "Attention",
            "How much the answer's words look at each visual token. True in some layers, anything in others, and "
            "the same whatever the score.",
            "heat_t = sum_r mean_h P_hrt",
            "Raw attention probabilities, of the rows at which the explained tokens are predicted.",
            group="attention",
            heat_unit="probability",
        ),
        Method(
            "attention_gradient",
            "Attention x gradient",
            "Attention that the score depends on. Better with the score against rivals than with the bare logit.",
            "heat_t = sum_r mean_h ReLU(P_hrt dP_hrt)",
            "Chefer et al. 2021 (arXiv:2103.15679), equation 5, the answer's rows, each layer for itself.",
            group="attention",
            heat_unit="logits",
        ),
        Method(
            "attention_rollout",
            "Attention rollout",
            "Attention followed from the answer down through all layers above, residual stream included. Blind to "
            "what the tokens carry.",
            "r_l = r_(l+1) (mean_h P_l + I) / 2,  heat_t = (r_l)_t",
            "Abnar and Zuidema 2020 (arXiv:2005.00928), section 3, from the answer's rows.",
            group="attention",
            heat_unit="share of attention",
        ),
        Method(
            "logit_lens",
            "Logit lens",
            "The answer's tokens as read off the visual tokens of the last layer by the output head. Large "
            "pretrained models support it; a small one need not.",
            "heat_t = sum_r ReLU(logit of token r at visual token t)",
            "nostalgebraist 2020 (logit lens); the base map of TAM.",
            group="last layer",
            **_WHOLE,
            heat_unit="logits",
        ),
        Method(
            "tam",
            "TAM",
            "Token activation map: the logit lens less what earlier words leave behind, filtered. Reads visual "
            "tokens through the output head, which large pretrained models support better than small ones.",
            "rank-Gaussian filter of ReLU(M_r - s sum_k<r a_rk M_k),  M the logit lens of a word",
            "Li et al. 2025 (arXiv:2506.23270); mean over the explained tokens.",
            group="last layer",
            **_WHOLE,
            heat_unit="0 to 1",
        ),
        Method(
            "input_gradient",
            "Input gradient",
            "The gradient norm of the picture's own pixels, cell by cell.",
            "heat_t = sqrt(sum over pixels p of cell t of (dS/dx_p)^2)",
            "Simonyan et al. 2014 (arXiv:1312.6034), with the 2-norm over a cell.",
            group="pixels",
            **_WHOLE,
            heat_unit="logits per normalised pixel value",
        ),
        Method(
            "integrated_gradients",
            "Integrated gradients",
            "The score's gradient gathered on the way from the picture's mean colour to the picture: 64 passes.",
            "heat_t = |sum over pixels p of cell t of (x_p - b_p) mean_k dS(b + a_k (x - b))/dx_p|",
            "Sundararajan et al. 2017 (arXiv:1703.01365), equation 1, mean colour as baseline, 64 midpoints.",
            group="pixels",
            **_WHOLE,
            own_passes=True,
            heat_unit="logits",
        ),
        Method(
            "occlusion",
            "Occlusion",
            "How far the score falls when a window of the picture is painted over with its mean colour: an "
            "intervention, no gradient. A forward pass for each cell, hence slow.",
            "heat_t = ReLU(mean over windows w that cover t of S(x) - S(x without w))",
            "Zeiler and Fergus 2014 (arXiv:1311.2901), section 4.2.",
            group="pixels",
            **_WHOLE,
            own_passes=True,
            heat_unit="logits",
        ),
        Method(
            "activation_peak",
            "Activation peak",
            "No explanation: marks massive activations and attention sinks, which other maps may be taken in by.",
            "heat_t = max_c |A_tc| / rms_c(A_t)",
            "Sun et al. 2024 (arXiv:2402.17762); Kang et al. 2025 (arXiv:2503.03321) call 20 and more a sink.",
            group="diagnostic",
            has_tap=True,
            heat_unit="times the root mean square",
        ),
    )
}
"""Name -> attribution method, with what it shows, its equation and its source; `docs/methods.md` lists them."""

COMBINED = "combined"
PEAK = "activation_peak"
DEFAULT_METHOD = "gradient_deviation"
"""The method that is used where none is named. The combined map is computed beside it in any case."""
ONE_PASS_METHODS = tuple(name for name, method in METHODS.items() if not method.own_passes)


def check_method(name: str) -> str:
    """Returns `name` if it is a known method.

    Raises:
        InputError: naming the methods there are.
    """
    check_choice("method", name, METHODS)
    return name
