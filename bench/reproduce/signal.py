"""How well each way to spend rollouts tells where accuracy rises: what a focused batch is worth beside new questions.

    python -m bench.reproduce.signal [--family NAME] [--questions N] [--folder F]

For batches of the policy that trainings begin with: the cosine between the gradient of a batch and that of the mean
correctness over questions of other batches, both in the coordinates of a diagonal preconditioner (each over its root
mean square), which is what Adam follows. The larger, the more is learned of as many updates of equal size. The gradient
of correctness is itself sampled, which makes all cosines smaller by one factor: compare them with each other.
"""

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import torch

from bench.math.table import table
from bench.reproduce.answers import answers
from bench.reproduce.families import FAMILIES
from bench.reproduce.gradients import Answered, of_batches, of_group
from bench.reproduce.variants import GROUP, QUESTIONS, TRAINABLE
from trainer.chance import derive
from trainer.policy import read_policy

GROUPS = 5
"""Of each question: that of a first batch, and four of a focused one, as a quarter of a batch's questions get."""
SEED = 301
"""Of the questions; no training has this one."""


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.reproduce.signal",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--family", default="arithmetic", choices=list(FAMILIES))
    parser.add_argument("--questions", type=int, default=20 * QUESTIONS, help=f"three batches of {QUESTIONS} or more")
    parser.add_argument("--folder", type=Path, default=Path("runs/reproduce"))
    arguments = parser.parse_args()
    if arguments.questions < 3 * QUESTIONS or arguments.questions % QUESTIONS:
        parser.error(f"--questions: {arguments.questions} is not three or more batches of {QUESTIONS}")
    folder = arguments.folder.absolute() / arguments.family
    folder.mkdir(parents=True, exist_ok=True)
    family = FAMILIES[arguments.family]
    policy = family.policy(folder / "policy")
    answered = _answer(policy, family.write_tasks(folder, SEED, arguments.questions), folder)
    informative = statistics.fmean(of[0].value > 0 for of in answered)
    print(f"{arguments.family}: {informative:.0%} of {len(answered)} groups have right and wrong answers\n")
    found = cosines(answered)
    base = statistics.fmean(found["GRPO, two batches"])
    rows = []
    for name, values in found.items():
        mean, error = statistics.fmean(values), statistics.stdev(values) / len(values) ** 0.5
        rows.append([name, str(len(values)), f"{mean:.3f} ± {error:.3f}", f"{mean / base:.2f}"])
    print(table(["gradient of", "batches", "cosine ± standard error", "over GRPO's two batches"], rows))
    return 0


def cosines(answered: Sequence[Answered]) -> dict[str, list[float]]:
    """By way to spend rollouts, one for each batch of `QUESTIONS` questions."""
    batches = [answered[begin : begin + QUESTIONS] for begin in range(0, len(answered), QUESTIONS)]
    scale = torch.stack([of[0].objective for of in answered]).square().mean(0).sqrt().clamp(min=1e-12)
    risen = [torch.stack([one.correctness for of in batch for one in of]).sum(0) for batch in batches]
    total = torch.stack(risen).sum(0)
    found = defaultdict[str, list[float]](list)
    for number, batch in enumerate(batches):
        unseen = total - risen[number] - risen[number - 1]
        for name, gradient in of_batches(batch, batches[number - 1], derive(SEED, number)).items():
            found[name].append(float(torch.cosine_similarity(gradient / scale, unseen / scale, 0)))
    return found


def _answer(policy: Path, tasks: Path, folder: Path) -> list[Answered]:
    model, tokenizer = read_policy(policy)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(TRAINABLE in name)
    groups = answers(
        model,
        tokenizer,
        tasks,
        size=GROUP,
        groups=GROUPS,
        seed=SEED,
        name="signal",
        log=folder / "signal_scorer.log",
        max_unscored_share=0,
    )
    gradients = [of_group(model, group) for group in groups]
    return [gradients[place : place + GROUPS] for place in range(0, len(gradients), GROUPS)]


if __name__ == "__main__":
    sys.exit(main())
