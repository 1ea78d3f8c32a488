"""Word by word: what two runs of one sentence look at when they come to each of its words, and how that differs."""

import streamlit as st

from core import ExplainError, ExplainResult
from core.heatmap import common_grid, difference, on_grid, rank_correlation
from core.rendering.overlay import fit
from core.schema.words import Word
from dashboard.formatting import literal, short
from dashboard.jobs.question import study_id
from dashboard.jobs.studies.registry import MOST_WORDS, explained_words, find_study, of_shown
from dashboard.language import _, sentence
from dashboard.services import submit, waiting
from dashboard.services.open import findings
from dashboard.session import clicks, keys
from dashboard.ui import images
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.pair import choose_pair
from dashboard.ui.compare.pair_maps import EVEN, SIDE, difference_title, grey, why_no_difference
from dashboard.ui.drawing.maps import Difference, ShownMap
from dashboard.ui.drawing.panes import Side, panes_view, reel
from dashboard.ui.progress.progress import progress_panel
from dashboard.ui.widgets import forget_unless_offered
from dashboard.ui.word_choice import word_choice

_STUDY = "words"
_PANES = "word-panes"
Pair = tuple[Compared, Compared]


def words_panel(runs: list[Compared]) -> None:
    """Each word's maps of two of the runs, and their difference."""
    if len(runs) < 2:
        st.info(_("Choose a second run above to set one against the other."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="words-controls"):
        pair = choose_pair(runs)
    if pair is None:
        st.info(_("That is one run twice. Choose another as the second."))
        return
    refusal = why_no_difference(*pair) or _why_no_words(pair)
    if refusal:
        st.info(refusal)
        return
    found = _found(pair)
    if found is None:
        return
    words = explained_words(pair[0].run.result)
    together = list(zip(words, *found, strict=False))
    if len(words) > len(together):
        st.caption(_("The first {shown} of {count} words.", shown=MOST_WORDS, count=len(words)))
    _table(pair, together)
    forget_unless_offered(keys.CompareKey.WORD, range(len(together)))
    picked = word_choice([word.text for word, *_maps in together], keys.CompareKey.WORD)
    _word(pair, picked + 1, *together[picked][1:])


def _why_no_words(pair: Pair) -> str | None:
    first, second = pair
    named = {"first": first.letter, "second": second.letter}
    if first.run.result.answer.text != second.run.result.answer.text or (
        explained_words(first.run.result) != explained_words(second.run.result)
    ):
        return _(
            "{first} and {second} explain different sentences, so their words cannot be set against each other. On "
            "Compute, a run's button to compare it with another model explains one sentence by both.",
            **named,
        )
    if not explained_words(first.run.result):
        return _("The answer has no words to map.")
    return None


def _found(pair: Pair) -> list[list[ExplainResult]] | None:
    """Both runs' maps of words; None while any are missing, with a button or the progress in their place."""
    found = [findings(each.run, _STUDY) for each in pair]
    if all(each is not None for each in found):
        return [of_shown(each.run.result, results) for each, results in zip(pair, found, strict=True)]
    missing = [each for each, results in zip(pair, found, strict=True) if results is None]
    names = {each.run.id: study_id(each.run.id, _STUDY) for each in missing}
    jobs = {run: waiting.watch(name) for run, name in names.items()}
    active = [run for run, job in jobs.items() if job is not None and job.is_active]
    for run in active:
        progress_panel(names[run])
    for job in jobs.values():
        if job is not None and job.problem:
            st.error(literal(sentence(job.problem)))
    idle = [each for each in missing if each.run.id not in active]
    if not idle:
        return None
    st.caption(sentence(find_study(_STUDY).cost))
    if clicks.button(_("Map every word of both"), key="begin-both-words", icon=":material/play_arrow:"):
        try:
            for each in idle:
                submit.begin_study(each.run, _STUDY)
        except ExplainError as error:
            st.error(literal(sentence(str(error))))
            return None
        st.rerun()
    return None


def _table(pair: Pair, together: list[tuple[Word, ExplainResult, ExplainResult]]) -> None:
    first, second = pair
    st.dataframe(
        {
            "word": [short(word.text, 40) for word, *_maps in together],
            first.letter: [_probability(result, word) for word, result, _other in together],
            second.letter: [_probability(result, word) for word, _other, result in together],
            "likeness": [_likeness(one, other) for _word, one, other in together],
        },
        hide_index=True,
        height="content" if len(together) <= 12 else 460,
        key="pair-words",
        column_config={
            "word": st.column_config.TextColumn(_("Word")),
            **{
                each.letter: st.column_config.NumberColumn(
                    each.letter,
                    format="%.3g",
                    help=_("Probability with which the model of run {run} says this word", run=each.letter),
                )
                for each in pair
            },
            "likeness": st.column_config.NumberColumn(
                _("Likeness of the maps"),
                format="%.2f",
                help=_("Rank correlation of both combined maps of the word: 1 where they rank all cells alike"),
            ),
        },
        alt=_("Words of the sentence, with their probability in both runs and how alike their maps are"),
    )


def _probability(result: ExplainResult, word: Word) -> float:
    said = 1.0
    for token in result.tokens[word.start : word.stop]:
        said *= token.probability
    return said


def _likeness(first: ExplainResult, second: ExplainResult) -> float:
    heats = [result.at() for result in (first, second)]
    grid = common_grid(*(heat.shape for heat in heats))
    return rank_correlation(*(on_grid(heat[None], grid)[0] for heat in heats))


def _word(pair: Pair, number: int, first: ExplainResult, second: ExplainResult) -> None:
    """The word's maps side by side and their difference, drawn in the browser as the maps of layers are."""
    pixels = [fit(images.preview(each.run), SIDE) for each in pair]
    title = _("word {number}", number=number)
    sides = [
        Side(picture, [ShownMap(result.request.method, None, result)], [f"{each.mark}, {title}"])
        for each, picture, result in zip(pair, pixels, (first, second), strict=True)
    ]
    less = Difference(None, difference(first.at(), second.at(), "share")[1], _(EVEN))
    sides.append(Side(grey(pixels[0]), [less], [difference_title(*pair)]))
    panes_view(
        reel(sides, [("word", title)], [each.letter for each in pair], swipes=True), _PANES, on_show=lambda: None
    )
    st.caption(
        _(
            "The combined map of the word, without noise, each over its own mean. Red: more heat in {first}, blue: "
            "more in {second}.",
            first=pair[0].letter,
            second=pair[1].letter,
        )
    )
