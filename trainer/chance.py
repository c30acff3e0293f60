"""Everything that is drawn by chance, from one seed."""

import hashlib
import random
from typing import Any, cast

import numpy as np
import torch


def derive(seed: int, *parts: str | int) -> int:
    """A seed of its own for each use of chance; draws of one use do not move those of another.

    Returns:
        A number in [0, 2^63).
    """
    text = ":".join(str(part) for part in (seed, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def seed_everything(seed: int) -> None:
    """Seeds the global generators, which only libraries draw from."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def question_order(seed: int, epoch: int, count: int) -> list[int]:
    """The order of the questions in one epoch."""
    generator = torch.Generator().manual_seed(derive(seed, "order", epoch))
    order: list[int] = torch.randperm(count, generator=generator).tolist()
    return order


def take(seed: int, consumed: int, amount: int, count: int) -> list[int]:
    """The next positions of an endless sequence of shuffled epochs.

    Args:
        seed: Of the run.
        consumed: How many were taken before: the whole state, so that a run resumes anywhere.
        amount: How many to take.
        count: Questions of one epoch.
    """
    orders: dict[int, Any] = {}
    taken = []
    for index in range(consumed, consumed + amount):
        epoch, position = divmod(index, count)
        if epoch not in orders:
            orders[epoch] = question_order(seed, epoch, count)
        taken.append(orders[epoch][position])
    return taken


def capture() -> dict[str, Any]:
    """The states of the global generators, as JSON takes them."""
    version, numbers, gauss = random.getstate()
    name, keys, position, has_gauss, cached = cast("tuple[str, Any, int, int, float]", np.random.get_state())
    return {
        "python": [version, list(numbers), gauss],
        "numpy": [name, keys.tolist(), position, has_gauss, cached],
        "torch": bytes(torch.get_rng_state().tolist()).hex(),
        "cuda": [bytes(state.tolist()).hex() for state in torch.cuda.get_rng_state_all()],
    }


def restore(states: dict[str, Any]) -> None:
    """The inverse of `capture`.

    Raises:
        ValueError, KeyError: They are not such states.
    """
    version, numbers, gauss = states["python"]
    random.setstate((version, tuple(numbers), gauss))
    name, keys, position, has_gauss, cached = states["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), position, has_gauss, cached))
    torch.set_rng_state(torch.tensor(list(bytes.fromhex(states["torch"])), dtype=torch.uint8))
    if len(states["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([torch.tensor(list(bytes.fromhex(s)), dtype=torch.uint8) for s in states["cuda"]])
