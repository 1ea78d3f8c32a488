"""What is said and counted when a job's state changes: a line in the log, and Prometheus' counters."""

import logging

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics

from core import Progress
from dashboard.jobs.job import Job

logger = logging.getLogger(__name__)
disable_created_metrics()  # as many lines again, of which nobody makes use

REGISTRY = CollectorRegistry()
"""Of this program alone: libraries register what they like in the default one."""

_ENDED = Counter("smoothcam_jobs", "Jobs that ended, by how.", ["outcome"], registry=REGISTRY)
_SECONDS = Counter("smoothcam_job_seconds", "Seconds that jobs ran, whatever became of them.", registry=REGISTRY)
_SAMPLES = Counter("smoothcam_job_samples", "Noise samples that jobs computed.", registry=REGISTRY)

for _outcome in ("done", "cancelled", "failed"):
    _ENDED.labels(_outcome)  # from the start, so that a rate can be told from the first one on


def observe(job: Job) -> None:
    """Hears of every change of a job's state, a private one's, too; see `dashboard.jobs.queue.JobQueue`."""
    what = job.question.study or "run"
    facts = {"job": job.id, "state": job.state, "what": what, "model": job.question.card.name}
    if job.is_active:
        logger.info("The job is %s.", job.state, extra=facts)
        return
    _ENDED.labels(job.state).inc()
    _SECONDS.inc(job.seconds)
    if isinstance(job.progress, Progress) and job.progress.stage == "samples":
        _SAMPLES.inc(job.progress.done - job.progress.begun)
    level = logging.WARNING if job.state == "failed" else logging.INFO
    logger.log(
        level, "The job is %s after %.1f s.", job.state, job.seconds, extra={**facts, "seconds": round(job.seconds, 3)}
    )
