"""What an answer rests on, word by word: the picture, the question, or what the answer says before."""

import streamlit as st

from core.interventions.reliance_report import Reliance
from core.interventions.report import FILL_WORDS
from dashboard.charts.interventions import reliance_figure
from dashboard.formatting import visible
from dashboard.jobs.studies.interventions import RELIANCE
from dashboard.language import _, listed, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import ViewKey
from dashboard.ui.glossary import see
from dashboard.ui.viewer.studies import study_panels
from dashboard.ui.viewer.studies.interventions.reliance_words import said_of
from dashboard.ui.widgets import forget_unless_offered
from dashboard.ui.word_choice import word_choice


def reliance_panel(run: LoadedRun) -> None:
    """The chart of all words, and a sentence on the one that is looked at."""
    st.markdown(_("**What the answer rests on**"))
    if not run.result.tokens:
        st.info(_("The model said nothing, so that there is nothing to rest on anything."))
        return
    st.caption(
        _(
            "Asks how likely each word of the answer stays when something is taken away: the picture, the question, "
            "or what the answer says before. {see}",
            see=see("reliance"),
        )
    )
    found = study_panels.found(run, RELIANCE)
    if found is not None:
        _show(found)


def _show(found: Reliance) -> None:
    words = found.words()
    st.plotly_chart(
        reliance_figure(found),
        key="reliance-chart",
        config={"displaylogo": False},
        alt=_("What each word of the answer rests on: picture, question and answer so far"),
    )
    st.caption(
        _(
            "Natural logarithm of a word's probability, with the part minus without it, in nats: 0.7 means twice as "
            "likely with it, 2.3 ten times; below zero, likelier without it. The picture's is the mean over {fills} in "
            "its place. Each part is taken away alone, so that the three need not add up to the whole.",
            fills=listed(sentence(FILL_WORDS[fill].title).lower() for fill in found.fills),
        )
    )
    forget_unless_offered(ViewKey.RESTING_WORD, range(len(words)))
    picked = words[word_choice([word.text for word in words], ViewKey.RESTING_WORD)]
    with st.container(key="reliance-of-word", gap="small"):
        st.text(visible(picked.text))
        st.markdown(f"**{said_of(picked)}**")
        st.caption(
            _(
                "Without the picture its log p falls by {picture:.2f}, without the question by {question:.2f}, without "
                "the answer so far by {so_far:.2f}.",
                picture=picked.picture,
                question=picked.question,
                so_far=picked.so_far,
            )
        )
