"""Collect, critic, actor, and again: what is done when, and what is done already."""

import fcntl
import gc
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate.state import AcceleratorState
from rich.console import Console

from codaserve import CriticClient, RetryPolicy, ServiceError
from codaserve.files import write_atomically
from codaserve.settings import ConfigurationError
from critic.training.main import train_shown
from critic.training.output import CHECKPOINT, REPORT
from trainer.collect.main import collect_shown
from trainer.dapo.build import is_complete
from trainer.dapo.console import OfflineConsole
from trainer.dapo.loop_settings import DapoLoopSettings
from trainer.dapo.results import write_results
from trainer.dapo.settings import PairSettings
from trainer.dapo.source import open_source
from trainer.dapo.stages import Iteration
from trainer.dapo.train import FOLDER, train
from trainer.errors import CriticAwayError

SETTINGS, FINISHED = "settings.json", "finished.json"
"""Files of the folder: what it was begun with, and which stages are done."""
FREE: dict[str, Any] = {
    **dict.fromkeys(("output", "iterations", "scorer", "critic_service", "checkpoint", "tracking"), True),
    "micro_batch_tokens": True,
    "answers": {"vllm"},
}
"""Settings that may differ when the command goes on: they change where, how fast and how long, not what is computed."""
FIRST_USED = {
    **dict.fromkeys(("model", "tasks", "seed", "answers", "collect"), "data"),
    "critic": "critic",
    **dict.fromkeys(("pairs", "optimizer", "evaluate"), "actor"),
}
"""Settings that may differ until an iteration has the folder of the stage that needs them."""

OWN_KEYS = {
    **{f"policy.{name}": f"model.{name}" for name in ("path", "device")},
    "policy.": "answers.",
    "base:": "critic.base:",
    **{f"dapo.{name}:": f"pairs.{name}:" for name in PairSettings.model_fields},
}
"""What the stages call settings of this command, the first that fits."""


def iterate(settings: DapoLoopSettings, console: Console) -> Path:
    """Makes all stages of all iterations that are not done yet.

    Returns:
        The folder of the last policy.

    Raises:
        ConfigurationError: Settings, questions, models or folder cannot be used.
        EmbeddedServiceError: A scorer or critic of the command's own did not start.
        RunStoppedError: A service is away, or too few answers got a verdict.
        critic.training.errors.TrainingError, DivergedError: The critic's or the policy's training diverged.
        OSError: The folder cannot be written.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigurationError(
            "codaserve dapo runs in one process, and this was launched with several; its last stage does not: run "
            "codaserve critic collect and codaserve critic train, and launch codaserve train with objective.kind dapo"
        )
    with _claimed(settings) as finished:
        for number in range(1, settings.iterations + 1):
            iteration = Iteration(settings, number)
            stages: dict[str, Callable[[], None]] = {
                "collect": partial(_collect, iteration),
                "critic": partial(_critic, iteration, console),
                "actor": partial(_actor, iteration, console),
            }
            for name, make in stages.items():
                stage = f"iteration {number}/{settings.iterations}, {name}"
                if [number, name] in finished:
                    console.print(f"{stage}: done before", highlight=False)
                    continue
                console.print(f"{stage}: begun", highlight=False)
                begin = time.monotonic()
                try:
                    make()
                except ConfigurationError as error:
                    raise ConfigurationError(own_keys(str(error))) from error
                _free_memory()
                finished.append([number, name])
                write_atomically(settings.output / FINISHED, json.dumps(finished) + "\n")
                console.print(f"{stage}: done in {time.monotonic() - begin:.0f} s", highlight=False)
            made = max(done for done, name in finished if name == "actor")
            for line in write_results(settings, number, made):
                console.print(line, highlight=False)
    return Iteration(settings, settings.iterations).actor / "model"


def own_keys(message: str) -> str:
    """What a stage says of a setting, with the key that it has here."""
    theirs = next((key for key in OWN_KEYS if message.startswith(key)), "")
    return OWN_KEYS.get(theirs, "") + message.removeprefix(theirs)


def _collect(iteration: Iteration) -> None:
    iteration.folder.mkdir(exist_ok=True)
    collect_shown(iteration.collect_settings())


def _critic(iteration: Iteration, console: Console) -> None:
    if not (iteration.critic / REPORT).exists():  # else the kill came between its end and our note of it
        train_shown(iteration.critic_settings(), console)


def _actor(iteration: Iteration, console: Console) -> None:
    settings = iteration.actor_settings()
    if settings.critic.addresses and not is_complete(open_source(iteration.data), iteration.actor / FOLDER):
        _reload(iteration)
    # The critic's training may have left accelerate in another precision.
    AcceleratorState._reset_state()
    with OfflineConsole(console) as shown:
        train(settings, observers=[shown], evaluate_before=iteration.before is None)


def _reload(iteration: Iteration) -> None:
    """Has running critics load the new checkpoint."""
    service = iteration.settings.critic_service
    path = (iteration.critic / CHECKPOINT).resolve()
    identity = json.loads((iteration.critic / REPORT).read_text(encoding="utf-8"))["identity"]
    retry = RetryPolicy(max_outage=service.max_outage)
    access = service.access.client()
    with CriticClient(service.addresses, timeout=service.timeout, retry=retry, access=access) as client:
        try:
            loaded = client.reload(str(path))
        except ServiceError as error:
            raise CriticAwayError(f"a critic could not load {path}: {error}") from error
    for address, answer in zip(service.addresses, loaded, strict=True):
        if answer.checkpoint != identity:
            raise ConfigurationError(
                f"critic_service.addresses: {address} loaded checkpoint {answer.checkpoint} from {path}, which has "
                f"{identity} here: it has to see the same folder"
            )


def _free_memory() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@contextmanager
def _claimed(settings: DapoLoopSettings) -> Iterator[list[list[Any]]]:
    """Holds the folder, and gives the stages that are done.

    Raises:
        ConfigurationError: It is something else's, in use, cannot be written, or was begun with other settings.
    """
    folder = settings.output
    made_with = json.loads(settings.model_dump_json(exclude=FREE))
    record = folder / SETTINGS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not record.exists() and any(path.name != ".lock" for path in folder.iterdir()):
            raise ConfigurationError(f"output: {folder} is not empty and not of codaserve dapo; choose another")
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise ConfigurationError(f"output: {folder} cannot be used: {error}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"output: {folder} is in use by another process") from None
        before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else made_with
        changed = sorted(key for key in before.keys() | made_with.keys() if before.get(key) != made_with.get(key))
        fixed = [key for key in changed if key not in FIRST_USED or any(folder.glob(f"iteration-*/{FIRST_USED[key]}"))]
        if fixed:
            raise ConfigurationError(
                f"output: {folder} was begun with another {', '.join(fixed)}; choose another folder, or go on as it "
                "was begun"
            )
        write_atomically(record, json.dumps(made_with, indent=2) + "\n")
        done = folder / FINISHED
        yield json.loads(done.read_text(encoding="utf-8")) if done.exists() else []
