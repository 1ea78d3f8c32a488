"""How far a model's download or a run is, as bars on standard error."""

from tqdm import tqdm

from core.schema.progress import Progress

_UNITS = {"fetch": "B", "answer": "token", "samples": "sample"}


class ProgressBar:
    """One bar a phase: bytes of a model that is fetched, tokens of the answer, noise samples."""

    def __init__(self) -> None:
        self._bar: tqdm | None = None
        self._phase = ""

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def show(self, progress: Progress) -> None:
        """To be called whenever there is news."""
        if progress.stage != self._phase:
            self.close()
            self._phase, unit = progress.stage, _UNITS[progress.stage]
            self._bar = tqdm(total=progress.total, desc=progress.stage, unit=unit, unit_scale=unit == "B")
        self._bar.update(progress.done - self._bar.n)

    def close(self) -> None:
        """Leaves the bar as it is; the next phase has another one."""
        if self._bar is not None:
            self._bar.close()
        self._bar, self._phase = None, ""
