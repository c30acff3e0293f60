"""The most memory that this process had at one time. Imports nothing of this project: TRL's environment has none."""

import resource


def peak_bytes() -> int:
    """Resident, of this process alone (getrusage(2))."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
