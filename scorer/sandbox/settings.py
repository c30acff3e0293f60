"""Configuration of the sandbox."""

from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from codaserve.settings import Section
from scorer.kernel.layers import NAMES


class IsolationSettings(Section):
    """Which layers of isolation are demanded and used."""

    require: tuple[str, ...] = ("seccomp", "rlimits", "mount_namespace|landlock")
    """Layers that must be in force, else the service does not start; `a|b` asks for one of both. Names as in Info."""
    without: tuple[str, ...] = ()
    """Layers not to use. Meant for finding out what the others hold alone."""
    first_uid: int = Field(default=64000, ge=1, le=2**31)
    """Where the service may change uids (as root), each slot's runs have a uid and gid of their own: the lowest from
    here on that no other service on this host has."""

    @field_validator("require", "without")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if unknown := set(name.split("|")) - set(NAMES):
                raise ValueError(f"no such layer: {', '.join(sorted(unknown))}; the layers are {', '.join(NAMES)}")
        return names


class SandboxSettings(Section):
    """Slots and what runs in them."""

    slots: int = Field(default=0, ge=0, le=1024)
    """How many programs run at once. 0: one for each processor that the service may use."""
    python: Path | None = None
    """Interpreter of Python candidates, 3.11 or newer, used without packages. Default: the one the service runs on."""
    packages: Path | None = None
    """Folder with packages that Python candidates may import, such as the site-packages of a virtual environment."""
    preload: tuple[str, ...] = ()
    """Packages that Python candidates find loaded, such as numpy: of `packages`, else of the service's own
    environment, of which runs then see these and what they require. Those that do not name them pay nothing for it."""
    scratch: tuple[Path, ...] = ()
    """Folders that runs may write where no file systems can be mounted, as in an unprivileged container: for each slot
    one that is a tmpfs of its own, of limited size. Without any, such runs have no writable files."""
    grace_seconds: float = Field(default=5.0, gt=0)
    """How long past a run's wall limit its slot may take to report before it is replaced."""
    isolation: IsolationSettings = IsolationSettings()
    """Layers of isolation."""

    @model_validator(mode="after")
    def _python_exists(self) -> Self:
        if self.python is not None and not self.python.is_file():
            raise ValueError(f"python: {self.python} is not a file; name an interpreter or leave it out")
        if self.packages is not None and not self.packages.is_dir():
            raise ValueError(f"packages: {self.packages} is not a folder; name a site-packages folder or leave it out")
        return self
