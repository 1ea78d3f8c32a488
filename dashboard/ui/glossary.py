"""The terms that pages use, each explained once: for the glossary's own page, and for help texts.

What a term means is said in the words of the glossary in docs/architecture.md; a test holds the two together.
"""

from dataclasses import dataclass

from dashboard.language import N_, _, listed

PAGE = "glossary"
"""The name of its page in addresses, as a link on any other page has it."""


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes:
        name: as it stands within a sentence.
        means: what it is, to be read after the name and a colon.
        more: sentences that go on from there; "" where that is all.
    """

    name: str
    means: str
    more: str = ""

    @property
    def title(self) -> str:
        """Its name as a heading."""
        return _capital(_(self.name))

    @property
    def anchor(self) -> str:
        """Its name in an address: the same in every language."""
        return self.name.replace(" ", "-")

    @property
    def text(self) -> str:
        """What it means, in whole sentences."""
        return _("{meaning}. {more}", meaning=_capital(_(self.means)), more=self.more and _(self.more)).rstrip()


GROUPS: dict[str, tuple[Term, ...]] = {
    N_("What is asked"): (
        Term(
            N_("method"),
            N_("a way to make heat of what happens inside the model"),
            N_(
                "Methods differ in what they read: activations, gradients, attention, or the picture's own pixels. The "
                "default, gradient deviation, was found truest of those that give a map for each layer."
            ),
        ),
        Term(
            N_("thought"),
            N_("what a model writes before its answer, between marks of its own"),
            N_("Some models think aloud. What is explained is the answer that follows, unless the thought is chosen."),
        ),
        Term(
            N_("temperature"),
            N_("what logits are divided by before a token is drawn"),
            N_("At 0 nothing is drawn: the likeliest token is said. Shown probabilities are those at 1, always."),
        ),
        Term(
            N_("top-p"),
            N_("the probability that the likeliest tokens have together of which one is drawn"),
        ),
        Term(
            N_("target"),
            N_("what of the answer is explained"),
            N_(
                "The whole answer, a phrase of it, some of its tokens, one token rather than another, or a sentence of "
                "one's own that is explained as if the model had said it."
            ),
        ),
        Term(
            N_("score"),
            N_("the number, made of the explained tokens' logits, whose gradient is taken"),
            N_(
                "A logit is what the model puts out for a token before that becomes a probability. The map shows what "
                "the score depends on."
            ),
        ),
        Term(
            N_("noise sample"),
            N_("a copy of the picture with noise added, and the map that belongs to it"),
            N_(
                "A map is the mean of several of them (SmoothGrad). More of them make it steadier and take "
                "proportionally longer."
            ),
        ),
    ),
    N_("What comes back"): (
        Term(
            N_("heat"),
            N_("how much a place of the picture mattered for what is explained, as a method measures it"),
            N_(
                "It is kept raw: zero stays zero, and nothing is scaled to fit. Its unit depends on the method, so "
                "that the heat of two methods cannot be compared by size."
            ),
        ),
        Term(
            N_("map"),
            N_("the heat of one layer, or a method's one map in all"),
            N_("It has rows and columns of cells and is enlarged to lie over the picture."),
        ),
        Term(
            N_("cell"),
            N_("one place of a map's grid"),
            N_("In the decoder it is a visual token, in the vision tower a patch."),
        ),
        Term(
            N_("combined map"),
            N_("one map from the upper half of the layers"),
            N_(
                "It is hot where the gradient deviation is high in all of these layers and the answer's words look. It "
                "comes with every run, whatever the method, and was found truest on scenes whose truth is known: begin "
                "with it."
            ),
        ),
        Term(
            N_("standard error"),
            N_("how far the mean of the noise samples may be off, because they are so few"),
            N_("It shrinks with the square root of their number. Heat that is not well above it may be chance."),
        ),
        Term(
            N_("share"),
            N_("how much of the heat of all tokens at a layer lies on one part of what the model reads"),
            N_(
                "The parts are the picture, the prompt's own words, the answer so far and the template: what the "
                "model's chat format writes around them. Together they are 100 %."
            ),
        ),
        Term(
            N_("sink"),
            N_("a visual token with a massive activation, whatever the picture shows there"),
            N_(
                "Models use such tokens for work of their own. A map that is hot there may say nothing about the "
                "picture."
            ),
        ),
        Term(
            N_("box"),
            N_("a rectangle of the picture, or a point, that the model writes into its answer as numbers"),
            N_(
                "What the numbers stand for differs from model to model: pixels of the picture as the model saw it, or "
                "thousandths of its width and height. They are brought to the picture's own pixels by what the model's "
                "makers say, and where these say nothing, the box is not drawn."
            ),
        ),
        Term(
            N_("lift"),
            N_("share of the heat in a box over the box's share of the picture"),
            N_("1 is no better than heat that is spread evenly, 3 means three times as much as that."),
        ),
        Term(
            N_("overlap"),
            N_("how well a box and the hottest cells agree: their intersection over their union"),
            N_(
                "As many of the hottest cells are taken as the box is large, so that 1 means that these are the box, "
                "and 0 that none of them touches it (Jaccard 1912)."
            ),
        ),
        Term(
            N_("origin"),
            N_("where a run's numbers come from: computed on this server, or imported"),
            N_(
                "Imported numbers were read from a file and are marked wherever they are shown; this server did not "
                "compute them and cannot vouch for them. They never answer a question that is asked here."
            ),
        ),
    ),
    N_("Inside the model"): (
        Term(
            N_("visual token"),
            N_("a token that stands for a place in the picture"),
            N_("In Qwen2.5-VL it is a square of 28 × 28 pixels of the picture as the model sees it."),
        ),
        Term(
            N_("patch"),
            N_("the small square of pixels that the vision tower begins with"),
            N_("In Qwen2.5-VL it has 14 × 14 pixels, and four of them become one visual token."),
        ),
        Term(
            N_("vision tower"),
            N_("the part of the model that looks at the picture alone, before any words"),
            N_(
                "Its steps are called blocks. Its maps are finer than the decoder's, and know less of which object the "
                "answer is about."
            ),
        ),
        Term(
            N_("decoder layer"),
            N_("one step of the part of the model in which picture and words meet"),
            N_("Layers are counted from 0. A map for every layer shows how the answer comes together as depth grows."),
        ),
        Term(
            N_("time step"),
            N_("a span of a video that the model sees as one"),
            N_(
                "Most models that see videos take two sampled frames as one step. A video's map has a grid of cells "
                "for each step, so that it shows when, as well as where, an answer comes from."
            ),
        ),
        Term(
            N_("attention head"),
            N_("one of the parts of a layer's attention, which look at other tokens each in its own way"),
            N_(
                "A layer's attention is the mean over its heads. Some heads look where the answer comes from, others "
                "elsewhere; where a head looks proves nothing of what the answer rests on."
            ),
        ),
        Term(
            N_("logit lens"),
            N_("what the model would say at a token if a layer were its last"),
            N_(
                "What leaves the layer goes through the model's last norm and its output head. Close to the last layer "
                "it is the model's own next token, far from it a rough reading (nostalgebraist 2020; of pictures, Neo "
                "et al. 2024, arXiv:2410.07149)."
            ),
        ),
        Term(
            N_("stage"),
            N_("a third of the depth: early, middle, late"),
        ),
        Term(
            N_("tap"),
            N_("the input or the output of a layer that is read"),
            N_(
                "The input has a map at every layer. The output is what the original project reads; at the decoder's "
                "last layer it has none, because what it puts out at the picture's tokens feeds nothing."
            ),
        ),
    ),
    N_("How true it is"): (
        Term(
            N_("trust"),
            N_("what can be measured about one map of any picture"),
            N_(
                "Is the answer lost when the hottest cells are taken away? Does the map change when the model's "
                "weights are drawn at random? Do halves of the noise samples agree? A badge sums it up: strong, mixed "
                "or weak. It is a reason to look twice, no proof."
            ),
        ),
        Term(
            N_("what-if"),
            N_("the same question about a picture of which a part is removed, or of which only that part is kept"),
            N_(
                "The model is asked again, so that its new answer is measured and no estimate. Something has to stand "
                "in the place of what is removed, and nothing is neutral: three fills are tried (blur, mean colour, "
                "noise), and what they agree on is due to what was removed. After Zeiler and Fergus 2014 and Petsiuk "
                "et al. 2018."
            ),
        ),
        Term(
            N_("reliance"),
            N_("by how much a word gets less likely when the picture, the question or the answer so far is taken away"),
            N_(
                "It is the fall of the natural logarithm of the word's probability, measured by asking the model "
                "again: 0.7 nats mean half as likely without it, 2.3 a tenth. The picture hardly matters for a word "
                "that keeps three quarters of its probability without it."
            ),
        ),
        Term(
            N_("benchmark"),
            N_("a model's maps on scenes whose truth is known"),
            N_(
                "The scenes are drawn, so that the pixels of every object are known. It says how often each method of "
                "this model points at the right ones."
            ),
        ),
    ),
}
"""All terms, under the headings of their page."""

TERMS: dict[str, Term] = {term.name: term for terms in GROUPS.values() for term in terms}


def meaning(name: str) -> str:
    """What a term means, and where to read on; a help text for a field that is called so.

    Raises:
        KeyError: there is no such term.
    """
    return _("{meaning} {see}", meaning=TERMS[name].text, see=see(name))


def see(*names: str) -> str:
    """Where terms are explained, to stand at the end of a help text that uses them; for an element of markdown.

    Raises: as `meaning`.
    """
    links = (f"[{_(TERMS[name].name)}]({PAGE}#{TERMS[name].anchor})" for name in names)
    return _("Glossary: {terms}.", terms=listed(links))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
