"""Configuration of rollouts from vLLM."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from codaserve.settings import Section


class VllmServerSettings(Section):
    """The vLLM servers. A server's key is read from the variable VLLM_API_KEY."""

    addresses: list[str] = Field(default_factory=list)
    """host:port or URL of running servers, started as docs/rollouts.md says. Default: none, one is started here and
    stopped at the end."""
    python: Path = Path(".venv-vllm/bin/python")
    """Interpreter of the environment that has vLLM, for the one that is started."""
    arguments: list[str] = Field(default_factory=list)
    """Further command line arguments of the one that is started."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """What the servers compute in. auto: float32 where the policy is on a CPU, else bfloat16."""
    tolerance: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """No log-probability of the probe may differ by more from that of our own forward pass, natural logarithm. It is
    compared after each synchronisation, and whenever a server may have been started again. Default: 0.001 in float32,
    0.1 in bfloat16."""
    start_timeout: float = Field(default=600.0, gt=0)
    """Seconds until the server that is started must answer."""
    timeout: float = Field(default=1800.0, gt=0)
    """Seconds that one request may take: the responses to one prompt, or a synchronisation."""
    max_outage: float = Field(default=300.0, ge=0)
    """Seconds for which a request to an unreachable server is tried again; past it the run stops, and can be gone on
    with."""
    concurrency: int = Field(default=64, ge=1)
    """Prompts that are answered at one time, by all servers together."""

    @property
    def largest_difference(self) -> float:
        """The tolerance with its default filled in, once `dtype` is no longer auto."""
        return self.tolerance or (1e-3 if self.dtype == "float32" else 0.1)


class VllmRolloutSettings(VllmServerSettings):
    """The vLLM servers of a training run, and how they get the weights."""

    transfer: Literal["folder", "nccl"] = "folder"
    """How weights get to the servers: through files, or from GPU to GPU by vLLM's weight transfer, which needs running
    servers on other GPUs and is untested. Adapters always go through files."""
    weights_dir: Path | None = None
    """Folder through which the servers get weights; remote ones must see it under the same path. Default:
    rollout-weights in output_dir."""
