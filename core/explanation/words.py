"""The explanations of an answer's words, all at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from core.errors import InputError, shown
from core.explanation import html, notebook, paper
from core.explanation.drawing import MOST_SHEET_COLUMNS, TILE, draw_map, tile_side
from core.explanation.explanation import Explanation
from core.rendering.look import MapLook
from core.rendering.overlay import sheet
from core.rendering.paper.sizes import DPI, FigureFormat, Width
from core.schema.checks import check_instance, check_whole
from core.schema.one_line import counted, one_line, quoted, shortened
from core.schema.visible_text import visible
from core.schema.words import Word

_LONGEST_CAPTION = 24


@dataclass(frozen=True, eq=False, repr=False)
class WordExplanations(Mapping[Word, Explanation]):
    """Word of the answer -> its explanation, in the order of the answer; what `Explainer.explain_words` gives.

    A word can be named by its text, too, as in `words["circle"]`: the first that reads so, whatever its case.

    Attributes:
        results: by word. Heat is float32 [maps, grid_h, grid_w], of a video [maps, time, grid_h, grid_w], each.
    """

    results: Mapping[Word, Explanation] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_instance("The words' explanations", self.results, Mapping, "explanations by word")
        for word, result in self.results.items():
            check_instance("A word", word, Word, "a Word")
            check_instance("A word's explanation", result, Explanation, "an Explanation")

    def __getitem__(self, word: Word | str) -> Explanation:
        if isinstance(word, str):
            found = next((each for each in self.results if each.text.casefold() == word.casefold()), None)
            if found is None:
                raise KeyError(f"There is no word {shown(word)} here. There are: {', '.join(map(str, self.texts))}.")
            word = found
        return self.results[word]

    def __iter__(self) -> Iterator[Word]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __repr__(self) -> str:
        return one_line(self, quoted(" ".join(self.texts)), counted(len(self), "word"))

    def _repr_html_(self) -> str:
        return self._html(MapLook())

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """What the words read."""
        return tuple(word.text for word in self.results)

    def sheet(self, *, columns: int = 4, **style: Any) -> Image.Image:
        """One picture of all words, each word's map over the picture under the word.

        Args:
            columns: words in a row.
            style: as the last arguments of `Explanation.overlay`.

        Raises:
            InputError: there is no word, or an argument cannot be used.
        """
        check_whole("The number of columns", columns, 1, MOST_SHEET_COLUMNS)
        how = MapLook(**style)
        if not self.results:
            raise InputError("The answer has no words, so there is nothing to draw.")
        tiles = [
            (_caption(word), draw_map(result, result.picture, None, None, how, tile_side(result, result.picture)))
            for word, result in self.results.items()
        ]
        return Image.fromarray(sheet(tiles, min(columns, len(tiles)), tile_width=TILE))

    def figure(
        self,
        format: FigureFormat = "pdf",
        width: Width = "page",
        *,
        text: bool = True,
        dpi: int = DPI,
        **style: Any,
    ) -> bytes:
        """A strip of all words' maps as a figure for a paper: the bytes of a file.

        Args:
            format, width, dpi, style: as of `Explanation.figure`.
            text: whether the prompt stands below.

        Raises:
            InputError: there is no word, or an argument cannot be used.
        """
        picture = next((result.picture for result in self.results.values()), None)
        return paper.words_figure(self.results, picture, format, width, text=text, dpi=dpi, style=style)

    def show(self, **style: Any) -> None:
        """Shows all words below a notebook's cell. Elsewhere prints one line, and opens nothing.

        Args:
            style: as the last arguments of `Explanation.overlay`.

        Raises:
            InputError: an argument cannot be used.
        """
        notebook.show_html(self._html(MapLook(**style)), repr(self))

    def _html(self, style: MapLook) -> str:
        results = [(word.text, result, result.picture) for word, result in self.results.items()]
        answer = results[0][1].answer if results else None
        return html.words_html(results, answer, style)


def _caption(word: Word) -> str:
    return shortened(visible(word.text), _LONGEST_CAPTION)
