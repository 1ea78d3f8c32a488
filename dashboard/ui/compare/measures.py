"""Runs -> numbers over depth, remembered by run: what the charts, tables and files of Compare are made of."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.analysis.concentration import STATISTICS, Statistic, progression, together
from core.analysis.regions import Region
from core.analysis.similarity import STEPS, steps
from core.analysis.standard_errors import standard_errors
from dashboard.charts.base import RUN_COLOURS, RUN_LETTERS, plain
from dashboard.charts.depth import DepthLine
from dashboard.formatting import method_words
from dashboard.language import ENGLISH, N_, _, listed, speaking
from dashboard.loaded_run import LoadedRun
from dashboard.session.kept import for_an_hour

REGION = Statistic(
    "region_share",
    N_("Heat in the region"),
    N_(
        "Heat inside the drawn region over all heat, cells counted by their overlap: 0 to 1; of a blank map the "
        "region's share of the picture."
    ),
    N_("share of the heat, 0 to 1"),
)
ALL = STATISTICS | STEPS


@dataclass(frozen=True, eq=False)
class Compared:
    """A run among those that are compared.

    Attributes:
        letter: what it is called on the page.
        colour: of its line in every chart.
    """

    letter: str
    run: LoadedRun
    colour: str

    @property
    def label(self) -> str:
        """Its name in charts, none of it read as markup."""
        return self.label_of(self.run.request.method)

    def label_of(self, method: str) -> str:
        """The same, of the run's map by a method of its result."""
        told = [plain(method_words(method, self.run.request.part))]
        if self.run.pictures:
            told.append(_("picture {number}", number=self.run.request.picture + 1))
        if self.run.request.origin:
            told.append(_("imported"))
        return _("{letter}: {prompt} ({told})", letter=self.letter, prompt=self._prompt, told=listed(told))

    @property
    def name(self) -> str:
        """The same in English, for files that programs read."""
        with speaking(ENGLISH):
            return self.label

    @property
    def mark(self) -> str:
        """Its letter in files that are taken away, where no banner stands above it."""
        return _("{letter} (imported)", letter=self.letter) if self.run.request.origin else self.letter

    @property
    def _prompt(self) -> str:
        return plain(self.run.request.prompt, 36)


def lettered(runs: list[LoadedRun]) -> list[Compared]:
    """Runs in their order, each with its letter and colour."""
    return [Compared(letter, run, colour) for letter, run, colour in zip(RUN_LETTERS, runs, RUN_COLOURS, strict=False)]


def with_layers(runs: list[Compared]) -> list[Compared]:
    """Those of the runs that hold a map for each layer, not one in all."""
    return [each for each in runs if each.run.result.layers]


def layers_of(runs: list[Compared]) -> list[int]:
    """Every layer of which at least one of the runs holds a map, in order."""
    return sorted({layer for each in runs for layer in each.run.result.layers})


def depth_line(compared: Compared, region: Region | None = None, names: Collection[str] = tuple(ALL)) -> DepthLine:
    """Statistics over a run's depth; the share in a region, too, where there is one.

    Args:
        names: of `ALL`: only those are worked out, since their errors take time.
    """
    run, result = compared.run, compared.run.result
    values, errors = {}, {}
    groups = list(dict.fromkeys(together(name) for name in names if name in STATISTICS))
    if len(groups) > 1:
        groups = [tuple(STATISTICS)]  # the heat is drawn again once for all of them
    for group in [*groups, *([tuple(STEPS)] if any(name in STEPS for name in names) else [])]:
        measured, unsure = _measured(run.key, group, run)
        values, errors = values | measured, errors | unsure
    if region is not None:
        shares, unsure = _region_shares(run.key, region.to_text(), run)
        values, errors = values | shares, errors | unsure
    part = result.request.part
    named = compared.label, compared.colour
    return DepthLine(*named, result.layers, result.total_layers, values, errors, part, compared.name)


# Numbers of a stored run never change; all errors of 36 layers on a fine grid take a third of a second.
@for_an_hour(512)
def _measured(
    run_id: str, names: tuple[str, ...], _run: LoadedRun
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    heat, measure = _run.result.heat, partial(progression, names=names)
    if names == tuple(STEPS):
        return steps(heat), {}
    return measure(heat), standard_errors(heat, _run.result.stderr, measure)


@for_an_hour(256)
def _region_shares(run_id: str, corners: str, _run: LoadedRun) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    region, result = Region.from_text(corners), _run.result

    def share(heat: np.ndarray) -> dict[str, np.ndarray]:
        return {REGION.name: region.share_of_heat(heat)}

    return share(result.heat), standard_errors(result.heat, result.stderr, share)
