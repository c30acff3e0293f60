"""What the service tells a slot once, when it starts: one record, as both sides understand it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Setup:
    """How a slot is to be built."""

    run_uid: int
    """Uid and gid of its runs where the slot may change them."""
    without: Sequence[str] = ()
    """Layers of isolation to leave out."""
    exposed: Sequence[str] = ()
    """Paths that runs may read beside the system's programs and libraries."""
    path: Sequence[str] = ()
    """Folders of packages, for the interpreter."""
    preload: Sequence[str] = ()
    """Packages to import before any run."""
    scratch: str | None = None
    """Folder on a bounded file system of its own that runs may write where nothing can be mounted."""
    cgroups: Mapping[str, str] = field(default_factory=dict)
    """Folders of the slot's control groups by controller ("memory", "pids", "cpu"); empty where there are none."""
    no_cgroups: str = "the service made none"
    """Why there are none."""
