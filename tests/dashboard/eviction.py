"""A result store that has dropped everything, as its size limit may."""

from dashboard.storage.data_folder import Storage


def evict(storage: Storage) -> None:
    """Drops all that is stored of results; pictures and history stay."""
    for key in list(storage.results._cache):
        storage.results._cache.delete(key)
