"""Configuration of the scorer."""

from pydantic import Field
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
    http: HttpSettings = HttpSettings()
    """The port where the scorer speaks other projects' dialects."""
    queue: QueueSettings = QueueSettings()
    """The bound of what the scorer takes on."""
    math: MathSettings = MathSettings()
    """Comparison of mathematical answers."""
    code: CodeSettings = CodeSettings()
    """Running of programs."""
