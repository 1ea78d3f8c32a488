"""What Prometheus is told of the present state."""

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from cache.results.lookups import Lookups
from dashboard.server.metrics import StateCollector
from dashboard.storage.damage import PARTS


def test_the_present_state_is_looked_up(job):
    class Source:
        def active(self):
            return [job("running"), job("queued"), job("queued")]

        def interrupted(self):
            return 2

        def lookups(self):
            return Lookups(hits=7, misses=3)

        def damage(self):
            return {"history": 2}

        def pages(self):
            return 4

    registry = CollectorRegistry()
    registry.register(StateCollector(Source()))
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        for sample in family.samples
    }
    assert found == {
        ("smoothcam_jobs_active", "queued"): 2,
        ("smoothcam_jobs_active", "running"): 1,
        ("smoothcam_jobs_interrupted",): 2,
        ("smoothcam_lookups_total", "hit"): 7,
        ("smoothcam_lookups_total", "miss"): 3,
        ("smoothcam_pages_open",): 4,
        **{("smoothcam_data_damage", part): 2 if part == "history" else 0 for part in PARTS},
    }
