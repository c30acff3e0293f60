"""Limits of one run, as both sides of a slot understand them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one run may use. The fields mean what `pb.RunLimits` says of them."""

    cpu_seconds: float
    wall_seconds: float
    memory_bytes: int
    processes: int
    file_bytes: int
    output_bytes: int
    channel_bytes: int
    """What the run may send back beside its output: values, exceptions."""
    several: bool = False
    """Whether `processes` may be processes, else they are threads of one."""
    reserve: bool = True
    """Whether memory counts as soon as it is reserved (RLIMIT_AS), else as it becomes writable (RLIMIT_DATA): the
    runtimes of some languages reserve far more than they use."""
