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
