"""The list of attribution methods: names, a sentence each, equation and source.

Kept apart from `core.attribution`, which holds the functions and needs torch, so that a page or
`--help` can list the methods without loading it. A test holds that the two agree.

Notation: A and G, both [visual tokens, width], are the activation at the tap and the gradient of
the score there; t runs over visual tokens and c over the width.
"""

from dataclasses import dataclass

from core.errors import InputError


@dataclass(frozen=True)
class Method:
    """One attribution method, as shown to people.

    Attributes:
        name: the identifier used in requests and on the command line.
        title: the name shown on pages.
        sentence: what it shows and how far it was found true.
        equation: heat of token t.
        source: where the equation comes from, with any deviation.
    """

    name: str
    title: str
    sentence: str
    equation: str
    source: str


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method(
            "gradient_norm",
            "Gradient norm",
            "How strongly the answer's score reacts to any change of a visual token. Points at the right object "
            "in nineteen cases of twenty at most depths of the embedded model.",
            "heat_t = sqrt(sum_c G_tc^2)",
            "Simonyan et al. 2014 (arXiv:1312.6034), on a layer's input instead of pixels, with the 2-norm over "
            "the width instead of the maximum over colour channels.",
        ),
        Method(
            "abs_activation_gradient",
            "|activation x gradient|",
            "How much of the score each visual token carries to first order, whatever the sign. Tighter than "
            "the gradient norm, and right a little less often.",
            "heat_t = |sum_c A_tc G_tc|",
            "Gradient x input (Shrikumar et al. 2016, arXiv:1605.01713) at a hidden layer, absolute value.",
        ),
        Method(
            "hirescam",
            "HiResCAM",
            "Activation times gradient, cell by cell, positive part: what speaks for the answer.",
            "heat_t = ReLU(sum_c A_tc G_tc)",
            "Draelos and Carin 2020 (arXiv:2011.08891), equation 4, plus ReLU.",
        ),
        Method(
            "gradcam",
            "Grad-CAM (as in the original)",
            "Averages the gradient over all visual tokens first. Kept for comparison: in a decoder the average "
            "destroys the map, which from the third layer on points right hardly more often than chance.",
            "heat_t = ReLU(sum_c w_c A_tc),  w_c = mean_t G_tc",
            "Selvaraju et al. 2017 (arXiv:1610.02391), equations 1 and 2, visual tokens taking the place of pixels.",
        ),
    )
}

DEFAULT_METHOD = "gradient_norm"


def check_method(name: str) -> str:
    """Returns `name` if it is a known method.

    Raises:
        InputError: naming the methods there are.
    """
    if name not in METHODS:
        raise InputError(f"There is no method called {name!r}. Choose one of: {', '.join(METHODS)}.")
    return name
