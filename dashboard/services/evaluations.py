"""What was measured of a run's model on people's own data, as far as it was shared with this server."""

from dashboard import resources
from dashboard.loaded_run import LoadedRun
from dashboard.storage.evaluations import Evaluations, read_evaluations


def evaluations_of(run: LoadedRun) -> Evaluations:
    """The reports of its model."""
    return read_evaluations(resources.storage().folder, run.request.model)
