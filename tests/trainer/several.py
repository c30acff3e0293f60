"""Runs of several processes, as a launcher would start them, each forked from a process that has imported all."""

import multiprocessing
import os
import pickle
import socket
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from tests.trainer.killing import Moment, arm
from trainer.loop import train
from trainer.settings import TrainerSettings

SECONDS = 240.0
"""Far more than any of these runs takes."""


class Several:
    """Processes that train together."""

    def __init__(self, work: Callable[..., Any], *arguments: Any, count: int = 2, folder: Path) -> None:
        """Starts them; each calls `work(*arguments)` with its rank in the environment.

        Args:
            work: A function of a module.
            arguments: Its arguments.
            count: Of processes.
            folder: For what becomes of them.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["trainer.loop"])
        port = _free_port()
        self._results = [folder / f"process-{rank}" for rank in range(count)]
        self.processes: Sequence[Any] = [
            context.Process(target=_run, args=(rank, count, port, result, work, arguments))
            for rank, result in enumerate(self._results)
        ]
        for process in self.processes:
            process.start()

    def outcomes(self, seconds: float = SECONDS) -> list[Any]:
        """What each work returned or raised; None for a process that was killed. Waits for all."""
        until = time.monotonic() + seconds
        try:
            for process in self.processes:
                process.join(max(until - time.monotonic(), 0))
            late = [rank for rank, process in enumerate(self.processes) if process.exitcode is None]
            assert not late, f"processes {late} have not ended within {seconds:g} s"
        finally:
            for process in self.processes:
                process.kill()
        return [pickle.loads(path.read_bytes()) if path.exists() else None for path in self._results]


def trained(settings: TrainerSettings, folder: Path, *, count: int = 2, killed: dict[int, Moment] | None = None) -> Any:
    """Trains with several processes, of which some kill themselves at a moment."""
    work = settings.model_dump_json(by_alias=True), killed or {}
    return Several(_train, *work, count=count, folder=folder)


def _train(settings: str, killed: dict[int, Moment]) -> int:
    moment = killed.get(int(os.environ["RANK"]))
    if moment is not None:
        arm(moment)
    return train(TrainerSettings.model_validate_json(settings)).steps


def _run(rank: int, count: int, port: int, result: Path, work: Callable[..., Any], arguments: Any) -> None:
    torch.set_num_threads(1)
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in place.items()}, MASTER_ADDR="127.0.0.1")
    outcome: Any
    try:
        outcome = work(*arguments)
    except Exception as error:  # noqa: BLE001, for the test to look at
        traceback.print_exc()
        outcome = error
    result.write_bytes(pickle.dumps(outcome))
    os._exit(0)  # what a lost process leaves of the group cannot be closed in order


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
