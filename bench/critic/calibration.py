"""Whether a critic trained on Monte-Carlo values beats one trained alike on outcomes, on the demo's tasks."""

import math
import os
import platform
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from bench.critic import labels
from bench.math.table import table
from critic.training import data, picture
from critic.training.data import LabelledSolution
from critic.training.quality import BINS, Bin, Quality, rank_correlation
from critic.training.report import ROWS, TrainReport
from critic.training.settings import TrainSettings
from critic.training.train import train
from trainer.demo.settings import POLICY, SHIPPED

EPOCHS, BATCH, RATE, HEAD_RATE = 4, 16, 3e-4, 3e-3
_STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
"""Student's t that 95% of the distribution lies within, by degrees of freedom."""
_CRITIC, _OUTCOME, _CONSTANT = "critic", "outcome only", "constant mean"
_LESS_IS_BETTER = {"bce", "brier", "calibration_error"}
NOTES = f"""The demo's policy answers questions of all levels of the demo. For each seed {labels.QUESTIONS["train"]}
training questions are drawn, {labels.KEEP} of {labels.SOLUTIONS} solutions of each kept, and every step boundary
completed {labels.COMPLETIONS["train"]} times; a scorer judges the completions. From the policy's weights one critic is
trained on the shares of right completions, another on the outcome of the solution at each of its boundaries, with the
same solutions, order and updates ({EPOCHS} epochs, {BATCH} solutions an update, rate {RATE:g}, head
{HEAD_RATE:g}). Both are measured on the held-out questions of all seeds, {labels.QUESTIONS["held-out"]} a seed, whose
states have {labels.COMPLETIONS["held-out"]} completions each. Rows are means over seeds with 95% intervals (Student's
t), which say how much training questions, sampling and order matter; the held-out states are the same for all seeds.
The gain is the critic's over the outcome-only critic of the same seed, positive where the critic is better."""


def run(folder: Path, seeds: Sequence[int]) -> tuple[str, str]:
    """Labels, trains and measures.

    Args:
        folder: For the data and the critics; labels that an earlier run left there are used.
        seeds: At least two.

    Returns:
        The report in Markdown, and the reliability plot as SVG.
    """
    began = time.monotonic()
    torch.set_num_threads(1)
    made = not all((folder / str(seed) / f"{split}.jsonl").exists() for seed in seeds for split in labels.QUESTIONS)
    files = {seed: labels.make(folder / str(seed), seed) for seed in seeds}
    labelled = time.monotonic() - began
    held_out = folder / "held-out.jsonl"
    held_out.write_text("".join(files[seed]["held-out"].read_text() for seed in seeds))
    reports = []
    for seed in seeds:
        reports.append(train(_settings(files[seed]["train"], held_out, folder / str(seed) / "run", seed)))
        print(f"seed {seed}: trained in {reports[-1].seconds:.0f} s", flush=True)
    labelling = f"{labelled:.0f} s of labelling" if made else "labels of an earlier run"
    spent = f"{labelling}, {time.monotonic() - began - labelled:.0f} s of training"
    return _text(seeds, reports, spent, known_questions(data.read(held_out))), picture.draw(
        "Held-out states, all seeds", _curves(reports)
    )


def _settings(file: Path, held_out: Path, output: Path, seed: int) -> TrainSettings:
    return TrainSettings(
        data=file,
        held_out_data=held_out,
        base=SHIPPED / POLICY,
        output=output,
        epochs=EPOCHS,
        batch_solutions=BATCH,
        learning_rate=RATE,
        head_learning_rate=HEAD_RATE,
        baselines=True,
        seed=seed,
        device="cpu",
    )


def _text(seeds: Sequence[int], reports: Sequence[TrainReport], spent: str, ceiling: float) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    states = {name: quality.states for name, quality in reports[0].columns.items()}[_CRITIC]
    rows = []
    for field, text in ROWS.items():
        values = {name: [_number(r.columns[name], field) for r in reports] for name in (_CRITIC, _OUTCOME, _CONSTANT)}
        sign = -1 if field in _LESS_IS_BETTER else 1
        gains = [sign * (ours - other) for ours, other in zip(values[_CRITIC], values[_OUTCOME], strict=True)]
        rows.append([text, *(interval(found) for found in values.values()), interval(gains, signed=True)])
    single = [
        [seed, name, *(f"{_number(report.columns[name], field):.3f}" for field in ROWS)]
        for seed, report in zip(seeds, reports, strict=True)
        for name in (_CRITIC, _OUTCOME)
    ]
    command = f"python -m bench.critic calibration --seeds {' '.join(map(str, seeds))}"
    return (
        f"# Monte-Carlo values against outcomes\n\nMade by `{command}` on {machine}; {spent}. "
        f"{states} held-out states.\n\n{NOTES}\n\n{table(['', _CRITIC, _OUTCOME, _CONSTANT, 'gain'], rows)}\n"
        f"Values that knew each question's Monte-Carlo value, and nothing of the answer, would have a rank correlation "
        f"of {ceiling:.3f}.\n\n![Reliability](critic_calibration.svg)\n\nSeed by seed:\n\n"
        f"{table(['seed', '', *ROWS.values()], single)}"
    )


def known_questions(solutions: Sequence[LabelledSolution]) -> float:
    """Rank correlation of the questions' Monte-Carlo values with those of their states: what knowing them gives."""
    pairs = [
        (solution.values[0], value)
        for solution in solutions
        for value in solution.values[:-1]
        if value is not None and solution.values[0] is not None
    ]
    return rank_correlation([known for known, _ in pairs], [value for _, value in pairs]) or 0.0


def _number(quality: Quality, field: str) -> float:
    value = getattr(quality, field)
    return math.nan if value is None else float(value)


def interval(values: Sequence[float], *, signed: bool = False) -> str:
    """The mean with its 95% interval."""
    mean = statistics.fmean(values)
    if math.isnan(mean):
        return "-"
    half = _STUDENT[len(values) - 1] * statistics.stdev(values) / math.sqrt(len(values))
    form = "+.3f" if signed else ".3f"
    return f"{mean:{form}} [{mean - half:{form}}, {mean + half:{form}}]"


def _curves(reports: Sequence[TrainReport]) -> dict[str, tuple[Bin, ...]]:
    return {name: pooled([report.columns[name].bins for report in reports]) for name in (_CRITIC, _OUTCOME)}


def pooled(found: Sequence[tuple[Bin, ...]]) -> tuple[Bin, ...]:
    """The bins of all critics' states together."""
    result = []
    for number in range(BINS):
        same = [place for bins in found for place in bins if round(place.low * BINS) == number]
        states = sum(place.states for place in same)
        if states:
            value = sum(place.states * place.value for place in same) / states
            target = sum(place.states * place.target for place in same) / states
            result.append(Bin(same[0].low, same[0].high, states, value, target))
    return tuple(result)
