"""Configuration of the code side of the scorer."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from codaserve.settings import Section
from scorer.code.languages.table import LANGUAGES
from scorer.sandbox.settings import SandboxSettings

# Below this the interpreter itself does not fit.
LEAST_MEMORY_BYTES = 64 << 20


class RunLimitSettings(Section):
    """Limits of one run of a program."""

    cpu_seconds: float = Field(default=5.0, gt=0)
    """Processor time."""
    wall_seconds: float = Field(default=10.0, gt=0)
    """Elapsed time: a backstop for programs that wait; processor time is what should decide."""
    memory_bytes: int = Field(default=1 << 30, ge=LEAST_MEMORY_BYTES)
    """Address space of each process."""
    processes: int = Field(default=8, ge=1)
    """Processes and threads at one time, the program's own included; a task's profile says whether threads only."""
    file_bytes: int = Field(default=16 << 20, ge=1)
    """Largest file, and all scratch space together."""
    output_bytes: int = Field(default=1 << 20, ge=1)
    """Standard output and standard error together."""


class CompileSettings(RunLimitSettings):
    """Limits of a compiler's run."""

    cpu_seconds: float = Field(default=20.0, gt=0)
    """Processor time."""
    wall_seconds: float = Field(default=40.0, gt=0)
    """Elapsed time."""
    memory_bytes: int = Field(default=2 << 30, ge=LEAST_MEMORY_BYTES)
    """Memory of each process."""
    processes: int = Field(default=64, ge=1)
    """Processes and threads at one time."""
    file_bytes: int = Field(default=256 << 20, ge=1)
    """Largest file, the compiled program among them, and all scratch space together."""


class CodeSettings(Section):
    """Running programs against tests."""

    sandbox: SandboxSettings = SandboxSettings()
    """Where programs run."""
    languages: tuple[str, ...] = tuple(LANGUAGES)
    """Languages to offer if the machine has them, Python always among them; docs/languages.md names them."""
    compile: CompileSettings = CompileSettings()
    """Limits of compilers, once for each submission."""
    max_cases: int = Field(default=1000, ge=1)
    """Cases of one task; a task with more is refused."""
    max_value_bytes: int = Field(default=4 << 20, ge=1024)
    """All values that one run's calls return together, as bytes; more is an invalid value."""
    max_idle_seconds: float = Field(default=120.0, gt=0)
    """Elapsed time that a program may wait for other things than a processor in all runs of one item together."""
    max_item_seconds: float = Field(default=1800.0, gt=0)
    """Elapsed time that a program may take in all runs of one item together, less what it was kept waiting."""
    default_run: RunLimitSettings = RunLimitSettings()
    """Limits of a run that does not ask for others."""
    max_run: RunLimitSettings = RunLimitSettings(
        cpu_seconds=60.0,
        wall_seconds=120.0,
        memory_bytes=4 << 30,
        processes=64,
        file_bytes=256 << 20,
        output_bytes=64 << 20,
    )
    """The most that a run may ask for."""

    @field_validator("languages")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(names) - set(LANGUAGES)):
            raise ValueError(f"no such language: {', '.join(unknown)}; the languages are {', '.join(LANGUAGES)}")
        return tuple(name for name in LANGUAGES if name in {"python", *names})

    @model_validator(mode="after")
    def _defaults_within_bounds(self) -> Self:
        for name in RunLimitSettings.model_fields:
            if getattr(self.default_run, name) > getattr(self.max_run, name):
                raise ValueError(f"default_run.{name} is above max_run.{name}; raise the latter or lower the former")
        return self
