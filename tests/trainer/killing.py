"""Runs that are killed: each in a process of its own, forked from one that has imported everything."""

import multiprocessing
import os
import pkgutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch

from trainer.loop import train
from trainer.settings import TrainerSettings

SECONDS = 240
"""Far more than any of these runs takes."""


@dataclass(frozen=True)
class Moment:
    """When the process kills itself: at a call of a function of its own."""

    target: str
    """The function, as module.name or module:Class.name."""
    count: int
    """Which of its calls."""
    when: Literal["before", "after"] = "before"


def start(settings: TrainerSettings, moment: Moment | None = None) -> Any:
    """A process that trains, and kills itself as by kill -9 when the moment comes, if one is given."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["trainer.loop"])
    process = context.Process(target=_train, args=(settings.model_dump_json(by_alias=True), moment))
    process.start()
    return process


def status(process: Any) -> int:
    """Waits for the end of the process; minus the signal's number if a signal ended it."""
    process.join(SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError(f"the run has not ended within {SECONDS} s")
    found: int = process.exitcode
    process.close()
    return found


def _train(settings: str, moment: Moment | None) -> None:
    torch.set_num_threads(1)
    if moment is not None:
        arm(moment)
    train(TrainerSettings.model_validate_json(settings))


def arm(moment: Moment) -> None:
    """Lets this process kill itself when the moment comes."""
    owner_name, _, name = moment.target.rpartition(".")
    owner = pkgutil.resolve_name(owner_name)
    original: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def armed(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == moment.count and moment.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **options)
        if calls == moment.count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, armed)
