"""Which solutions are kept from training."""

import random
from collections.abc import Sequence

from critic.training.data import LabelledSolution


def hold_out(
    solutions: Sequence[LabelledSolution], share: float, seed: int
) -> tuple[list[LabelledSolution], list[LabelledSolution]]:
    """Splits by prompt, since solutions of one prompt know about each other.

    Args:
        solutions: All.
        share: Of the prompts, in [0, 1). A positive share holds out at least one prompt where there are two.
        seed: Decides which; the same for the same prompts whatever their order.

    Returns:
        Those to train on (at least one prompt's) and those held out, each in the given order.
    """
    prompts = sorted({solution.prompt for solution in solutions})
    count = round(share * len(prompts)) or (1 if share > 0 else 0)
    held = set(random.Random(seed).sample(prompts, min(count, len(prompts) - 1)))
    return [s for s in solutions if s.prompt not in held], [s for s in solutions if s.prompt in held]
