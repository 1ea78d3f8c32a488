"""Who hears how far a job is."""


def ignore(progress: object) -> None:
    """Nobody watches."""
