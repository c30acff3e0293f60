"""Configuration of the scorer."""

import os
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from codaserve.serving.http.settings import HttpSettings
from codaserve.serving.settings import ServerSettings
from codaserve.settings import Section
from scorer.code.settings import CodeSettings
from scorer.math.settings import MathSettings


class QueueSettings(Section):
    """The bound of what the scorer takes on."""

    size: int = Field(1024, ge=1, le=2**20)
    """Items that may wait or be worked on at one time; calls that would go beyond are refused with a hint of when to
    come back."""
    bytes: int = Field(256 * 2**20, ge=2**10)
    """Bytes that these items may have together, refused likewise. A call with more than all of it is taken when nothing
    else is inside."""


class ScorerHttpSettings(HttpSettings):
    """Where the scorer speaks other projects' dialects, and how."""

    undecided: float | None = Field(None, ge=0, le=1)
    """Score of a response that the scorer could not decide on within its limits. Default: none; a trainer that can only
    stop then lets an answer that was made to exhaust the verifier stop it."""


class ScorerSettings(ServerSettings):
    """Everything that can be configured of `codaserve scorer`."""

    model_config = SettingsConfigDict(env_prefix="CODASERVE_SCORER_")

    probe: bool = False
    """Do not serve: start the sandbox, tell which layers of isolation and languages there are and what the others need,
    and end; with status 1 if the machine does not give what code.sandbox.isolation.require asks for."""
    max_items: int = Field(256, ge=1, le=2**20)
    """Items of one Score call, and items of one stream that may be unanswered at one time."""
    max_call_seconds: float = Field(3600.0, gt=0, le=86_400)
    """Time that one call may take when its client sets no deadline or a later one, seconds."""
    http: ScorerHttpSettings = ScorerHttpSettings()
    """The port where the scorer speaks other projects' dialects."""
    queue: QueueSettings = QueueSettings()
    """The bound of what the scorer takes on."""
    processes: int = Field(1, ge=1, le=256)
    """Server processes that share the port, for machines with many processors: each parses and answers on one. Queue,
    calls, quotas, math workers and sandbox slots are divided among them; a connection stays with one of them."""
    math: MathSettings = MathSettings()
    """Comparison of mathematical answers."""
    code: CodeSettings = CodeSettings()
    """Running of programs."""

    @model_validator(mode="after")
    def _can_be_divided(self) -> Self:
        if self.processes > 1 and self.http.port == 0:
            raise ValueError("http.port: name one; processes cannot share a port that each would choose")
        return self

    def parts(self) -> list[Self]:
        """The configuration of each process, everything in its share."""
        slots = divided(self.code.sandbox.slots or len(os.sched_getaffinity(0)), self.processes)
        queue, workers = divided(self.queue.size, self.processes), divided(self.math.workers, self.processes)
        queue_bytes, calls = divided(self.queue.bytes, self.processes), divided(self.max_calls, self.processes)
        parts = []
        for index in range(self.processes):
            part = self.model_copy(deep=True)
            part.processes, part.quota.processes = 1, self.processes
            part.queue.size, part.queue.bytes = queue[index], queue_bytes[index]
            part.math.workers, part.max_calls = workers[index], calls[index]
            before = sum(slots[:index])
            part.code.sandbox.slots = slots[index]
            part.code.sandbox.scratch = self.code.sandbox.scratch[before : before + slots[index]]
            parts.append(part)
        return parts


def divided(whole: int, parts: int) -> list[int]:
    """A number of things divided evenly, at least one for each part."""
    return [max(whole // parts + (index < whole % parts), 1) for index in range(parts)]
