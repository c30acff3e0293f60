"""Whether a critic trained on Monte-Carlo values beats one trained on outcomes, on the demo's tasks."""

import os
import platform
import resource
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bench.critic import contest, slips, standing
from bench.critic.contest import (
    CONTESTANTS,
    MONTE_CARLO_FEW,
    MONTE_CARLO_MANY,
    OUTCOME_FEW,
    OUTCOME_MANY,
    HeldOut,
)
from bench.critic.labels import (
    COMPLETIONS,
    FEW,
    HELD_OUT_COMPLETIONS,
    HELD_OUT_QUESTIONS,
    KEEP,
    MANY,
    SOLUTIONS,
    Labels,
)
from bench.critic.standing import Values
from critic.training import picture
from critic.training.quality import calibration_bins
from trainer.demo.settings import BASE, CRITIC, SHIPPED

_SHIPPED = "the critic that the demo ships"
NOTES = f"""The demo's policy answers questions of all levels of the demo. For each seed {SOLUTIONS} solutions of each
training question are sampled, {KEEP} of them kept, half right and half wrong where there are enough, and every step
boundary completed {COMPLETIONS} times; a scorer judges the completions. {FEW} questions are as many as the demo labels
before its training, {MANY} as many as it labels for the critic that it ships. Contestants, all from the base that
ships with the demo, which was taught on worked solutions to say whether all lines are right so far
(trainer/demo/base.py), its logits first fitted to the labels, {contest.EPOCHS} epochs, {contest.BATCH} solutions an
update, rate {contest.RATE:g}, head {contest.HEAD_RATE:g}:

- *Monte Carlo*: each boundary's target is its share of right completions.
- *outcome only, N questions*: the same solutions, order and updates, each boundary with its solution's outcome. It
  takes no completions, so that most of the sampling that its rival had is not spent on it.
- *outcome only, the tokens of {FEW} questions*: the outcomes of all different solutions ({SOLUTIONS} a question) to
  further questions, until as many tokens were sampled as the Monte-Carlo labels of {FEW} questions took; one epoch.

The critic that the demo ships began with this base, too, and learned from Monte-Carlo values of 8 completions, of
{MANY} questions.

All are measured on the same {HELD_OUT_QUESTIONS} held-out questions, none of which any critic was trained on, whose
states have {HELD_OUT_COMPLETIONS} completions each. Numbers are means over seeds. Gains are those of the Monte-Carlo
critic, positive where it is better, with 95% intervals of a paired bootstrap over held-out questions."""


def run(folder: Path, seeds: Sequence[int]) -> tuple[str, str]:
    """Labels, trains and measures; what an earlier run left in the folder is used.

    Args:
        folder: For the data and the critics.
        seeds: Of training questions, sampling and order.

    Returns:
        The report in Markdown, and the reliability plot as SVG.
    """
    torch.set_num_threads(1)
    began, labels = time.monotonic(), Labels(folder)
    made = labels.make(seeds)
    held_out = HeldOut(labels.held_out())
    states = held_out.states
    whole = {
        contestant: [contest.values(contestant, labels, held_out, seed) for seed in seeds] for contestant in CONTESTANTS
    }
    found: Values = {contestant: [held_out.pick(rows) for rows in critics] for contestant, critics in whole.items()}
    by_name = {contestant.name: critics for contestant, critics in whole.items()}
    by_name["the base that all began with"] = [contest.values_of_checkpoint(SHIPPED / BASE, held_out.solutions)]
    by_name[_SHIPPED] = [contest.values_of_checkpoint(SHIPPED / CRITIC, held_out.solutions)]
    machine = f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    seconds, used = time.monotonic() - began, _processor_seconds()
    spent = f"{seconds:.0f} s, {used:.0f} s of processor time of this process" if made else "labels of an earlier run"
    text = "\n\n".join([
        "# Monte-Carlo values against outcomes",
        f"Made by `python -m bench.critic calibration --seeds {' '.join(map(str, seeds))}` on {machine}; {spent}. "
        f"{len(states.targets)} held-out states of "
        f"{states.count} questions.",
        NOTES,
        standing.means({name: [held_out.pick(rows) for rows in critics] for name, critics in by_name.items()}, states),
        standing.limits(states),
        "## Gains\n\n" + standing.gains(found, states),
        "## Seeds\n\n" + standing.singles(found, states, seeds) + "\n" + standing.tokens(labels, seeds),
        "## Where answers go wrong\n\n" + slips.report(held_out.solutions, by_name),
        "![Reliability](critic_calibration.svg)\n",
    ])  # fmt: skip
    curves = {
        contestant.name: calibration_bins(
            np.concatenate(found[contestant]).tolist(), np.tile(states.targets, len(seeds)).tolist()
        )
        for contestant in (MONTE_CARLO_FEW, OUTCOME_FEW, MONTE_CARLO_MANY, OUTCOME_MANY)
    }
    return text, picture.draw("Held-out states, all seeds", curves)


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
