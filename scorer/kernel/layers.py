"""What is known of the layers of isolation: one record each, in force or why not."""

from dataclasses import dataclass

NAMES = (
    "user_namespace",
    "mount_namespace",
    "pid_namespace",
    "network_namespace",
    "ipc_namespace",
    "uts_namespace",
    "landlock",
    "seccomp",
    "rlimits",
    "cgroups",
    "dropped_privileges",
)


@dataclass(frozen=True)
class Layer:
    """A layer of isolation: its name (one of NAMES), whether it is in force for every run, version or reason."""

    name: str
    active: bool
    detail: str
