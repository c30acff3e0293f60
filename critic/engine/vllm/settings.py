"""Configuration of vLLM."""

from pathlib import Path

from pydantic import Field

from codaserve.settings import Section


class VllmSettings(Section):
    """Where vLLM is and what it may use."""

    python: Path = Path(".venv-vllm/bin/python")
    """Interpreter of the environment that has vLLM; nothing else need be in it."""
    cache_gib: float = Field(1.0, gt=0)
    """Memory for keys and values, GiB, on the device; during a reload twice."""
    prefix_caching: bool = True
    """Compute what sequences of a request have in common once, in whole blocks of tokens."""
