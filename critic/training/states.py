"""Saved states of a training run, from which it goes on after a kill: complete or absent.

A state is a folder that is written beside its place, synced and renamed, so that a kill at any moment leaves the states
before it as they were. It has what is trained (`weights.safetensors`), the optimizer (`optimizer.pt`), each process's
random state (`random-K.pt`) and `state.json`. The learning rate and the place in the data follow from the number of
updates done, and nothing but torch is asked for chance while updates are made.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch.optim import Optimizer

from codaserve.files import sync
from critic.model import ValueModel
from critic.training.errors import OutputError

FOLDER = "states"
_KEEP = 2
_TEMPORARY = ".writing-"


@dataclass(frozen=True)
class States:
    """The states of one stage of a run.

    Attributes:
        folder: Of all states.
        stage: Whose these are: a run may train more than one critic, one after the other.
        run: What the run is, plain JSON. A state of another run is refused.
        every: Updates between states; 0 for none.
        resume: Whether to go on from a state.
    """

    folder: Path
    stage: str
    run: dict[str, Any]
    every: int
    resume: bool

    def restore(self, model: ValueModel, optimizer: Optimizer, accelerator: Accelerator) -> int:
        """Puts the newest state back and returns how many updates were done; 0 where there is none.

        Raises:
            OutputError: The state is damaged or of another run; the text says what differs.
        """
        found = self._complete() if self.resume else []
        if not found:
            return 0
        newest = found[-1]
        try:
            content = json.loads((newest / "state.json").read_text(encoding="utf-8"))
            _refuse_other(newest, content["run"], self.run)
            _put_back(model, load_file(newest / "weights.safetensors"))
            optimizer.load_state_dict(torch.load(newest / "optimizer.pt", map_location="cpu", weights_only=True))
            _restore_chance(newest / f"random-{accelerator.process_index}.pt")
            return int(content["updates"])
        except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, TypeError, EOFError) as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(f"{newest}: the state is damaged: {error}; remove it to use the one before") from error

    def after(self, updates: int, model: ValueModel, optimizer: Optimizer, accelerator: Accelerator) -> None:
        """Saves a state if one is due after so many updates, and removes the oldest. Called by every process.

        Raises:
            OutputError: It cannot be written; those before it are as they were.
        """
        if self.every and updates % self.every == 0:
            self.save(updates, model, optimizer, accelerator)

    def save(self, updates: int, model: ValueModel, optimizer: Optimizer, accelerator: Accelerator) -> None:
        """Saves a state. Called by every process.

        Raises:
            OutputError: As `after`.
        """
        target = self.folder / f"{self.stage}-{updates:08d}"
        temporary = self.folder / f"{_TEMPORARY}{target.name}"
        try:
            if accelerator.is_main_process:
                shutil.rmtree(temporary, ignore_errors=True)
                temporary.mkdir(parents=True)
            accelerator.wait_for_everyone()
            _save_chance(temporary / f"random-{accelerator.process_index}.pt", accelerator)
            accelerator.wait_for_everyone()
            if accelerator.is_main_process and not target.exists():
                save_file(_trained(model), temporary / "weights.safetensors")
                torch.save(optimizer.state_dict(), temporary / "optimizer.pt")
                content = {"updates": updates, "run": self.run}
                (temporary / "state.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
                for path in [*temporary.iterdir(), temporary]:
                    sync(path)
                temporary.rename(target)
                sync(self.folder)
                for old in self._complete()[:-_KEEP]:
                    shutil.rmtree(old)
        except (OSError, SafetensorError, RuntimeError) as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise OutputError(f"{target}: cannot be written: {error}") from error

    def _complete(self) -> Sequence[Path]:
        return sorted(self.folder.glob(f"{self.stage}-????????"))


def remove(folder: Path) -> None:
    """Removes all states."""
    shutil.rmtree(folder, ignore_errors=True)


def _trained(model: ValueModel) -> dict[str, torch.Tensor]:
    return {
        name: parameter.detach().cpu().contiguous()
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }


def _put_back(model: ValueModel, tensors: dict[str, torch.Tensor]) -> None:
    parameters = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    if parameters.keys() != tensors.keys():
        raise ValueError("has other weights than the model")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[name])


def _save_chance(path: Path, accelerator: Accelerator) -> None:
    states = {"cpu": torch.get_rng_state()}
    if accelerator.device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(accelerator.device)
    torch.save(states, path)


def _restore_chance(path: Path) -> None:
    if path.exists():  # a run may go on with more processes
        states = torch.load(path, map_location="cpu", weights_only=True)
        torch.set_rng_state(states["cpu"])
        if "cuda" in states and torch.cuda.is_available():
            torch.cuda.set_rng_state(states["cuda"])


def _refuse_other(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    changed = [
        f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key)
    ]
    if changed:
        raise OutputError(f"{folder}: is of another run: {'; '.join(changed)}; set what it was, or leave out --resume")
