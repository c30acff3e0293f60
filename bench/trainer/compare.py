"""Runs the trainers in turn and puts what they took side by side."""

import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.math.table import seconds, table
from bench.trainer.setting import Setting

TRL = Path(".venv-trl/bin/python")
"""Where `make bench-trainer` installs it."""
LONGEST = 1200.0
"""Seconds that one training may take."""

NOTES = """Both train the same policy on the same questions with the same numbers of questions, responses and tokens,
the same learning rate (so small that the policy stays what it is), one optimizer step a batch, the same clip and no KL
term, each in a new process, in an order that is drawn anew for each repeat. A step's time is that from the end of the
step before, metrics included, without checkpoints and trackers; the first step is not counted, the mean of the others
is given.

- **ours** is `objective.kind: grpo` without a critic; a scorer, a process of its own on the same processors, judges
  over gRPC with the whole of math verification. Responses whose advantages are all 0 (of questions that were all right
  or all wrong) get no forward pass in an update: they have no gradient.
- **TRL** is GRPOTrainer with its transformers generation; its reward is a comparison of texts, the cheapest there is.
- **ours, everything on** is CoDaPO: a focused batch with a second update, so about twice the rollouts a step, and step
  credit of a critic that is a third process on the same processors. *Waiting* is the share of a step that it spends
  waiting for scorer and critic when nothing is left to generate.
- **Memory** is the most that the trainer's process had (VmHWM), without the services; on a GPU, the most that torch
  had allocated there.
- *Update* is forward and backward passes and the optimizer; of TRL, what is left of a step.
- *Right* is the share of right answers, of the first batch of a step: alike, as both have the same policy.
- *tokens/s* are generated tokens over the time of generation. Trainers draw different questions, whose answers differ
  in length: compare the time of a step by the token as well."""

Run = dict[str, float]
EVERYTHING = "ours, everything on"


@dataclass(frozen=True)
class Contestant:
    """One trainer."""

    name: str
    command: Callable[[Setting, Path], list[str]]


def contestants(critic: Path | None) -> list[Contestant]:
    """Who is compared; with everything on only where there is a critic for the policy."""

    def ours(kind: str, *more: str) -> Callable[[Setting, Path], list[str]]:
        module = [sys.executable, "-m", "bench.trainer.ours_main"]
        return lambda setting, folder: [*module, setting.to_json(), kind, str(folder / "run"), *more]

    def trl(setting: Setting, folder: Path) -> list[str]:
        return [str(TRL.absolute()), str(Path(__file__).with_name("trl_main.py")), setting.to_json(), str(folder)]

    found = [Contestant("ours", ours("grpo")), Contestant("TRL", trl)]
    if critic is not None:
        found.append(Contestant(EVERYTHING, ours("everything", str(critic))))
    return found


def measure(one: Contestant, setting: Setting) -> Run:
    """One training.

    Raises:
        RuntimeError: It did not end well.
    """
    with tempfile.TemporaryDirectory(prefix="bench-trainer-") as folder:
        environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "HF_HUB_OFFLINE": "1", "WANDB_DISABLED": "true"}
        done = subprocess.run(
            one.command(setting, Path(folder)), env=environment, capture_output=True, text=True, timeout=LONGEST
        )
    if done.returncode != 0:
        raise RuntimeError(f"{one.name} did not end well:\n{done.stderr[-2000:]}")
    reply = json.loads(done.stdout.splitlines()[-1])
    names = ("total", "generation", "update", "scoring", "critic", "rollouts", "tokens", "right")
    run = {name: statistics.fmean(step.get(name, 0.0) for step in reply["steps"]) for name in names}
    run["rate"] = run["tokens"] / run["generation"]
    run["by_token"] = run["total"] / run["tokens"]
    run["waiting"] = (run["scoring"] + run["critic"]) / run["total"]
    return {**run, "peak": reply["peak_bytes"]}


def run(settings: Sequence[tuple[Setting, Path | None]], repeats: int, command: str) -> str:
    """Measures all and returns the report.

    Raises:
        RuntimeError: A training did not end well.
    """
    order = random.Random(0)
    parts = []
    for setting, critic in settings:
        found: dict[str, list[Run]] = {one.name: [] for one in contestants(critic)}
        for repeat in range(repeats):
            for one in order.sample(contestants(critic), len(found)):
                taken = measure(one, replace(setting, seed=setting.seed + repeat))
                found[one.name].append(taken)
                print(
                    repeat, setting.name, one.name, {key: round(value, 3) for key, value in taken.items()}, flush=True
                )
        parts += [section(setting, found)]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}"
    head = f"Made by `{command}` on {machine}, Python {platform.python_version()}, {repeats} repeats."
    return "\n\n".join(["# Speed of training", head, NOTES, *parts])


def section(setting: Setting, found: dict[str, list[Run]]) -> str:
    """The tables of one setting, with runs by trainer, one for each repeat."""
    batch = f"{setting.questions} questions, {setting.group_size} responses each of at most {setting.tokens} tokens"
    rows = [
        [
            name,
            *(_spread([run[key] for run in runs], seconds) for key in ("total", "generation", "update")),
            _spread([run["rate"] for run in runs], "{:.0f}".format),
            _spread([run["waiting"] for run in runs], "{:.1%}".format),
            _spread([run["rollouts"] for run in runs], "{:.0f}".format),
            _spread([run["tokens"] for run in runs], "{:.0f}".format),
            _spread([run["right"] for run in runs], "{:.2f}".format),
            _spread([run["peak"] / 1e6 for run in runs], "{:.0f} MB".format),
        ]
        for name, runs in found.items()
    ]
    head = [
        "trainer",
        "step",
        "generation",
        "update",
        "tokens/s",
        "waiting",
        "rollouts a step",
        "tokens",
        "right",
        "memory",
    ]
    pairs = list(zip(found["ours"], found["TRL"], strict=True))
    ratios = [
        [name, _spread([ours[key] / trl[key] for ours, trl in pairs], "{:.2f}".format), demand]
        for name, key, demand in (
            ("time of a step", "total", "at most 0.8"),
            ("time of a step by the token", "by_token", ""),
            ("generation", "generation", ""),
            ("update", "update", ""),
            ("tokens per second of generation", "rate", ""),
            ("memory", "peak", ""),
        )
    ]
    return "\n\n".join(
        [
            f"## {setting.name}: {batch}, {setting.threads} threads",
            table(head, rows),
            "Ours over TRL's, in the same repeat:",
            table(["", "ratio", "asked for"], ratios),
            *_waiting(found.get(EVERYTHING)),
        ]
    )


def _waiting(runs: Sequence[Run] | None) -> list[str]:
    if runs is None:
        return []
    shown = _spread([run["waiting"] for run in runs], "{:.1%}".format)
    return [f"Waiting for scorer and critic with everything on: {shown} of a step; asked for: under 5%."]


def _spread(values: Sequence[float], show: Callable[[float], str]) -> str:
    return f"{show(statistics.median(values))} ({show(min(values))} to {show(max(values))})"
