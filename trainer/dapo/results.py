"""What came out of each iteration, read from its files."""

import json
from typing import Any

from codaserve.files import write_atomically
from critic.training.output import REPORT
from trainer.dapo.loop_settings import DapoLoopSettings
from trainer.dapo.stages import Iteration

RESULTS = "results.json"


def write_results(settings: DapoLoopSettings, number: int, made: int) -> list[str]:
    """Writes results.json, with an entry for each of the iterations that are made, and gives one's for people.

    Raises:
        OSError: A file cannot be read or written.
    """
    entries = [_entry(Iteration(settings, number)) for number in range(1, made + 1)]
    write_atomically(settings.output / RESULTS, json.dumps(entries, indent=2) + "\n")
    return _lines(entries[number - 1])


def _entry(iteration: Iteration) -> dict[str, Any]:
    report = json.loads((iteration.critic / REPORT).read_text(encoding="utf-8"))
    of_kind: dict[str, list[dict[str, Any]]] = {"triples": [], "pairs": [], "evaluation": []}
    for line in (iteration.actor / "metrics.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        of_kind[record["kind"]].append(record)
    return {
        "iteration": iteration.number,
        "policy": str((iteration.actor / "model").relative_to(iteration.folder.parent)),
        "critic": {"identity": report["identity"], "held_out": report["held_out"], "constant": report["constant"]},
        "triples": {key: value for key, value in of_kind["triples"][-1].items() if key not in ("kind", "step")},
        "steps": len(of_kind["pairs"]),
        "loss_first": of_kind["pairs"][0]["loss"],
        "loss_last": of_kind["pairs"][-1]["loss"],
        "evaluations": [
            {key: record[key] for key in ("step", "moment", "samples", "questions", "mean_at_k", "levels")}
            for record in of_kind["evaluation"]
        ],
    }


def _lines(entry: dict[str, Any]) -> list[str]:
    name = f"iteration {entry['iteration']}"
    critic = entry["critic"]["held_out"]
    lines = []
    if critic is not None:
        constant = entry["critic"]["constant"]["bce"]
        lines.append(
            f"{name}: the critic's cross-entropy on held-out states {critic['bce']:.3f}, constant {constant:.3f}"
        )
    lines.append(
        f"{name}: {entry['triples']['pairs']} pairs, {entry['steps']} steps, loss {entry['loss_first']:.4g} to "
        f"{entry['loss_last']:.4g}"
    )
    for evaluation in entry["evaluations"]:
        mean = evaluation["mean_at_k"]
        lines.append(
            f"{name}: {evaluation['moment']} training mean@{evaluation['samples']} {mean['value']:.3f} "
            f"[{mean['low']:.3f}, {mean['high']:.3f}]"
        )
    return lines
