"""What Prometheus is told at /metrics: what `dashboard.jobs.telemetry` counts, and how things stand at this moment."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from prometheus_client import CollectorRegistry, Metric, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from cache.results.lookups import Lookups
from dashboard.jobs.job import Job
from dashboard.jobs.telemetry import REGISTRY
from dashboard.storage.damage import PARTS

TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What kind of text it is."""


class Source(Protocol):
    """Where the present state is looked up."""

    def active(self) -> list[Job]:
        """Jobs that wait or run."""

    def interrupted(self) -> int | None:
        """Jobs that a server which ended left unfinished, and with which nobody has gone on; None: cannot be told."""

    def lookups(self) -> Lookups:
        """How often what was asked for was stored."""

    def damage(self) -> Mapping[str, int]:
        """How much of each part of the data folder is lost or cannot be read, and nobody has acknowledged."""

    def pages(self) -> int:
        """Open pages."""


class StateCollector(Collector):
    """Looks when it is asked, so that nothing has to be kept in step."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def collect(self) -> Iterator[Metric]:
        """The families of numbers."""
        jobs = GaugeMetricFamily("smoothcam_jobs_active", "Jobs that wait or run.", labels=["state"])
        states = [job.state for job in self._source.active()]
        for state in ("queued", "running"):
            jobs.add_metric([state], states.count(state))
        yield jobs
        if (interrupted := self._source.interrupted()) is not None:
            yield GaugeMetricFamily(
                "smoothcam_jobs_interrupted",
                "Jobs that a server which ended left unfinished, and with which nobody has gone on.",
                value=interrupted,
            )
        found = self._source.lookups()
        lookups = CounterMetricFamily(
            "smoothcam_lookups", "Questions, by whether all of their result was stored.", labels=["outcome"]
        )
        lookups.add_metric(["hit"], found.hits)
        lookups.add_metric(["miss"], found.misses)
        yield lookups
        damage = GaugeMetricFamily(
            "smoothcam_data_damage",
            "Files and rows that are lost or cannot be read, until an administrator has acknowledged it.",
            labels=["part"],
        )
        known = self._source.damage()
        for part in PARTS:
            damage.add_metric([part], known.get(part, 0))
        yield damage
        yield GaugeMetricFamily("smoothcam_pages_open", "Pages that are connected.", value=self._source.pages())


def exposition(source: Source) -> Callable[[], bytes]:
    """A function that writes all numbers in Prometheus' text format."""
    present = CollectorRegistry()
    present.register(StateCollector(source))
    ProcessCollector(registry=present)
    return lambda: generate_latest(REGISTRY) + generate_latest(present)
