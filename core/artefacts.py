"""`core.artefacts.hide_sinks`, as it is known outside; see `core.analysis.artefacts`."""

from core.analysis.artefacts import hide_sinks

__all__ = ["hide_sinks"]
