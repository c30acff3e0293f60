"""The critic's loss."""

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def soft_target_bce(logits: Tensor, targets: Tensor) -> Tensor:
    """Sum of -(MC log V + (1 - MC) log(1 - V)), V = sigmoid(logit) (arXiv 2412.18279, section 3.2).

    A sum and not a mean, so that the caller can divide by the boundaries of the whole update: the mean of micro-batch
    means would weigh a boundary by the company it happens to have.

    Args:
        logits: (N,) of float32.
        targets: Monte-Carlo values MC in [0, 1], (N,) of float32; NaN where a boundary has no label, which adds 0.

    Returns:
        A scalar, in nats.
    """
    labelled = ~targets.isnan()
    return binary_cross_entropy_with_logits(logits[labelled], targets[labelled], reduction="sum")
