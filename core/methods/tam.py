"""Token activation map (TAM; Li et al. 2025, arXiv:2506.23270), one forward pass and no gradient.

Words are the tokens of the question followed by those of the answer, in order. TAM reads the last
layer's visual tokens through the output head (a logit lens): the base map of a word is the logit of
that word's own token at each visual position. In a causal model this map is mixed with what earlier
words left behind, so the words that the target is most related to are subtracted, and what remains is
smoothed. Written from the paper and the behaviour of its public code; deviations stand where they are.

Pure NumPy; computed in float64.
"""

from collections.abc import Sequence

import numpy as np

# Squared variation below which a window counts as constant; small enough to leave all others alone.
CONSTANT = 1e-300


def logit_lens(visual: np.ndarray) -> np.ndarray:
    """TAM's base map: the positive part of a token's logit at each visual position, any shape."""
    return np.maximum(np.asarray(visual, np.float64), 0)


def causal_interference(visual: np.ndarray, relevance: np.ndarray) -> np.ndarray:
    """The map of earlier words that is mixed into the target's: their maps, weighted by relevance.

    Deviation: the weights are not divided by their sum, a factor that `estimated_causal_inference`
    undoes.

    Args:
        visual: [earlier words, visual tokens], base maps of the earlier words.
        relevance: [earlier words], how strongly the target shows at each of them, not negative.

    Returns:
        [visual tokens]; zeros where there is no earlier word.
    """
    return np.asarray(relevance, np.float64) @ np.asarray(visual, np.float64)


def estimated_causal_inference(target: np.ndarray, interference: np.ndarray) -> np.ndarray:
    """ReLU(target - s * interference), with the s that makes the squared difference least.

    s = <target, interference> / <interference, interference> in closed form, where the public code
    searches for it; 0 where there is no interference.

    Args:
        target: [visual tokens], the target word's base map.
        interference: [visual tokens].

    Returns:
        [visual tokens].
    """
    energy = interference @ interference
    scale = (target @ interference) / energy if energy > 0 else 0.0
    return np.maximum(target - scale * interference, 0)


def rank_gaussian_filter(heat: np.ndarray, kernel_size: int = 3) -> np.ndarray:
    """Each cell becomes a weighted mean of its neighbourhood sorted by value, the median weighing most.

    The weights are a Gaussian over the rank's distance from the median, its sigma the window's
    coefficient of variation (standard deviation / mean). The border is mirrored. A window whose mean is
    not positive gives 0. Deviation: a constant window gives its value, the limit of small variation,
    where the public code gives NaN.

    Args:
        heat: [..., height, width].
        kernel_size: side of the window, odd.

    Returns:
        [..., height, width].
    """
    border = [(0, 0)] * (heat.ndim - 2) + [(kernel_size // 2,) * 2] * 2
    padded = np.pad(np.asarray(heat, np.float64), border, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kernel_size, kernel_size), axis=(-2, -1))
    windows = np.sort(windows.reshape(*heat.shape, -1), axis=-1)  # [..., height, width, kernel_size^2]
    mean = windows.mean(-1)
    positive = mean > 0
    variation = windows.std(-1) / np.where(positive, mean, 1)
    rank = np.arange(kernel_size**2) - kernel_size**2 // 2
    kernel = np.exp(-(rank**2) / (2 * np.maximum(variation**2, CONSTANT))[..., None])
    return np.where(positive, (windows * kernel).sum(-1) / kernel.sum(-1), 0)


def token_activation_map(
    visual: np.ndarray, text: np.ndarray, tokens: Sequence[int], grid: tuple[int, int]
) -> np.ndarray:
    """TAM of the last of `tokens`, a word of the answer; the words before it are what may interfere.

    Logits are those of the output head on the last layer's states, not yet cut at 0. As in the public
    code, relevance of a question's word is read where that word stands, of an answer's word one position
    earlier, where it was predicted; words equal to the target are left out of the interference, but not
    out of the normalisation.

    Deviations: every word is shown by its own token. The public code takes another one for two words: for
    the question's first, what the model predicts at its place; for the answer's first, what stands before
    it, the end of the chat template; and for the answer's first it returns the question's first word's map.
    (Other rows in `visual` and `text` give its figures.) Heat is not rounded to 256 levels. Where all scores
    are equal heat is 0, not 0 / 0; where all earlier words equal the target nothing is subtracted, which
    the public code does not survive.

    Args:
        visual: float32 [words, visual tokens], row k: logits of word k's token at the visual positions.
        text: float32 [words - 1], logits of the target's token at the text positions of the words before it.
        tokens: token of each word, the target last.
        grid: (height, width) in visual tokens.

    Returns:
        float64 [height, width], within 0..1.
    """
    return rank_gaussian_filter(_unfiltered(visual, text, tokens).reshape(grid))


def answer_activation_map(
    visual: np.ndarray, text: np.ndarray, tokens: Sequence[int], targets: Sequence[int], grid: tuple[int, int]
) -> np.ndarray:
    """Mean of the target words' own maps, each on the scale `token_activation_map` gives it.

    TAM itself explains one token at a time; the mean is this project's.

    Args:
        visual: float32 [words, visual tokens], row k: logits of word k's token at the visual positions.
        text: float32 [words, words], row k, column i: logit of word k's token at the text position of word i
            (a question's word: where it stands; an answer's: where it is predicted). Only i < k is read.
        tokens: token of each word, the question's and then the answer's.
        targets: which words to explain; at least one, all of the answer.
        grid: (height, width) in visual tokens.

    Returns:
        float64 [height, width], within 0..1.
    """
    return filtered_mean(unfiltered_maps(visual, text, tokens, targets), grid)


def unfiltered_maps(visual: np.ndarray, text: np.ndarray, tokens: Sequence[int], targets: Sequence[int]) -> np.ndarray:
    """The target words' maps before the filter, which alone needs a grid; float64 [targets, visual tokens].

    Args: as `answer_activation_map`.
    """
    return np.stack([_unfiltered(visual[: k + 1], text[k, :k], tokens[: k + 1]) for k in targets])


def filtered_mean(maps: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Mean of maps [targets, visual tokens] of one grid, each filtered; float64 [height, width]."""
    # Filtered all at once: a small map takes as long as many.
    return rank_gaussian_filter(maps.reshape(-1, *grid)).mean(0)


def _unfiltered(visual: np.ndarray, text: np.ndarray, tokens: Sequence[int]) -> np.ndarray:
    """`token_activation_map` before the filter, float64 [visual tokens]."""
    maps = logit_lens(visual)
    relevance = logit_lens(text)
    earlier, target = np.asarray(tokens[:-1]), tokens[-1]
    other = np.flatnonzero(earlier != target)
    heat = estimated_causal_inference(maps[-1], causal_interference(maps[other], relevance[other]))
    scores = np.concatenate([heat, relevance])  # normalised together, so that a word beats a blank picture
    lowest, span = scores.min(), np.ptp(scores)
    return (heat - lowest) / span if span > 0 else np.zeros_like(heat)
