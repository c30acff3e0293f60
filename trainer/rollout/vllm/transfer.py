"""Weights sent to a server from memory to memory, by vLLM's weight-transfer endpoints (its backend nccl).

The sender's side of that is part of the vllm package, which the trainer's environment does not have. Its protocol is
small for senders without: join a group by a name that is sent along, announce the tensors, send them one by one.
"""

import base64
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import torch
from torch import Tensor

from trainer.errors import RolloutError
from trainer.rollout.vllm.http import HttpError

Post = Callable[[str, Any], Any]
"""Asks the server, with the deadline of a synchronisation; raises `HttpError`."""


class Group(Protocol):
    """Whom tensors are sent to, as nccl.Communicator."""

    def broadcast(self, tensor: Tensor) -> None:
        """Sends a tensor."""
        ...

    def wait(self, seconds: float) -> None:
        """Returns when everything has arrived."""
        ...

    def close(self) -> None:
        """Leaves, at once."""
        ...


class Transfer:
    """The connection to one server."""

    def __init__(
        self, post: Post, workers: int, name: bytes, join: Callable[[bytes, int], Group], seconds: float
    ) -> None:
        """Joins a group with the server's processes.

        Args:
            post: Asks the server.
            workers: Its processes.
            name: Of a new group.
            join: Joins it by its name and its number of members.
            seconds: That joining and each sending may take.

        Raises:
            RolloutError: They did not all join.
            HttpError: The server is away.
        """
        self._post = post
        self._seconds = seconds
        members = workers + 1
        told = {
            "nccl_unique_id_b64": base64.b64encode(name).decode(),
            "rank_offset": 1,
            "world_size": members,
            "packed": False,
        }
        # Each side waits in its call until the other has made its own; ours has no deadline, and cannot be ended.
        joined: queue.SimpleQueue[Group | Exception] = queue.SimpleQueue()

        def enter() -> None:
            try:
                joined.put(join(name, members))
            except Exception as error:  # noqa: BLE001, told by the thread that waits
                joined.put(error)

        threading.Thread(target=enter, name="transfer", daemon=True).start()
        post("/init_weight_transfer_engine", {"init_info": told})
        try:
            group = joined.get(timeout=seconds)
        except queue.Empty:
            group = TimeoutError(f"not joined within {seconds:g} s")
        if isinstance(group, Exception):
            raise RolloutError(f"no group with the server for its weights: {group}") from group
        self._group = group

    def send(self, tensors: Iterable[tuple[str, Tensor]], dtype: torch.dtype, mark: str) -> None:
        """Replaces the server's weights; nothing may be generated meanwhile.

        Args:
            tensors: The policy's, by their names in a checkpoint, the same at every look.
            dtype: What they are sent in.
            mark: What the server shall call these weights.

        Raises:
            RolloutError: They did not arrive; the connection is closed.
            HttpError: The server is away; likewise.
        """
        kept = list(tensors)
        told = {
            "names": [name for name, _ in kept],
            "dtype_names": [str(dtype).removeprefix("torch.")] * len(kept),
            "shapes": [list(tensor.shape) for _, tensor in kept],
        }
        self._post("/start_weight_update", None)
        with ThreadPoolExecutor(1, "transfer") as thread:
            asked: Future[Any] = thread.submit(self._post, "/update_weights", {"update_info": told})
            try:
                for _, tensor in kept:
                    if asked.done():
                        asked.result()  # it refused, and receives nothing
                    self._group.broadcast(tensor.detach().to(dtype).contiguous())
                self._group.wait(self._seconds)
                asked.result()
            except HttpError:
                self.close()
                raise
            except Exception as error:
                self.close()
                raise RolloutError(f"the server did not get the weights: {error}") from error
        self._post("/finish_weight_update", {"weight_version": mark})

    def close(self) -> None:
        """Leaves the group; the server's processes that still wait in it fail."""
        self._group.close()


def policy_tensors(model: Any) -> Iterator[tuple[str, Tensor]]:
    """All parameters, tied ones under each of their names: see `write_policy` for why."""
    yield from model.named_parameters(remove_duplicate=False)
