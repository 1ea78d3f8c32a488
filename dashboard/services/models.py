"""Models that are fetched from the hub while a page waits for them."""

from dashboard import resources
from dashboard.jobs.model_downloads import DownloadState
from dashboard.session import state


def download_of(model: str) -> DownloadState | None:
    """How far a model is fetched, which this page now waits for; None where it is not being fetched."""
    return resources.catalogue().download(model, state.page_id())


def stop_download(model: str) -> bool:
    """This page no longer wants a model; returns whether that ends its download."""
    return resources.catalogue().stop(model, state.page_id())


def fetch_again(model: str) -> None:
    """Fetches a model of which somebody has stopped the download."""
    resources.catalogue().fetch(model)
