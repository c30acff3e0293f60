"""One vLLM server as the engine sees it: what it serves, and which weights it has."""

import threading
from dataclasses import dataclass, field
from typing import Any

import torch

from trainer.errors import RolloutError
from trainer.rollout.vllm.http import Client, HttpError
from trainer.rollout.vllm.nccl import Communicator, NcclError, unique_id
from trainer.rollout.vllm.transfer import Transfer, policy_tensors

LOOK_SECONDS = 30.0
"""For requests that compute nothing."""
REMEDY = "start it as docs/rollouts.md says"


@dataclass
class Remote:
    """A server by its client. Its calls raise `HttpError` when it is away and `RolloutError` when it cannot be used."""

    client: Client
    seconds: float
    """That a synchronisation may take."""
    model: str = ""
    """The name to ask for; empty until `look`."""
    suspect: bool = True
    """It may have been started again since it got its weights, and then has others."""
    transfer: Transfer | None = None
    """The connection for weights, where they do not go through files."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held by whoever makes it trustworthy again."""

    def look(self, longest: int) -> None:
        """Learns the name of what it serves.

        Args:
            longest: Tokens that a prompt and its response may have.
        """
        answer = self.client.request("GET", "/v1/models", seconds=LOOK_SECONDS)
        try:
            base = next(entry for entry in answer["data"] if not entry.get("parent"))
            name, positions = str(base["id"]), int(base["max_model_len"])
        except (TypeError, KeyError, ValueError, StopIteration) as error:
            raise RolloutError(f"{self.client.address} lists no model of its own: it is no vLLM server") from error
        if positions < longest:
            raise RolloutError(
                f"{self.client.address} takes {positions} tokens, but max_prompt_tokens and max_response_tokens are "
                f"{longest} together: raise its --max-model-len"
            )
        self.model = name

    def load_policy(self, folder: str) -> None:
        """Makes it read other weights; what it has cached of the ones before is dropped."""
        self._control("/pause?mode=wait&clear_cache=true")
        try:
            self._control("/collective_rpc", {"method": "reload_weights", "kwargs": {"weights_path": folder}})
            self._control("/reset_prefix_cache")
        finally:
            self._control("/resume")

    def send_policy(self, model: Any, dtype: torch.dtype, mark: str) -> None:
        """Sends it other weights from memory, and marks them."""
        if self.transfer is None:
            self.transfer = self._connect(model.device)
        self._control("/pause?mode=wait&clear_cache=true")
        try:
            self.transfer.send(policy_tensors(model), dtype, mark)
            self._control("/reset_prefix_cache")
        except BaseException:
            self.transfer.close()
            self.transfer = None  # another try begins with a new group
            raise
        finally:
            self._control("/resume")

    def forget(self) -> None:
        """Knows nothing of it any more: it may be another process by now."""
        self.model = ""
        if self.transfer is not None:
            self.transfer.close()
            self.transfer = None

    def load_adapter(self, name: str, folder: str) -> None:
        """Makes it read an adapter, in the place of one that has the name already, and asks for that from now on."""
        body = {"lora_name": name, "lora_path": folder, "load_inplace": True}
        self._control("/v1/load_lora_adapter", body)
        self.model = name

    def mark(self, version: str) -> None:
        """Writes down which weights it has; a server that is started anew has forgotten it."""
        self._control("/update_weight_version", {"new_version": version})

    def has(self, version: str) -> bool:
        """Whether it has the weights that were marked so."""
        answer = self.client.request("GET", "/weight_info", seconds=LOOK_SECONDS)
        return isinstance(answer, dict) and answer.get("weight_version") == version

    def has_adapter(self, name: str, folder: str) -> bool:
        """Whether it has this adapter under this name."""
        answer = self.client.request("GET", "/v1/models", seconds=LOOK_SECONDS)
        entries = answer.get("data") if isinstance(answer, dict) else None
        return any(entry.get("id") == name and entry.get("root") == folder for entry in entries or [])

    def ask(self, body: dict[str, Any]) -> Any:
        """Completions."""
        return self.client.request("POST", "/v1/completions", body, seconds=self.seconds)

    def _connect(self, device: torch.device) -> Transfer:
        answer = self.client.request("GET", "/get_world_size", seconds=LOOK_SECONDS)
        try:
            workers, name = int(answer["world_size"]), unique_id()
        except (TypeError, KeyError, ValueError, NcclError) as error:
            raise RolloutError(f"no transfer of weights to {self.client.address}: {error}; {REMEDY}") from error
        return Transfer(self._control, workers, name, lambda it, world: Communicator(it, world, device), self.seconds)

    def _control(self, path: str, body: dict[str, Any] | None = None) -> None:
        try:
            self.client.request("POST", path, body, seconds=self.seconds, plain=True)
        except HttpError as error:
            if "status 404" in str(error):
                raise RolloutError(f"{error}: the server has no such endpoint; {REMEDY}") from error
            raise
